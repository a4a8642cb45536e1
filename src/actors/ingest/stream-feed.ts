/**
 * The feed of one series: follows the stream, keeps finals in order, finds holes and has them repaired before anything
 * later is released. It lives inside the ingest actor; everything that changes it comes through that actor's mailbox.
 * Spec: ingest §5.3–5.5; feed bounds B4–B7.
 */
import type { TimerHandle } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import type { GapCause } from "../../market/gap.js";
import type { KlineUpdate } from "../feed/exchange-port.js";
import type { FeedHistory } from "../feed/feed-history.js";
import type { FeedFacts } from "../feed/feed-state.js";
import { GapRecheck } from "../feed/gap-recheck.js";
import { errorText } from "../runtime/errors.js";
import { newestClosed, untilOverdueMs } from "./feed-clock.js";
import { feedFacts } from "./feed-facts.js";
import { createFeedLink, type FeedLink } from "./feed-link.js";
import type { StreamFeedOptions } from "./feed-options.js";
import { FormingThrottle } from "./forming.js";
import type { RepairVerdict } from "./hole-repair.js";
import { judgeHole, missingAfter } from "./hole-verdict.js";
import { RepairTask } from "./repair-task.js";
import { PipelineError, PublishError } from "./run-result.js";
import { FinalSequencer } from "./sequencer.js";

/** A hole of more candles than this is not repaired by a feed: the series goes on from now, and the hole is logged. */
export const MAX_REPAIR_CANDLES = 100_000;

