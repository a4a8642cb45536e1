/**
 * The one write path of a series: ledgers are computed, everything is committed in one transaction, and only then
 * published. HTTP, the exchange's stream, repairs and batches all come through here, one run at a time; what differs
 * between them is the policy. Design: §4, spec: ingest §2.
 */
import { type Clock, nowSeconds } from "../../clock/clock.js";
import { type Candle, normaliseCandles } from "../../market/candle.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { LedgerName } from "../../storage/keys.js";
import type { LedgerChange } from "../../storage/ledger-store.js";
import type { SeriesCommit, Store } from "../../storage/store.js";
import type { FactorFolded, FactorMessage } from "../factor/protocol.js";
import type { OverlayMessage, OverlayRendered } from "../overlay/protocol.js";
import type { ActorRef } from "../runtime/actor.js";
import { errorText } from "../runtime/errors.js";
import { firstChanged } from "./first-changed.js";
import type { GapBook } from "./gap-book.js";
import type { RunPolicy } from "./policy.js";
import { causeText, type PublishRunOptions, publishRun } from "./publish-run.js";
import { noteRun, type RunNoteOptions } from "./run-notes.js";
import { type Compensation, PipelineError, type RunResult, type RunStep, type RunStepName } from "./run-result.js";

export interface SeriesWriterOptions extends RunNoteOptions, PublishRunOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly factor: ActorRef<FactorMessage>;
  readonly overlay: ActorRef<OverlayMessage>;
  /** Changes of gaps go with the candles. */
  readonly gaps: Pick<GapBook, "unwritten" | "committed">;
  /** After a ledger failure that fails the run, keep no candle that was not stored before. */
  readonly compensateNewCandles: boolean;
  /** After an overlay failure that fails the run, forget the drawing. */
  readonly compensateOverlay: boolean;
  /** Called when a ledger is behind the candles after a run: it failed, or there is more to do than one run does. */
  readonly onLedgerBehind: (why: "failed" | "more_to_do") => void;
}

/** What the ledgers made of a run: values, and the failure of the first that failed. */
interface Ledgers {
  readonly factor: FactorFolded | undefined;
  readonly overlay: OverlayRendered | undefined;
  readonly failure: { readonly step: RunStepName; readonly text: string } | undefined;
  /** Earliest candle of the run, in seconds, that the ledgers have folded otherwise. */
  readonly changedFrom: number | undefined;
}

/** A candle that opens later than this after now, in seconds, is ahead of any clock's error. */
const AHEAD_OF_CLOCK_S = 86_400;

const LEDGERS: readonly LedgerName[] = ["factor", "overlay"];

export class SeriesWriter {
  readonly #options: SeriesWriterOptions;

  constructor(options: SeriesWriterOptions) {
    this.#options = options;
  }

  /**
   * Runs the pipeline for some candles, in any order, possibly none (then only the ledgers catch up). Not re-entrant:
   * the caller awaits one run before the next.
   * @throws PipelineError when a step failed that the policy does not swallow; PublishError after a failed publication.
   */
  async run(given: readonly Candle[], policy: RunPolicy): Promise<RunResult> {
    const { series, store, clock, gaps, metrics } = this.#options;
    const startedMs = clock.monotonic();
    const candles = normaliseCandles(given);
    const headTime = store.head(series).lastTime;
    const ledgers = await this.#computeLedgers(candles);
    const fails = ledgers.failure !== undefined && policy.onLedgerFailure === "fail";
    const changedGaps = candles.length > 0 ? gaps.unwritten() : [];
    const commit = this.#commitFor(candles, ledgers, fails);
    const committingMs = clock.monotonic();
    const insertedTimes = await this.#store(
      changedGaps.length > 0 ? { ...commit, gaps: changedGaps } : commit,
      ledgers,
    );
    const commitMs = clock.monotonic() - committingMs;
    try {
      this.#settle("committed", ledgers, commit);
      noteRun(this.#options, ledgers, commit);
      this.#warnOfTimeAhead(candles, headTime);
      this.#followUp(candles, ledgers);
      const rebuilt = ledgers.factor?.rebuilt === true;
      // Of a series whose first candles were written in silence nobody has seen anything that could be different now.
      const isSeen = headTime !== null || policy.publish !== "none";
      if (rebuilt && isSeen && commit.ledgers?.factor === ledgers.factor?.change) this.#options.rebuildNotice.owe();
      if (ledgers.failure !== undefined && fails) {
        const compensation = this.#compensation(candles, commit);
        throw new PipelineError(ledgers.failure.step, series, ledgers.failure.text, compensation);
      }
      // A late candle is part of the past: it is served by reads and catch-ups, never as one that has just closed.
      const fresh = candles.filter(({ time }) => headTime === null || time >= headTime);
      const behind = ledgers.factor?.behind === true || ledgers.overlay?.behind === true;
      this.#deriveAgain(candles, headTime, policy);
      await publishRun(this.#options, { candles: fresh, policy, behind });
      const durationMs = clock.monotonic() - startedMs;
      if (fresh.length > 0 && policy.publish !== "none" && policy.publish !== "notices")
        metrics.observe("candle_publish", durationMs);
      const steps = this.#steps(candles, ledgers, commitMs, policy);
      return { series, candles, rebuilt, behind, steps, durationMs };
    } finally {
      // After the candles: whoever is told that a gap is repaired has been told of them.
      gaps.committed(insertedTimes, changedGaps);
    }
  }

  /** @returns the times, in seconds, of candles that were not stored before. @throws PipelineError */
  async #store(commit: SeriesCommit, ledgers: Ledgers): Promise<readonly number[]> {
    const { series, store, clock, metrics } = this.#options;
    if ((commit.upsert ?? []).length === 0 && Object.keys(commit.ledgers ?? {}).length === 0) return [];
    const startedMs = clock.monotonic();
    try {
      const { insertedTimes } = await store.commit(commit);
      metrics.observe("store_commit", clock.monotonic() - startedMs);
      return insertedTimes;
    } catch (error) {
      this.#settle("discarded", ledgers, commit);
      throw new PipelineError("store.upsert_many_closed", series, errorText(error));
    }
  }

