/**
 * The one write path of a series: ledgers are computed, everything is committed in one transaction, and only then
 * published. HTTP, the exchange's stream, repairs and batches all come through here, one run at a time; what differs
 * between them is the policy. Design: §4, spec: ingest §2.
 */
import type { Clock } from "../../clock/clock.js";
import { type Candle, normaliseCandles } from "../../market/candle.js";
import type { DebugHub } from "../../observability/debug-hub.js";
import type { LedgerChange, SeriesCommit, Store } from "../../storage/store.js";
import type { FactorFolded, FactorMessage } from "../factor/protocol.js";
import type { OverlayMessage, OverlayRendered } from "../overlay/protocol.js";
import type { PublisherMessage } from "../publisher/protocol.js";
import type { ActorRef } from "../runtime/actor.js";
import { errorText } from "../runtime/errors.js";
import type { RunPolicy } from "./policy.js";
import {
  type Compensation,
  PipelineError,
  PublishError,
  type RunResult,
  type RunStep,
  type RunStepName,
} from "./run-result.js";

export interface SeriesWriterOptions {
  readonly series: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly debug: DebugHub;
  readonly factor: ActorRef<FactorMessage>;
  readonly overlay: ActorRef<OverlayMessage>;
  readonly publisher: ActorRef<PublisherMessage>;
  /** After a ledger failure that fails the run, keep no candle that was not stored before. */
  readonly compensateNewCandles: boolean;
  /** After an overlay failure that fails the run, forget the drawing. */
  readonly compensateOverlay: boolean;
  /** Called when candles were committed that a ledger could not take in. */
  readonly onLedgerBehind: () => void;
}

