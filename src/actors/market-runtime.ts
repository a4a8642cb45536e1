/**
 * The market runtime: everything that HTTP, WebSockets and the command line share, in one object. It owns the actor tree
 * (markets of the exchange, series) and answers for the write path, subscriptions and jobs. Design: §3, §4.
 */
import type { WallClock } from "../clock/clock.js";
import type { Candle } from "../market/candle.js";
import { fedBy } from "../market/derived-timeframes.js";
import { parseSeriesId, type SeriesId } from "../market/series-id.js";
import type { Metrics } from "../observability/metrics.js";
import type { BreakerBoard } from "./breaker/breaker-board.js";
import { fixedPause, type RetryPolicy } from "./breaker/retry-policy.js";
import { type ClockMoved, ClockWatch } from "./clock-watch.js";
import type { DerivedLinks } from "./derive/fan-out.js";
import { firstBuckets } from "./derive/first-buckets.js";
import { type Duty, every } from "./duty.js";
import type { ExchangePort } from "./feed/exchange-port.js";
import type { FeedHistory } from "./feed/feed-history.js";
import { FeedStates, type FeedStatesView } from "./feed/feed-states.js";
import { GapBackfill, type GapBackfillOptions } from "./feed/gap-backfill.js";
import { type IngestStateView, ingestStateView, type JobSettings, jobsEnabled } from "./feed/ingest-state.js";
import type { FeedJob } from "./feed/job.js";
import { JobBoard } from "./feed/job-board.js";
import { EXCHANGE, feedObstacle } from "./feed/obstacle.js";
import { Reconciliation } from "./feed/reconciliation.js";
import { marketVerifiers } from "./feed/verifiers.js";
import type { RunPolicies, RunPolicy } from "./ingest/policy.js";
import type { RunResult } from "./ingest/run-result.js";
import type { Gap } from "./publisher/delivery.js";
import { StoredCandles } from "./publisher/stored-candles.js";
import type { SubscribeRequest } from "./publisher/subscribe-request.js";
import { Subscription } from "./publisher/subscription.js";
import { ROOT_NAME, SERIES_NAME, tellMove } from "./runtime/child-moved.js";
import { type Lifecycle, type LifecycleEvent, lived, UNBORN } from "./runtime/lifecycle.machine.js";
import type { Supervised } from "./runtime/supervised.js";
import { type ChildView, type LifecycleChanged, Supervisor } from "./runtime/supervisor.js";
import type { TreeNode, TreeScope } from "./runtime/tree-view.js";
import { MAX_TREES, SeriesRegistry } from "./series/registry.js";
import type { TreeParts } from "./series/tree-parts.js";

export interface MarketRuntimeOptions extends Omit<TreeParts, "exchangeFor" | "derived"> {
  /** Markets of the exchange by name. */
  readonly markets: Readonly<Record<string, ExchangePort & Supervised>>;
  readonly metrics: Metrics;
  /** Breakers with backoff, instead of a fixed pause. */
  readonly guardrail: boolean;
  readonly breakers: BreakerBoard;
  readonly jobs: JobSettings;
  /** Timeframes that are derived of another; absent when none are. */
  readonly derived?: Pick<DerivedLinks, "timeframes" | "firstCandles"> | undefined;
  /** Candles of one page of a catch-up. */
  readonly catchUpLimit: number;
  /** Fetch what a subscriber would be told is missing; undefined: only tell it. */
  readonly gapBackfill: Pick<GapBackfillOptions, "readLimit" | "timeoutMs" | "metrics"> | undefined;
}

/** A market that keeps failing is left alone for this long, in milliseconds. */
const MARKET_SUSPENSION_MS = 30_000;
const INTENSITY = { restarts: 5, withinMs: 60_000 };

/** How often jobs and idle trees are looked after, in milliseconds. */
const REAP_INTERVAL_MS = 1_000;

/** How often the states of all series are looked at, for the log and the metrics, in milliseconds. */
const OBSERVE_INTERVAL_MS = 10_000;