  /** Forgets the drawing; the next run makes it anew. @throws PipelineError */
  async resetOverlay(): Promise<void> {
    const { series, store, overlay } = this.#options;
    try {
      await store.commit({ series, ledgers: { overlay: { type: "reset" } } });
    } catch (error) {
      throw new PipelineError("overlay.reset_series", series, errorText(error));
    }
    overlay.tell({ type: "settle", outcome: "discarded" });
  }

  async #computeLedgers(candles: readonly Candle[]): Promise<Ledgers> {
    const { factor, overlay } = this.#options;
    const changedFrom = this.#changedFrom(candles);
    let folded: FactorFolded;
    try {
      folded = await factor.ask((reply) => ({ type: "fold", candles, changedFrom, reply }));
    } catch (error) {
      const failure = { step: "factor.ingest_closed" as const, text: causeText(error) };
      return { factor: undefined, overlay: undefined, failure, changedFrom };
    }
    // A drawing is cut back with the ledger that it was made of.
    if (folded.change?.type === "cut") return { factor: folded, overlay: undefined, failure: undefined, changedFrom };
    try {
      const { frames, restart } = folded;
      const rendered: OverlayRendered = await overlay.ask((reply) => ({
        type: "render",
        factor: { frames, restart },
        reply,
      }));
      return { factor: folded, overlay: rendered, failure: undefined, changedFrom };
    } catch (error) {
      const failure = { step: "overlay.ingest_closed" as const, text: causeText(error) };
      return { factor: folded, overlay: undefined, failure, changedFrom };
    }
  }

  /** Earliest candle, in seconds, among those that the ledgers have folded, that is new there or stored otherwise. */
  #changedFrom(candles: readonly Candle[]): number | undefined {
    const { series, store } = this.#options;
    const heads = LEDGERS.map((ledger) => store.ledger(series, ledger).head);
    const oldest = heads[0]?.origin ?? 0;
    const newest = Math.max(...heads.map((head) => head?.time ?? Number.NEGATIVE_INFINITY));
    const folded = candles.filter(({ time }) => time >= oldest && time <= newest);
    return firstChanged(store, series, folded)?.time;
  }

  #commitFor(candles: readonly Candle[], run: Ledgers, fails: boolean): SeriesCommit {
    const { series, compensateNewCandles, compensateOverlay } = this.#options;
    const { factor, overlay, failure, changedFrom } = run;
    const holdBack = fails && compensateNewCandles;
    const ledgers: Partial<Record<LedgerName, LedgerChange>> = {};
    // What is not folded again although candles change below it must not be taken for their fold.
    const cut = changedFrom === undefined ? undefined : cutAt(changedFrom);
    // A ledger must not be ahead of the candles: what is held back is not folded in either.
    const factorChange = (holdBack ? undefined : factor?.change) ?? cut ?? this.#firstFailure(run);
    const drawn = holdBack ? undefined : overlay?.change;
    // Nothing that was drawn belongs to a factor ledger that begins anew.
    const begun = !holdBack && factor?.restart.type === "beginning";
    const overlayChange =
      factorChange?.type === "cut" ? this.#cutAlong(factorChange) : (drawn ?? (begun ? cutAt(0) : cut));
    if (factorChange !== undefined) ledgers.factor = factorChange;
    if (overlayChange !== undefined) ledgers.overlay = overlayChange;
    if (fails && compensateOverlay && failure?.step === "overlay.ingest_closed") ledgers.overlay = { type: "reset" };
    return { series, upsert: candles, updateOnly: holdBack, ledgers };
  }

  /** The drawing falls back as far as the factor ledger, to the block before: it is never ahead of what it draws. */
  #cutAlong({ at }: { readonly at: number }): LedgerChange {
    const { series, store } = this.#options;
    return cutAt(store.ledgerBlockTime(series, "factor", at) ?? 0);
  }

  /** A ledger that fails on the first candles of a series must be known later as one that should begin with them. */
  #firstFailure({ factor, failure }: Ledgers): LedgerChange | undefined {
    const { series, store } = this.#options;
    const isFirst = failure !== undefined && factor === undefined && store.head(series).count === 0;
    return isFirst ? { type: "reset" } : undefined;
  }

  #settle(outcome: "committed" | "discarded", ledgers: Ledgers, commit: SeriesCommit): void {
    const { factor, overlay } = this.#options;
    const of = (computed: LedgerChange | undefined, stored: LedgerChange | undefined) =>
      computed === stored ? outcome : "discarded";
    if (ledgers.factor !== undefined) {
      factor.tell({ type: "settle", outcome: of(ledgers.factor.change, commit.ledgers?.factor) });
    }
    if (ledgers.overlay !== undefined || commit.ledgers?.overlay !== undefined) {
      overlay.tell({ type: "settle", outcome: of(ledgers.overlay?.change, commit.ledgers?.overlay) });
    }
  }

  /** A ledger that is behind after this run catches up by itself. */
  #followUp(candles: readonly Candle[], { failure, factor, overlay }: Ledgers): void {
    if (failure !== undefined && candles.length > 0) this.#options.onLedgerBehind("failed");
    else if (factor?.behind === true || overlay?.behind === true) this.#options.onLedgerBehind("more_to_do");
  }

  /** What was undone. New candles that were held back are those of the run that are still not stored. */
  #compensation(candles: readonly Candle[], commit: SeriesCommit): Compensation {
    const { series, store } = this.#options;
    const times = candles.map((candle) => candle.time);
    return {
      overlayReset: commit.ledgers?.overlay?.type === "reset",
      candleRows: commit.updateOnly === true ? candles.length - store.existingTimes(series, times).size : 0,
      error: null,
    };
  }

  /** What is not published as just closed may be part of buckets that were. */
  #deriveAgain(candles: readonly Candle[], headTime: number | null, { derived }: RunPolicy): void {
    if (derived === undefined) return;
    const changed =
      derived === "touched" ? candles : candles.filter(({ time }) => headTime !== null && time < headTime);
    this.#options.fanOut?.changed(changed);
  }

  /** All that closes before such a candle is late from then on: stored and served, and told to nobody. */
  #warnOfTimeAhead(candles: readonly Candle[], headTime: number | null): void {
    const { clock, log } = this.#options;
    const newest = candles.at(-1)?.time ?? 0;
    const limit = nowSeconds(clock) + AHEAD_OF_CLOCK_S;
    if (newest > limit && (headTime === null || headTime <= limit)) {
      log.warn("candle.ahead_of_clock", { candle_time: newest, clock_s: nowSeconds(clock) });
    }
  }

  #steps(candles: readonly Candle[], ledgers: Ledgers, commitMs: number, policy: RunPolicy): readonly RunStep[] {
    const step = (name: RunStepName, durationMs: number): RunStep => {
      const failed = ledgers.failure?.step === name ? ledgers.failure.text : null;
      const fullName = policy.stepNames === "with_series" ? `${name}:${this.#options.series}` : name;
      return { name: fullName, ok: failed === null, durationMs, error: failed };
    };
    const store = candles.length === 0 ? [] : [step("store.upsert_many_closed", commitMs)];
    const factor = step("factor.ingest_closed", ledgers.factor?.durationMs ?? 0);
    if (ledgers.factor === undefined) return [...store, factor];
    return [...store, factor, step("overlay.ingest_closed", ledgers.overlay?.durationMs ?? 0)];
  }
}

/** @param at seconds */
function cutAt(at: number): LedgerChange {
  return { type: "cut", at };
}