/** What the ledgers made of a run: values, and the failure of the first that failed. */
interface Ledgers {
  readonly factor: FactorFolded | undefined;
  readonly overlay: OverlayRendered | undefined;
  readonly failure: { readonly step: RunStepName; readonly text: string } | undefined;
}

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
    const { series, store, clock } = this.#options;
    const startedMs = clock.monotonic();
    const candles = normaliseCandles(given);
    const ledgers = await this.#computeLedgers(candles);
    const fails = ledgers.failure !== undefined && policy.onLedgerFailure === "fail";
    const commit = this.#commitFor(candles, ledgers, fails);
    const committingMs = clock.monotonic();
    try {
      if (candles.length > 0 || Object.keys(commit.ledgers ?? {}).length > 0) await store.commit(commit);
    } catch (error) {
      this.#settle("discarded", ledgers, commit);
      throw new PipelineError("store.upsert_many_closed", series, errorText(error));
    }
    const commitMs = clock.monotonic() - committingMs;
    this.#settle("committed", ledgers, commit);
    this.#note(ledgers, commit);
    if (ledgers.failure !== undefined && candles.length > 0) this.#options.onLedgerBehind();
    if (ledgers.failure !== undefined && fails) {
      const compensation = this.#compensation(candles, commit);
      throw new PipelineError(ledgers.failure.step, series, ledgers.failure.text, compensation);
    }
    const rebuilt = ledgers.factor?.rebuilt === true;
    await this.#publish(candles, rebuilt, policy);
    const steps = this.#steps(candles, ledgers, commitMs, policy);
    return { series, candles, rebuilt, steps, durationMs: clock.monotonic() - startedMs };
  }

  async #computeLedgers(candles: readonly Candle[]): Promise<Ledgers> {
    const { series, store, factor, overlay } = this.#options;
    const storedHeadTime = store.head(series).lastTime;
    let folded: FactorFolded;
    try {
      folded = await factor.ask((reply) => ({ type: "fold", candles, storedHeadTime, reply }));
    } catch (error) {
      const failure = { step: "factor.ingest_closed" as const, text: causeText(error) };
      return { factor: undefined, overlay: undefined, failure };
    }
    try {
      const { state, rebuilt } = folded;
      const rendered: OverlayRendered = await overlay.ask((reply) => ({
        type: "render",
        factor: state,
        rebuilt,
        reply,
      }));
      return { factor: folded, overlay: rendered, failure: undefined };
    } catch (error) {
      const failure = { step: "overlay.ingest_closed" as const, text: causeText(error) };
      return { factor: folded, overlay: undefined, failure };
    }
  }

  #commitFor(candles: readonly Candle[], { factor, overlay, failure }: Ledgers, fails: boolean): SeriesCommit {
    const { series, compensateNewCandles, compensateOverlay } = this.#options;
    const holdBack = fails && compensateNewCandles;
    const ledgers: { factor?: LedgerChange; overlay?: LedgerChange } = {};
    // A ledger must not be ahead of the candles: what is held back is not folded in either.
    if (factor?.change !== undefined && !holdBack) ledgers.factor = factor.change;
    if (overlay?.change !== undefined) ledgers.overlay = overlay.change;
    if (fails && compensateOverlay && failure?.step === "overlay.ingest_closed") ledgers.overlay = { type: "reset" };
    return { series, upsert: candles, updateOnly: holdBack, ledgers };
  }

  #settle(outcome: "committed" | "discarded", ledgers: Ledgers, commit: SeriesCommit): void {
    const { factor, overlay } = this.#options;
    const of = (change: LedgerChange | undefined) => (change?.type === "advanced" ? outcome : "discarded");
    if (ledgers.factor !== undefined) factor.tell({ type: "settle", outcome: of(commit.ledgers?.factor) });
    if (commit.ledgers?.overlay?.type === "reset") overlay.tell({ type: "reset" });
    else if (ledgers.overlay !== undefined) overlay.tell({ type: "settle", outcome: of(commit.ledgers?.overlay) });
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

  async #publish(candles: readonly Candle[], rebuilt: boolean, policy: RunPolicy): Promise<void> {
    if (policy.publish === "none") return;
    const { publisher } = this.#options;
    const grouping = policy.grouping === "by_count" && candles.length === 1 ? "single" : "batch";
    if (candles.length > 0) {
      const publishing = publisher.ask<void>((reply) => ({ type: "publish_closed", candles, grouping, reply }));
      await settled(publishing, policy.publish !== "best_effort");
    }
    if (rebuilt) {
      const publishing = publisher.ask<void>((reply) => ({ type: "publish_rebuilt", reply }));
      await settled(publishing, policy.publish === "strict");
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

  #note({ factor, overlay }: Ledgers, commit: SeriesCommit): void {
    const { series, debug } = this.#options;
    const emit = (event: string, data: Record<string, unknown>): void =>
      debug.emit({ pipe: "write", event, series, data });
    if (factor?.rebuilt === true && commit.ledgers?.factor?.type === "advanced") {
      const { fingerprint } = commit.ledgers.factor.head;
      // Candles are never trimmed for a rebuild.
      emit("factor.fingerprint.rebuild", { series_id: series, fingerprint, trimmed_rows: 0 });
    }
    if (factor !== undefined && commit.ledgers?.factor?.type === "advanced") {
      emit("write.factor.ingest_done", {
        up_to_candle_time: commit.ledgers.factor.head.time,
        candles_read: factor.candlesRead,
        events_planned: 0,
        db_changes: 1,
        duration_ms: factor.durationMs,
      });
    }
    if (overlay !== undefined && commit.ledgers?.overlay?.type === "advanced") {
      emit("write.overlay.ingest_done", {
        up_to_candle_time: commit.ledgers.overlay.head.time,
        db_changes: 1,
        duration_ms: overlay.durationMs,
      });
    }
  }
}

/** The message of what went wrong inside an actor, without the runtime's frame around it. */
function causeText(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return errorText(cause ?? error);
}

async function settled(publishing: Promise<void>, strict: boolean): Promise<void> {
  try {
    await publishing;
  } catch (error) {
    if (strict) throw new PublishError(causeText(error), { cause: error });
  }
}
