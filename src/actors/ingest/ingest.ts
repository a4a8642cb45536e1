/**
 * The ingest actor of one series: everything that writes candles comes through its mailbox, one thing at a time, so that
 * runs of one series never interleave. It owns the feed while a job asks for one. Design: §3, §4.
 */
import type { Clock } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { Candle } from "../../market/candle.js";
import type { Gap } from "../../market/gap.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { FanOut } from "../derive/fan-out.js";
import type { ExchangePort } from "../feed/exchange-port.js";
import type { FeedHistory } from "../feed/feed-history.js";
import type { FeedFacts } from "../feed/feed-state.js";
import type { FeedJob } from "../feed/job.js";
import type { PublisherMessage } from "../publisher/protocol.js";
import type { ActorRef, Behavior, Reply } from "../runtime/actor.js";
import { errorText } from "../runtime/errors.js";
import type { StopReason } from "../runtime/supervised.js";
import { type CorrectionOptions, correct } from "./corrections.js";
import { type DerivationRule, DeriveReadError, type DeriveStep, derive } from "./derive.js";
import { DerivedForming } from "./derived-forming.js";
import type { FeedSettings } from "./feed-options.js";
import { GapBook } from "./gap-book.js";
import type { RunPolicies, RunPolicy } from "./policy.js";
import type { IngestMessage } from "./protocol.js";
import { PipelineError, PublishError } from "./run-result.js";
import { StreamFeed } from "./stream-feed.js";
import { SeriesWriter, type SeriesWriterOptions } from "./write-run.js";

export interface IngestOptions extends Omit<SeriesWriterOptions, "gaps" | "fanOut"> {
  readonly id: SeriesId;
  readonly self: ActorRef<IngestMessage>;
  readonly publisher: ActorRef<PublisherMessage>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly policies: RunPolicies;
  readonly feed: FeedSettings;
  /** The market the series belongs to; undefined for series that no exchange feeds. */
  readonly exchange: ExchangePort | undefined;
  /** The job that a restarted incarnation takes up again; undefined when the series follows no stream. */
  readonly job: FeedJob | undefined;
  /** The series that are derived of this one; undefined when there are none. */
  readonly fanOut: FanOut | undefined;
  /** What this series is derived of; undefined for one that is not derived. */
  readonly derivation: DerivationRule | undefined;
}