export class MarketRuntime {
  readonly #options: MarketRuntimeOptions;
  readonly #root: Supervisor;
  /** Of the root itself, which has no supervisor, and nothing that could crash it: each child is suspended instead. */
  #life: Lifecycle = UNBORN;
  #sinceMs: number;
  readonly #registry: SeriesRegistry;
  readonly #jobs: JobBoard;
  readonly #gapBackfill: GapBackfill | undefined;
  readonly #feedStates: FeedStates;
  readonly #duties: readonly Duty[];
  /** How derived candles agree with the exchange's own. */
  readonly reconciliation: Reconciliation;

  constructor(options: MarketRuntimeOptions) {
    this.#options = options;
    const { clock, log, jobs } = options;
    this.#sinceMs = clock.now();
    const exchangeFor = (id: SeriesId): ExchangePort | undefined => this.exchangeFor(id);
    const parts: TreeParts = { ...options, exchangeFor, derived: this.#derivedLinks() };
    const onIngestCrash = (series: string, error: string): void => this.#jobs.crashed(series, error);
    // Derived trees live as long as the job of their base.
    const isNeeded = ({ text }: SeriesId): boolean => this.#jobs.hasJob(this.fedBy(text));
    this.#registry = new SeriesRegistry({ clock, log, parts, onIngestCrash, isNeeded });
    this.#jobs = new JobBoard({
      clock,
      log,
      ports: {
        obstacle: (series) => this.#obstacle(series),
        start: (job) => void this.#startFeed(job),
        stop: (series) => this.#jobEnded(series),
        isUp: (series) => this.#registry.isUp(series),
        revive: (series) => void this.#registry.resume(series),
        retryPolicy: (series) => this.#retryPolicy(series),
      },
      maxJobs: jobs.maxJobs,
      idleTtlMs: jobs.idleTtlMs,
      pinnedHistoryCandles: jobs.pinnedHistoryCandles,
      disabled: !jobsEnabled(jobs),
    });
    const fill = async (id: SeriesId, candles: readonly Candle[]): Promise<void> => {
      await this.ingest(id, candles, options.policies.backfill);
    };
    this.#gapBackfill =
      options.gapBackfill && new GapBackfill({ ...options, ...options.gapBackfill, exchangeFor, fill });
    const followed = (): readonly string[] => this.#jobs.followed();
    this.reconciliation = new Reconciliation({ ...options, timeframes: options.derived?.timeframes, followed });
    const verifiers = marketVerifiers(EXCHANGE, options.markets, {
      ...options,
      followed,
      verify: async (series, candles) => this.#registry.find(series)?.verify(candles),
    });
    this.#feedStates = new FeedStates({
      ...options,
      followed: () => this.followed(),
      factsOf: (series) => this.#registry.find(series)?.feedFacts,
    });
    const reap = (): void => {
      this.#jobs.reap();
      void this.#registry.reap();
    };
    this.#duties = [
      ...verifiers,
      this.reconciliation,
      every(clock, REAP_INTERVAL_MS, reap),
      every(clock, OBSERVE_INTERVAL_MS, () => this.#feedStates.observe()),
      new ClockWatch(clock, (moved) => void this.#clockMoved(moved)),
    ];
    const markets = Object.entries(options.markets).map(([id, child]) => ({
      id: `exchange/${id}`,
      child,
      onExhausted: { suspendMs: MARKET_SUSPENSION_MS },
    }));
    this.#root = new Supervisor(
      {
        path: ROOT_NAME,
        clock,
        strategy: "one_for_one",
        intensity: INTENSITY,
        onLifecycle: (c) => this.#lifecycleChanged(c),
      },
      [...markets, { id: SERIES_NAME, child: this.#registry, onExhausted: { suspendMs: MARKET_SUSPENSION_MS } }],
    );
  }

  /** Resolves when the tree works; jobs of the whitelist have been started, not awaited. */
  async start(): Promise<void> {
    this.#live({ type: "STARTING" });
    await this.#root.start();
    this.#live({ type: "STARTED" });
    const { jobs } = this.#options;
    if (jobs.whitelistIngest) this.#jobs.pin(jobs.whitelist.map((series) => this.fedBy(series)));
    for (const duty of this.#duties) duty.start();
  }

  /** Stops feeds, then series, then the exchange; what was received is written. Subscribers are the caller's to close. */
  async stop(): Promise<void> {
    for (const duty of this.#duties) duty.stop();
    this.#live({ type: "STOPPING" });
    await this.#root.stop("shutdown");
    this.#live({ type: "STOPPED" });
    this.#jobs.clear();
  }

  /** The children of the root alone: the markets, and what holds the series. */
  parts(): readonly ChildView[] {
    return this.#root.children();
  }

  /** The actor tree; of a scope with a series only the branch that ends in it. */
  tree(scope: TreeScope = {}): TreeNode {
    const { kind, mailbox, children } = this.#root.inside(scope, scope.series === undefined ? undefined : SERIES_NAME);
    const { starts, crashes, lastError } = this.#life.context;
    const since_ms = Math.round(this.#sinceMs);
    const life = { state: this.#life.value, since_ms, starts, crashes, last_error: lastError };
    return { name: ROOT_NAME, kind, ...life, mailbox, children };
  }

  get whitelist(): readonly string[] {
    return this.#options.jobs.whitelist;
  }

  get policies(): RunPolicies {
    return this.#options.policies;
  }

  get onDemandIngest(): boolean {
    return this.#options.jobs.onDemandIngest;
  }

  /**
   * Runs the write pipeline of one series.
   * @throws PipelineError, PublishError, ActorError or TooManySeriesError.
   */
  async ingest(id: SeriesId, candles: readonly Candle[], policy: RunPolicy): Promise<RunResult> {
    const tree = await this.#registry.tree(id);
    return tree.ingest(candles, policy);
  }

  /**
   * Brings the ledgers of a series up to its candles, page by page, so that live candles pass between.
   * @returns the names of the steps of the last page.
   * @throws PipelineError if the policy has ledger failures fail; ActorError or TooManySeriesError.
   */
  async refreshLedgers(id: SeriesId, policy: RunPolicy = this.policies.sync): Promise<readonly string[]> {
    const tree = await this.#registry.tree(id);
    for (;;) {
      const { steps, behind } = await tree.ingest([], policy);
      if (!behind || steps.some(({ ok }) => !ok)) return steps.map(({ name }) => name);
    }
  }

  /** Forgets the drawing of a series. @throws like {@link refreshLedgers}. */
  async resetOverlay(id: SeriesId): Promise<void> {
    const tree = await this.#registry.tree(id);
    await tree.resetOverlay();
  }

  /** Shows a candle as forming to whoever follows the series. */
  publishForming(id: SeriesId, candle: Candle): void {
    this.#registry.find(id.text)?.publishForming(candle);
  }

  /** Counts a subscriber on the job of the series, or of its base. @returns false when the series cannot be fed now. */
  hold(series: string): boolean {
    return this.#jobs.subscribe(this.fedBy(series));
  }

  release(series: string): void {
    this.#jobs.unsubscribe(this.fedBy(series));
  }

  /** Registers a subscription; it is silent until its `catchUp` is run. @throws TooManySeriesError */
  async subscribe({ id: wanted, since, batches, gaps, subscriber }: SubscribeRequest): Promise<Subscription> {
    // The tree's own id from here on: every further copy of it would be kept for as long as the subscription.
    const tree = await this.#registry.tree(wanted);
    const { id, topic } = tree;
    const isDerived = this.fedBy(id.text) !== id.text;
    if (isDerived) await firstBuckets(tree, this.#options);
    // What a derived series lacks its base lacks: it closes when that does.
    const backfill = isDerived ? undefined : this.#gapBackfill;
    const recover = backfill && ((gap: Gap) => backfill.fill(id, gap));
    const source = new StoredCandles(this.#options, id, this.clockOf(id), recover);
    const mode = { timeframeSeconds: id.timeframeSeconds, batches, gaps };
    const subscription = new Subscription(id.text, since, mode, subscriber, source);
    topic.add(subscription);
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    subscription.close();
    this.#registry.find(subscription.series)?.topic.remove(subscription);
  }

  /** The clock by which the candles of a series close: its exchange's, because the machine's may be wrong. */
  clockOf(id: SeriesId): WallClock {
    const exchange = this.exchangeFor(id);
    return exchange === undefined ? this.#options.clock : { now: () => exchange.nowMs() };
  }

  /** States of the series that are followed, or of the one that feeds a series, and of the markets. */
  feedStates(series?: string): FeedStatesView {
    return this.#feedStates.view(series === undefined ? undefined : this.fedBy(series));
  }

  /** How the feed of a series stands with what closed before now; undefined while none runs. */
  feedHistory(series: string): FeedHistory | undefined {
    return this.#registry.find(series)?.feedHistory;
  }

  /** Ids of the series that follow a stream, ascending. */
  followed(): readonly string[] {
    return [...this.#jobs.followed()].sort();
  }

  ingestState(): IngestStateView {
    const { jobs, guardrail } = this.#options;
    return ingestStateView(jobs, this.#jobs.views(), guardrail);
  }

  /** The series whose stream feeds a series: of its base for a derived one. */
  fedBy(series: string): string {
    return fedBy(series, this.#options.derived?.timeframes);
  }

  /** The market that serves a series; undefined for an exchange or a market that there is none of. */
  exchangeFor(id: SeriesId): ExchangePort | undefined {
    return id.exchange === EXCHANGE ? this.#options.markets[id.market] : undefined;
  }

  #live(event: LifecycleEvent): void {
    this.#life = lived(this.#life, event);
    this.#sinceMs = this.#options.clock.now();
  }

  #derivedLinks(): DerivedLinks | undefined {
    const { derived } = this.#options;
    return derived && { ...derived, tree: (id) => this.#registry.tree(id), find: (id) => this.#registry.find(id) };
  }

  /** Why a series cannot follow a stream, or undefined. */
  #obstacle(series: string): string | undefined {
    const obstacle = feedObstacle(series, (id) => this.exchangeFor(id));
    const isFull = this.#registry.size >= MAX_TREES && this.#registry.find(series) === undefined;
    return obstacle ?? (isFull ? `${MAX_TREES} series are active already` : undefined);
  }

  async #startFeed(job: FeedJob): Promise<void> {
    const tree = await this.#registry.tree(parseSeriesId(job.series));
    if (this.#jobs.isCurrent(job)) tree.startFeed(job);
  }

  #retryPolicy(series: string): RetryPolicy {
    const { breakers, guardrail } = this.#options;
    return guardrail ? breakers.guardrail("series", series) : fixedPause;
  }

  #jobEnded(series: string): void {
    this.#registry.find(series)?.stopFeed();
    this.#options.breakers.forget("series", series);
  }

  /** What should have closed by now is judged by the exchange's clock: that is asked for first. */
  async #clockMoved(moved: ClockMoved): Promise<void> {
    const { log, markets } = this.#options;
    const isNews = moved.type !== "late";
    if (isNews) log.warn("clock.moved", { how: moved.type, by_ms: Math.round(moved.byMs) });
    await Promise.all(Object.values(markets).map((market) => market.clockMoved(moved)));
    if (isNews) for (const series of this.followed()) this.#registry.find(series)?.lookForHoles();
  }

  #lifecycleChanged(changed: LifecycleChanged): void {
    const { path, to, error } = changed;
    tellMove(this.#options, changed, path === `${ROOT_NAME}/${SERIES_NAME}` ? "all_series" : "exchange");
    if (to === "crashed") this.#options.log.error("actor.crashed", { actor: path, error });
    else if (to === "suspended") this.#options.log.error("actor.suspended", { actor: path, error });
  }
}
