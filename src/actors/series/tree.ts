/**
 * The actor tree of one series: ingest → factor → overlay → publisher under one supervisor (rest_for_one), and what must
 * outlive their incarnations: the topic with its subscriptions, and the job whose stream is followed. Design: §3.
 */
import type { TimerHandle } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import { baseOf } from "../../market/derived-timeframes.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { LedgerName } from "../../storage/keys.js";
import { type DerivedTree, FanOut } from "../derive/fan-out.js";
import type { FactorMessage } from "../factor/protocol.js";
import type { FeedHistory } from "../feed/feed-history.js";
import type { FeedFacts } from "../feed/feed-state.js";
import type { FeedJob } from "../feed/job.js";
import type { DerivationRule, DeriveStep } from "../ingest/derive.js";
import { IngestBehavior } from "../ingest/ingest.js";
import type { RunPolicy } from "../ingest/policy.js";
import { INGEST_MAILBOX, type IngestMessage, latestOf } from "../ingest/protocol.js";
import { RebuildNotice } from "../ingest/rebuild-notice.js";
import type { RunResult } from "../ingest/run-result.js";
import type { OverlayMessage } from "../overlay/protocol.js";
import { coalesceForming, PUBLISHER_MAILBOX, type PublisherMessage } from "../publisher/protocol.js";
import { type Owed, PublisherBehavior } from "../publisher/publisher.js";
import { Topic } from "../publisher/topic.js";
import { Actor, type ActorRef } from "../runtime/actor.js";
import { ROOT_NAME, type SupervisionLevel, tellMove } from "../runtime/child-moved.js";
import type { CrashListener, StopReason, Supervised } from "../runtime/supervised.js";
import { type ChildView, type LifecycleChanged, Supervisor } from "../runtime/supervisor.js";
import type { Inside, TreeScope } from "../runtime/tree-view.js";
import { createFactor, createOverlay } from "./ledger-actors.js";
import type { TreeParts } from "./tree-parts.js";

/** Restarts of each of the four actors before its supervisor gives up on it. */
const INTENSITY = { restarts: 5, withinMs: 60_000 };

/** A ledger actor that keeps crashing is left alone for this long, while candles go on without it. */
const LEDGER_SUSPENSION_MS = 30_000;

/** A ledger that failed catches up after this pause: what failed just now would likely fail again at once. */
const LEDGER_RETRY_MS = 1_000;

/** Messages that may wait for a ledger actor: its one sender waits for each answer. */
const LEDGER_MAILBOX = 16;

// Shared by the trees of all series.
const MAILBOXES = {
  ingest: { capacity: INGEST_MAILBOX, coalesce: latestOf },
  ledger: { capacity: LEDGER_MAILBOX },
  publisher: { capacity: PUBLISHER_MAILBOX, coalesce: coalesceForming },
} as const;
const LEDGER_EXHAUSTED = { suspendMs: LEDGER_SUSPENSION_MS } as const;

export class SeriesTree implements Supervised, DerivedTree {
  readonly id: SeriesId;
  readonly topic: Topic;
  readonly #parts: TreeParts;
  readonly #log: EventLog;
  readonly #supervisor: Supervisor;
  readonly #ingest: Actor<IngestMessage>;
  readonly #factor: Actor<FactorMessage>;
  readonly #overlay: Actor<OverlayMessage>;
  readonly #publisher: Actor<PublisherMessage>;
  readonly #owed: Owed = { content: undefined };
  readonly #rebuildNotice: RebuildNotice;
  readonly #onIngestCrash: (error: string) => void;
  #job: FeedJob | undefined;
  /** Resolves when the last feed has ended, and what it had received is written and published. */
  #feedEnd: Promise<void> = Promise.resolve();
  /** Of the present incarnation. */
  #ingestBehavior: IngestBehavior | undefined;
  #catchUp: TimerHandle | undefined;
  /** The series that are derived of this one, while it works. */
  #fanOut: FanOut | undefined;