export class StreamFeed {
  readonly #options: StreamFeedOptions;
  readonly #sequencer: FinalSequencer;
  readonly #forming: FormingThrottle;
  readonly #link: FeedLink;
  readonly #repair: RepairTask;
  readonly #recheck: GapRecheck;
  /** The exchange serves the series, as far as is known: holes are worth asking for. */
  #served = false;
  /** What may be missing since the last candle has been looked for. */
  #hasLookedBack = false;
  /** Why the last round of questions failed; null if it did not. */
  #repairError: string | null = null;
  #overdue: TimerHandle | undefined;
  #flush: TimerHandle | undefined;
  #flushedMs: number;
  /** Writing is held back until this monotonic time, after a write that failed. */
  #blockedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: StreamFeedOptions) {
    const { series, exchange, job, clock, random, store, log, self } = options;
    this.#options = options;
    this.#flushedMs = clock.monotonic() - options.flushMs;
    const storedTime = store.head(series.text).lastTime;
    this.#sequencer = new FinalSequencer(series.timeframeSeconds, storedTime ?? job.beganAfterS);
    this.#forming = new FormingThrottle({
      clock,
      minIntervalMs: options.formingMinIntervalMs,
      publish: options.publishForming,
    });
    const hole = () => this.#sequencer.hole;
    const isServed = () => this.#served;
    this.#repair = new RepairTask({ series, exchange, clock, random, log, self, hole, isServed });
    this.#recheck = new GapRecheck({
      series,
      exchange,
      clock,
      log,
      due: () => (this.#served ? options.gaps.dueForRecheck() : undefined),
      rechecked: (id, candles) => self.tell({ type: "gap_rechecked", id, candles }),
    });
    this.#link = createFeedLink(options);
  }

  start(): void {
    const { job, log } = this.#options;
    log.info("feed.started", { pinned: job.pinned });
    this.#link.start();
    this.#recheck.start();
    this.#awaitFinal();
  }

  /** Lets go of everything. Finals that are held behind a hole are fetched again by the next feed. */
  stop(): void {
    const { clock, log } = this.#options;
    this.#repair.stop();
    this.#recheck.stop();
    this.#link.stop();
    this.#forming.stop();
    clock.clearTimeout(this.#overdue);
    clock.clearTimeout(this.#flush);
    log.info("feed.stopped");
  }

  /** What its state is computed from. */
  get facts(): FeedFacts {
    return feedFacts(this.#link, this.#sequencer);
  }

  get history(): FeedHistory {
    const { link } = this.facts;
    if (link.state === "refused") return { state: "refused", reason: link.reason ?? "the exchange does not serve it" };
    if (!this.#hasLookedBack) return { state: "unknown" };
    return this.#sequencer.hole === undefined ? { state: "whole" } : { state: "fetching", error: this.#repairError };
  }

  /** Writes what may be released and only waits for its time. */
  async drain(): Promise<void> {
    const ready = this.#sequencer.releasable();
    if (ready.length > 0) await this.#release(ready);
  }

  /** The series is being attached, for the first time or again: history may be asked for meanwhile. */
  async attaching(): Promise<void> {
    if (this.#served) return;
    this.#served = true;
    const { store, series, job, gaps } = this.#options;
    const newest = this.#newestClosed();
    const leftOpen = await gaps.resumeAfter(newest);
    const afterTime = missingAfter(store, series, job.historyCandles, this.#sequencer.releasedTime, newest);
    if (leftOpen !== undefined || afterTime !== undefined) {
      this.#openHole(Math.min(leftOpen ?? Number.POSITIVE_INFINITY, afterTime ?? Number.POSITIVE_INFINITY), "start");
    }
    this.#hasLookedBack = true;
  }

  /** A round of questions about the hole has ended. @param error why it failed; null when it did not. */
  repairAttempted(error: string | null): void {
    this.#repairError = error;
  }

  /** The exchange does not know the series (any longer): there is nothing to ask for. */
  refused(): void {
    this.#served = false;
    this.#repair.abort();
  }

  /** The exchange acknowledged the subscription: what closed while there was none has to be fetched. */
  subscribed(): void {
    const newest = this.#newestClosed();
    const released = this.#sequencer.beginAfter(newest);
    this.#options.job.beganAfterS ??= released;
    if (released < newest) this.#openHole(released, "reconnect");
  }

  async final(candle: Candle): Promise<void> {
    this.#forming.closed(candle.time);
    const offered = this.#sequencer.offer(candle);
    if (offered === "duplicate") await this.#repeated(candle);
    await this.flush();
  }

  forming(update: KlineUpdate): void {
    this.#forming.offer(update, this.#sequencer.newestTime);
  }

  /** Writes what may be released, unless it is too early; then it is written when it is time. */
  async flush(): Promise<void> {
    const ready = this.#sequencer.releasable();
    this.#followHole("missing_before_final");
    const { clock, batchMax, flushMs, self } = this.#options;
    if (ready.length === 0) return;
    const now = clock.monotonic();
    const dueMs = Math.max(this.#blockedUntilMs, ready.length >= batchMax ? now : this.#flushedMs + flushMs);
    if (dueMs > now) {
      clock.clearTimeout(this.#flush);
      this.#flush = clock.setTimeout(() => self.tell({ type: "flush_due" }), dueMs - now);
      return;
    }
    this.#flushedMs = now;
    if (await this.#release(ready.slice(0, batchMax))) await this.flush();
  }

  /** A candle should have closed some time ago: if its final has not come, it is asked from REST. */
  finalOverdue(): void {
    const { releasedTime, newestTime } = this.#sequencer;
    if (releasedTime === null || newestTime === null || !this.#served) return;
    this.#link.watch.graceOver(newestTime);
    if (newestTime < this.#newestClosed()) this.#openHole(releasedTime, "final_overdue");
  }

  /** Candles from REST: those after what was released are new, those before it fill the store. */
  async repaired(candles: readonly Candle[]): Promise<void> {
    const releasedTime = this.#sequencer.releasedTime ?? Number.NEGATIVE_INFINITY;
    this.#options.gaps.supplied(candles);
    const older = candles.filter((candle) => candle.time <= releasedTime);
    const newer = candles.filter((candle) => candle.time > releasedTime);
    if (older.length > 0) await this.#options.backfill(older);
    if (newer.length > 0) await this.#written(newer);
    this.#link.watch.fetched(newer);
  }

  /** All final candles up to `finalUpToMs` were fetched: is the hole filled, empty at the source, or too fresh to tell? */
  async repairReached(finalUpToMs: number): Promise<RepairVerdict> {
    const { hole, releasedTime } = this.#sequencer;
    if (hole === undefined) return { type: "closed" };
    const { log, exchange, series, gaps } = this.#options;
    const { timeframeSeconds } = series;
    const verdict = judgeHole(hole, { timeframeSeconds, releasedTime, finalUpToMs, nowMs: exchange.nowMs() });
    if (verdict.type === "again") {
      gaps.stillOpen();
      return verdict;
    }
    if (verdict.type === "filled") log.info("hole.repaired", { after: hole.afterTime, up_to: verdict.upTo });
    else {
      log.warn("hole.absent_at_source", { after: releasedTime ?? hole.afterTime, up_to: verdict.upTo });
      if (hole.beforeTime === null) this.#link.watch.absent();
    }
    await gaps.resolved(verdict.upTo);
    this.#sequencer.closeHole(verdict.upTo);
    await this.flush();
    return { type: "closed" };
  }

  /** A final at or before what was released: stored already, corrected, or so late that it was held to be absent. */
  async #repeated(candle: Candle): Promise<void> {
    const { store, series, backfill, correct, log } = this.#options;
    const { time } = candle;
    const isStored = store.floor(series.text, time) === time;
    log.debug("final.repeated", { time, stored: isStored });
    try {
      if (isStored) await correct(candle);
      else await backfill([candle]);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      log.error("candles.write_failed", { error: errorText(error), late: time });
    }
  }

  #openHole(afterTime: number, cause: GapCause): void {
    const { series, log, gaps } = this.#options;
    const newest = this.#newestClosed();
    if ((newest - afterTime) / series.timeframeSeconds > MAX_REPAIR_CANDLES) {
      log.warn("hole.too_long", { after: afterTime, up_to: newest, limit_candles: MAX_REPAIR_CANDLES });
      gaps.tooLong({ afterTime, beforeTime: null }, cause, newest);
      this.#sequencer.released(newest);
      return;
    }
    if (this.#sequencer.hole === undefined) log.info("hole.detected", { after: afterTime, up_to: newest, cause });
    this.#sequencer.openHole(afterTime);
    this.#followHole(cause);
  }

  /** Puts the hole on record, if there is one, and has it repaired. */
  #followHole(cause: GapCause): void {
    const { hole } = this.#sequencer;
    if (hole === undefined) return;
    this.#options.gaps.detected(hole, cause, this.#newestClosed());
    this.#repair.start(cause);
  }

  /** Writes candles that may be released now. @returns false when that failed: they stay held, and are written after the breaker's pause. */
  async #release(candles: readonly Candle[]): Promise<boolean> {
    const { clock, job, self, log } = this.#options;
    try {
      await this.#written(candles);
      if (this.#blockedUntilMs > Number.NEGATIVE_INFINITY) job.retry.succeeded();
      this.#blockedUntilMs = Number.NEGATIVE_INFINITY;
      return true;
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      const waitMs = job.retry.failed(errorText(error));
      log.error("candles.write_failed", { error: errorText(error), held: candles.length, retry_in_s: waitMs / 1000 });
      this.#blockedUntilMs = clock.monotonic() + waitMs;
      clock.clearTimeout(this.#flush);
      this.#flush = clock.setTimeout(() => self.tell({ type: "flush_due" }), waitMs);
      return false;
    }
  }

  async #written(candles: readonly Candle[]): Promise<void> {
    const { write, job, log, gaps } = this.#options;
    try {
      await write(candles);
    } catch (error) {
      // Stored, but the publication failed: a failure of the loop, and nothing to write again.
      if (!(error instanceof PublishError)) throw error;
      job.retry.failed(errorText(error));
      log.error("candles.publish_failed", { error: errorText(error) });
    }
    const last = candles.at(-1);
    if (last === undefined) return;
    this.#sequencer.released(last.time);
    if (this.#sequencer.hole === undefined) await gaps.released(last.time);
    this.#forming.closed(last.time);
    log.debug("candles.written", { rows: candles.length, head_time: last.time });
  }

  #awaitFinal(): void {
    const { clock, exchange, series, self } = this.#options;
    const waitMs = untilOverdueMs(exchange.nowMs(), series.timeframeSeconds);
    this.#overdue = clock.setTimeout(() => {
      this.#awaitFinal();
      self.tell({ type: "final_overdue" });
    }, waitMs);
  }

  #newestClosed(): number {
    return newestClosed(this.#options.exchange.nowMs(), this.#options.series.timeframeSeconds);
  }
}
