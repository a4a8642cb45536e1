/**
 * Brings the ledgers of a series up to its candles: the one service for repair, warm-up, start-up sync and replay.
 * Spec: ingest §8.1, D-17.
 */
import type { SeriesId } from "../market/series-id.js";
import { LedgerError, outOfSync } from "./ledger-errors.js";
import type { LedgerHeads, LedgerReader } from "./ledger-reader.js";

/** Whether a ledger that fails makes a refresh fail, or shows in the heads only. */
export type OnLedgerFailure = "fail" | "swallow";

/** What the runtime does for the service. */
export interface LedgerPipeline {
  /**
   * Runs the write pipeline without candles until no ledger lags, and publishes nothing.
   * @returns the names of the steps that ran.
   */
  refresh(id: SeriesId, onLedgerFailure: OnLedgerFailure): Promise<readonly string[]>;
  /** Forgets the drawing, so that the next refresh makes it anew. */
  resetOverlay(id: SeriesId): Promise<void>;
}

export interface AlignedPoint {
  /** Seconds: what was asked for, or the newest candle. */
  readonly requestedTime: number;
  /** The candle at or before it. */
  readonly alignedTime: number;
}

export interface Refreshed {
  readonly refreshed: boolean;
  readonly steps: readonly string[];
  readonly heads: LedgerHeads;
}

export interface ReadyHeads {
  readonly factor: number;
  readonly overlay: number;
}

export class LedgerSync {
  readonly #reader: LedgerReader;
  readonly #pipeline: LedgerPipeline;

  constructor(reader: LedgerReader, pipeline: LedgerPipeline) {
    this.#reader = reader;
    this.#pipeline = pipeline;
  }

  /** @throws LedgerError `no_data` */
  resolveAlignedPoint(id: SeriesId, toTime: number | null): AlignedPoint {
    const head = this.#reader.floor(id.text, Number.MAX_SAFE_INTEGER);
    const requestedTime = toTime ?? head;
    const alignedTime = requestedTime === null ? null : this.#reader.floor(id.text, requestedTime);
    if (requestedTime === null || alignedTime === null) {
      throw new LedgerError("no_data", `${id.text} has no candle at or before ${toTime ?? "its end"}`);
    }
    return { requestedTime, alignedTime };
  }

  headSnapshot(id: SeriesId): LedgerHeads {
    return this.#reader.heads(id.text);
  }

  /** Runs the pipeline to the newest candle, and so to any earlier one. */
  async refresh(id: SeriesId, onLedgerFailure: OnLedgerFailure = "swallow"): Promise<Refreshed> {
    const steps = await this.#pipeline.refresh(id, onLedgerFailure);
    return { refreshed: steps.length > 0, steps, heads: this.headSnapshot(id) };
  }

  /** Nothing runs when both ledgers stand at the candle at or before `timeS`, or later, or when there is no such candle. */
  async refreshIfNeeded(id: SeriesId, timeS: number, onLedgerFailure: OnLedgerFailure = "swallow"): Promise<Refreshed> {
    const heads = this.headSnapshot(id);
    // No ledger can come to a time at which there is no candle: it would be refreshed for ever.
    const floor = this.#reader.floor(id.text, timeS);
    const ready = floor === null || (isAtLeast(heads.factor, floor) && isAtLeast(heads.overlay, floor));
    return ready ? { refreshed: false, steps: [], heads } : this.refresh(id, onLedgerFailure);
  }

  /** Makes the drawing anew, from the first candle of the ledger. */
  async redraw(id: SeriesId): Promise<readonly string[]> {
    const before = await this.#pipeline.refresh(id, "swallow");
    await this.#pipeline.resetOverlay(id);
    await this.#pipeline.refresh(id, "swallow");
    return [...before, "overlay.reset_series", "overlay.ingest_closed"];
  }

  /** @throws LedgerError `factor_out_of_sync` or `overlay_out_of_sync` */
  requireHeadsReady(id: SeriesId, timeS: number): ReadyHeads {
    const { factor, overlay } = this.headSnapshot(id);
    if (factor === null || factor < timeS) throw outOfSync("factor", timeS, factor);
    if (overlay === null || overlay < timeS) throw outOfSync("overlay", timeS, overlay);
    return { factor, overlay };
  }
}

function isAtLeast(head: number | null, timeS: number): boolean {
  return head !== null && head >= timeS;
}