  constructor(id: SeriesId, parts: TreeParts, onIngestCrash: (error: string) => void) {
    const { clock, log } = parts;
    this.id = id;
    this.#parts = parts;
    this.#log = log.with({ series_id: id.text });
    this.#onIngestCrash = onIngestCrash;
    this.topic = new Topic(id.text, clock, this.#log);
    const publishRebuilt = () => this.#publisher.ask<void>((reply) => ({ type: "publish_rebuilt", reply }));
    this.#rebuildNotice = new RebuildNotice(clock, publishRebuilt);
    const path = `series/${id.text}`;
    const onFull = (actor: string): void => this.#log.warn("mailbox.full", { actor });
    const onRefused = (actor: string): void =>
      parts.metrics.count("actor_mailbox_refused_total", { level: nameIn(actor) });
    this.#factor = new Actor({
      path: `${path}/factor`,
      clock,
      mailbox: MAILBOXES.ledger,
      onFull,
      onRefused,
      create: () => createFactor(id, parts, () => this.#ledgerLagging("factor")),
    });
    this.#overlay = new Actor({
      path: `${path}/overlay`,
      clock,
      mailbox: MAILBOXES.ledger,
      onFull,
      onRefused,
      create: () => createOverlay(id, parts, () => this.#ledgerLagging("overlay")),
    });
    this.#publisher = new Actor({
      path: `${path}/publisher`,
      clock,
      mailbox: MAILBOXES.publisher,
      onFull,
      onRefused,
      create: () => new PublisherBehavior(parts.sinkFor?.(this.topic) ?? this.topic, this.#owed),
    });
    this.#ingest = new Actor({
      path: `${path}/ingest`,
      clock,
      mailbox: MAILBOXES.ingest,
      onFull,
      onRefused,
      create: (self) => this.#createIngest(self),
    });
    const onLifecycle = (changed: LifecycleChanged): void => this.#lifecycleChanged(changed);
    this.#supervisor = new Supervisor({ path, clock, strategy: "rest_for_one", intensity: INTENSITY, onLifecycle }, [
      { id: "ingest", child: this.#ingest, onExhausted: "escalate" },
      { id: "factor", child: this.#factor, onExhausted: LEDGER_EXHAUSTED },
      { id: "overlay", child: this.#overlay, onExhausted: LEDGER_EXHAUSTED },
      { id: "publisher", child: this.#publisher, onExhausted: "escalate" },
    ]);
  }

  start(): Promise<void> {
    this.#fanOut ??= this.#createFanOut();
    return this.#supervisor.start();
  }

  async stop(reason: StopReason): Promise<void> {
    // The derived series are stopped already, or about to be; what they lack is found by their heads.
    if (reason === "shutdown") this.#fanOut?.stop();
    // While all four still work: what has been received is to be written, folded and published like everything else; that
    // of a feed that was told to end, too: its last candles may still be on their way to the disk.
    const works = this.#supervisor.child("ingest")?.state === "running";
    if (reason === "shutdown" && works) await (this.hasFeed ? this.#drain() : this.#feedEnd);
    await this.#supervisor.stop(reason);
    // Last, because the drain may have set them. Subscribers outlive a restart, and so does what they are to be told.
    this.#parts.clock.clearTimeout(this.#catchUp);
    this.#catchUp = undefined;
    if (reason !== "shutdown") return;
    this.#rebuildNotice.stop();
    this.#fanOut = undefined;
  }

  /** What cannot be written now is fetched again by the next feed. */
  async #drain(): Promise<void> {
    await this.#ingest.ask<void>((reply) => ({ type: "drain", reply })).catch(() => undefined);
  }

  onCrash(listener: CrashListener): void {
    this.#supervisor.onCrash(listener);
  }

  /** Runs the write pipeline. @throws PipelineError, PublishError, or ActorError when the run could not be accepted. */
  ingest(candles: readonly Candle[], policy: RunPolicy): Promise<RunResult> {
    return this.#ingest.ask((reply) => ({ type: "run", candles, policy, reply }));
  }

  /**
   * Corrects what is stored otherwise than REST has it. @returns how many candles were.
   * @throws PipelineError, or ActorError when it could not be accepted.
   */
  verify(candles: readonly Candle[]): Promise<number> {
    return this.#ingest.ask<number>((reply) => ({ type: "verify", candles, reply }));
  }

  /** Makes candles of those of the base series. @throws PipelineError, DeriveReadError or ActorError. */
  derive(step: DeriveStep): Promise<number | undefined> {
    return this.#ingest.ask<number | undefined>((reply) => ({ type: "derive", step, reply }));
  }

  get isWatched(): boolean {
    return this.topic.size > 0;
  }

  /** Takes in the forming candle of the base series. */
  baseForming(candle: Candle): void {
    this.#ingest.tell({ type: "base_forming", candle });
  }

  /** Forgets the drawing; the next run makes it anew. @throws PipelineError, or ActorError when it could not be accepted. */
  resetOverlay(): Promise<void> {
    return this.#ingest.ask<void>((reply) => ({ type: "reset_overlay", reply }));
  }

  /** Shows a candle as forming; never stored. */
  publishForming(candle: Candle): void {
    this.#publisher.tell({ type: "publish_forming", candle });
  }

  /** Follows the exchange's stream from now on, across restarts. */
  startFeed(job: FeedJob): void {
    this.#job = job;
    this.#ingest.tell({ type: "follow", job });
  }

  /** Stops following it, when what the feed had received is written. */
  stopFeed(): void {
    this.#job = undefined;
    this.#ingest.tell({ type: "follow", job: undefined });
    this.#feedEnd = this.#ingest.ask<void>((reply) => ({ type: "barrier", reply })).catch(() => undefined);
  }

  /** Has the feed, if there is one, ask for what should have closed by now. */
  lookForHoles(): void {
    if (this.hasFeed) this.#ingest.tell({ type: "final_overdue" });
  }

  /** What the state of the feed is computed from; undefined while none runs. A view, made without troubling the actor. */
  get feedFacts(): FeedFacts | undefined {
    return this.#supervisor.child("ingest")?.state === "running" ? this.#ingestBehavior?.feedFacts : undefined;
  }

  /** How the feed stands with what closed before now; undefined while none runs. */
  get feedHistory(): FeedHistory | undefined {
    return this.#supervisor.child("ingest")?.state === "running" ? this.#ingestBehavior?.feedHistory : undefined;
  }

  get hasFeed(): boolean {
    return this.#job !== undefined;
  }

  actors(): readonly ChildView[] {
    return this.#supervisor.children();
  }

  inside(scope: TreeScope): Inside {
    return this.#supervisor.inside(scope);
  }

  #createIngest(self: ActorRef<IngestMessage>): IngestBehavior {
    const { id } = this;
    const { store, clock, random, debug, metrics, policies, feed } = this.#parts;
    const { compensateNewCandles, compensateOverlay } = this.#parts;
    // Not spread: an object that begins with a spread gets a shape of its own, which takes more than what is in it.
    this.#ingestBehavior = new IngestBehavior({
      store,
      clock,
      random,
      debug,
      metrics,
      policies,
      feed,
      compensateNewCandles,
      compensateOverlay,
      id,
      series: id.text,
      self,
      log: this.#log,
      factor: this.#factor,
      overlay: this.#overlay,
      publisher: this.#publisher,
      rebuildNotice: this.#rebuildNotice,
      rebuildKeepCandles: this.#parts.factor.rebuildKeepCandles,
      overlayWindowS: this.#parts.overlay.engine.windowCandles * id.timeframeSeconds,
      exchange: this.#parts.exchangeFor(id),
      job: this.#job,
      fanOut: this.#fanOut,
      derivation: this.#derivation(),
      onLedgerBehind: (why) => (why === "failed" ? this.#catchUpSoon() : self.tell({ type: "ledgers_lagging" })),
    });
    return this.#ingestBehavior;
  }

  #createFanOut(): FanOut | undefined {
    const { derived: links, store, clock } = this.#parts;
    if (links === undefined || links.timeframes.base.text !== this.id.timeframe) return undefined;
    return new FanOut({ base: this.id, links, store, clock, log: this.#log });
  }

  #derivation(): DerivationRule | undefined {
    const { derived } = this.#parts;
    const base = derived && baseOf(this.id, derived.timeframes);
    return base && { base, firstCandles: derived.firstCandles };
  }

  /** A tree that starts leaves its ledgers as they are stored; an actor that recovers from a crash catches up by itself. */
  #ledgerLagging(actor: LedgerName): void {
    const crashes = this.#supervisor.child(actor)?.crashes ?? 0;
    if (crashes > 0) this.#catchUpSoon();
  }

  #catchUpSoon(): void {
    this.#catchUp ??= this.#parts.clock.setTimeout(() => {
      this.#catchUp = undefined;
      this.#ingest.tell({ type: "ledgers_lagging" });
    }, LEDGER_RETRY_MS);
  }

  #lifecycleChanged(changed: LifecycleChanged): void {
    const actor = nameIn(changed.path);
    const path = `${ROOT_NAME}/${changed.path}`;
    tellMove(this.#parts, { ...changed, path }, actor as SupervisionLevel, this.id.text);
    if (changed.to === "crashed") {
      this.#log.error("actor.crashed", { actor, error: changed.error });
      if (actor === "ingest") this.#onIngestCrash(changed.error ?? "unknown");
    } else if (changed.to === "suspended") {
      this.#log.error("actor.suspended", { actor, error: changed.error, for_s: LEDGER_SUSPENSION_MS / 1000 });
    } else if (changed.to === "running" && changed.from === "starting") {
      this.#log.debug("actor.started", { actor });
    }
  }
}

/** The last name of a path; those of actors have no slash in them. */
function nameIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