export class IngestBehavior implements Behavior<IngestMessage> {
  readonly #options: IngestOptions;
  readonly #gaps: GapBook;
  readonly #writer: SeriesWriter;
  readonly #corrections: CorrectionOptions;
  #feed: StreamFeed | undefined;
  /** Whose feed it is. */
  #followed: FeedJob | undefined;
  /** Of a derived series that somebody looks at. */
  #forming: DerivedForming | undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    const { publisher, policies } = options;
    const tell = (gap: Gap): void => void publisher.tell({ type: "publish_gap", gap });
    this.#gaps = new GapBook({ ...options, tell });
    this.#writer = new SeriesWriter({ ...options, gaps: this.#gaps });
    this.#corrections = { ...options, write: (candles) => this.#run(candles, policies.backfill) };
  }

  /** What the state of the feed is computed from; undefined without a feed. */
  get feedFacts(): FeedFacts | undefined {
    return this.#feed?.facts;
  }

  /** How the feed stands with what closed before now; undefined without a feed. */
  get feedHistory(): FeedHistory | undefined {
    return this.#feed?.history;
  }

  start(): void {
    if (this.#options.job !== undefined) this.#startFeed(this.#options.job);
  }

  async stop(reason: "crash" | StopReason): Promise<void> {
    this.#forming?.stop();
    if (reason !== "crash") await this.#feed?.drain();
    this.#feed?.stop();
  }

  receive(message: IngestMessage): void | Promise<void> {
    switch (message.type) {
      case "run":
        return answer(message.reply, this.#writer.run(message.candles, message.policy));
      case "verify":
        return answer(message.reply, correct(message.candles, "verify", this.#corrections));
      case "derive":
        return answer(message.reply, this.#derive(message.step));
      case "base_forming":
        return this.#baseForming(message.candle);
      case "reset_overlay":
        return answer(message.reply, this.#writer.resetOverlay());
      case "follow":
        return this.#follow(message.job);
      case "drain":
        return answer(message.reply, this.#endFeed());
      case "barrier":
        return message.reply.resolve();
      case "ledgers_lagging":
        return this.#catchUpLedgers();
      case "attaching":
        return this.#feed?.attaching();
      case "refused":
        return this.#feed?.refused();
      case "subscribed":
        return this.#feed?.subscribed();
      case "final":
        return this.#feed?.final(message.candle);
      case "forming":
        return this.#feed?.forming(message.update);
      case "flush_due":
        return this.#feed?.flush();
      case "final_overdue":
        return this.#feed?.finalOverdue();
      case "repaired":
        return answer(message.reply, this.#feed?.repaired(message.candles) ?? Promise.resolve());
      case "repair_attempted":
        this.#feed?.repairAttempted(message.error);
        return this.#gaps.attempted(message.error);
      case "gap_rechecked":
        return this.#gapRechecked(message.id, message.candles);
      case "repair_reached":
        return answer(
          message.reply,
          this.#feed?.repairReached(message.finalUpToMs) ?? Promise.resolve({ type: "closed" as const }),
        );
    }
  }

  #startFeed(job: FeedJob): void {
    const { exchange, id, store, clock, random, log, self, policies, publisher, feed, fanOut } = this.#options;
    if (exchange === undefined) return;
    this.#followed = job;
    this.#feed = new StreamFeed({
      // Not spread: an object that begins with a spread gets a shape of its own, which takes more than what is in it.
      batchMax: feed.batchMax,
      flushMs: feed.flushMs,
      formingMinIntervalMs: feed.formingMinIntervalMs,
      series: id,
      job,
      exchange,
      store,
      clock,
      random,
      log,
      self,
      write: (candles) => this.#run(candles, policies.stream),
      backfill: (candles) => this.#run(candles, policies.backfill),
      correct: (candle) => correct([candle], "stream", this.#corrections),
      gaps: this.#gaps,
      publishForming: (candle) => {
        publisher.tell({ type: "publish_forming", candle });
        fanOut?.forming(candle);
      },
    });
    this.#feed.start();
    fanOut?.begin();
  }

  /** Only the latest of several jobs that came while the actor was busy is told of: the feed of any other one ends. */
  async #follow(job: FeedJob | undefined): Promise<void> {
    if (job === this.#followed) return;
    await this.#endFeed();
    if (job !== undefined) this.#startFeed(job);
  }

  async #endFeed(): Promise<void> {
    await this.#feed?.drain();
    this.#feed?.stop();
    this.#feed = undefined;
    this.#followed = undefined;
  }

  /** What the exchange had after all goes to the store; if that fails, the gap is asked for again. */
  async #gapRechecked(id: number, candles: readonly Candle[]): Promise<void> {
    const { policies, log } = this.#options;
    try {
      if (candles.length > 0) await this.#run(candles, policies.backfill);
      this.#gaps.rechecked(id);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      log.error("candles.write_failed", { error: errorText(error), gap: id });
    }
  }

  /** Makes what is due of the base series, in one bounded step. */
  async #derive(step: DeriveStep): Promise<number | undefined> {
    const { derivation, store, id, policies } = this.#options;
    if (derivation === undefined) return undefined;
    if (step.type === "again") this.#forming?.forget();
    return derive(step, {
      ...derivation,
      store,
      series: id,
      rewrite: (candles) => this.#run(candles, policies.backfill),
      close: async (candles) => {
        await this.#run(candles, policies.derived);
        this.#forming?.closed(candles.at(-1)?.time ?? 0);
      },
    });
  }

  #baseForming(candle: Candle): void {
    const { derivation, store, id, clock, feed, publisher } = this.#options;
    if (derivation === undefined) return;
    this.#forming ??= new DerivedForming({
      series: id,
      base: derivation.base,
      store,
      clock,
      minIntervalMs: feed.formingMinIntervalMs,
      publish: (forming) => void publisher.tell({ type: "publish_forming", candle: forming }),
    });
    this.#forming.offer(candle);
  }

  /** A store that fails now is no reason to crash: the next run catches the ledgers up as well. */
  async #catchUpLedgers(): Promise<void> {
    const { policies, log } = this.#options;
    try {
      await this.#run([], policies.refresh);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      log.warn("ledgers.catch_up_failed", { error: error.message });
    }
  }

  async #run(candles: readonly Candle[], policy: RunPolicy): Promise<void> {
    await this.#writer.run(candles, policy);
  }
}

/**
 * Answers with the outcome of a piece of work. That a step of the pipeline failed, or another series is damaged, is an answer to whoever asked; anything
 * else that is thrown is a crash of this actor.
 */
async function answer<R>(reply: Reply<R>, work: Promise<R>): Promise<void> {
  try {
    reply.resolve(await work);
  } catch (error) {
    if (!(error instanceof PipelineError || error instanceof PublishError || error instanceof DeriveReadError))
      throw error;
    reply.reject(error);
  }
}
