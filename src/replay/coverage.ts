/**
 * Coverage jobs: the newest candles of a series up to a time, brought into the store and folded in, so that a package of them can
 * be built. Spec: replay §6, ingest §11.3; D-17, D-21. Design: docs/replay.md, "Coverage".
 */
import { errorText } from "../actors/runtime/errors.js";
import { unlessAborted } from "../actors/runtime/unless-aborted.js";
import type { LedgerSync, OnLedgerFailure } from "../ledger/ledger-sync.js";
import type { SeriesId } from "../market/series-id.js";
import type { EventLog } from "../observability/event-log.js";
import type { StoreReader } from "../storage/store.js";
import type { JobStanding, JobTable, Reservation } from "./job-table.js";

/** Coverages that run at once; each of them mostly waits for the exchange, whose weight they share. */
export const MAX_RUNNING_COVERAGES = 4;

/** A coverage asks the exchange for no longer than this, in milliseconds, and goes on with what it has. */
export const COVERAGE_LIMIT_MS = 120_000;

export interface CoverageRequest {
  readonly id: SeriesId;
  /** Seconds, as it was asked for. */
  readonly toTime: number;
  /** Candles. */
  readonly target: number;
}

export interface CoverageProgress {
  readonly ready: number;
  readonly required: number;
  /** Newest stored candle in seconds, 0 without one; null until it is counted. */
  readonly headTime: number | null;
}

export interface CoverageServiceOptions {
  readonly store: StoreReader;
  readonly sync: LedgerSync;
  readonly log: EventLog;
  readonly jobs: JobTable<CoverageProgress>;
  /** Brings in what is missing, as far as it can be had. */
  readonly cover: (request: CoverageRequest, signal: AbortSignal) => Promise<void>;
  readonly onLedgerFailure: OnLedgerFailure;
}

export class CoverageService {
  readonly #options: CoverageServiceOptions;

  constructor(options: CoverageServiceOptions) {
    this.#options = options;
  }

  /** Begins a coverage unless it goes on or is done. @throws ReplayError `too_many_jobs` */
  ensure(request: CoverageRequest): Reservation & { readonly jobId: string } {
    const jobId = coverageId(request);
    const reservation = this.#options.jobs.reserve({
      id: jobId,
      kept: "untold",
      progress: { ready: 0, required: request.target, headTime: null },
      work: (signal, note) => this.#cover(request, signal, note),
    });
    return { ...reservation, jobId };
  }

  standing(jobId: string): JobStanding<CoverageProgress> {
    return this.#options.jobs.resolve(jobId, "untold");
  }

  async #cover(
    request: CoverageRequest,
    signal: AbortSignal,
    note: (progress: CoverageProgress) => void,
  ): Promise<void> {
    const { store, cover } = this.#options;
    const { id, target } = request;
    await cover(request, signal);
    await this.#foldIn(request, signal);
    if (signal.aborted) throw new Error("server_shutting_down");
    const toS = this.#countedTo(request);
    const fromS = Math.max(0, toS - (target - 1) * id.timeframeSeconds);
    const ready = Math.min(target, store.count(id.text, fromS, toS));
    note({ ready, required: target, headTime: store.head(id.text).lastTime ?? 0 });
    if (ready < target) throw new Error("coverage_missing");
  }

  /** The ledgers follow the candles that there are, and never a time that was asked for. */
  async #foldIn({ id, toTime }: CoverageRequest, signal: AbortSignal): Promise<void> {
    const { store, sync, log, onLedgerFailure } = this.#options;
    const aligned = store.floor(id.text, toTime);
    if (aligned === null) return;
    try {
      await unlessAborted(sync.refreshIfNeeded(id, aligned, onLedgerFailure), signal);
    } catch (error) {
      if (onLedgerFailure === "fail") throw error;
      log.warn("replay.coverage_ledgers_behind", { series_id: id.text, error: errorText(error) });
    }
  }

  /** Candles are counted back from the one that is the newest at that time, wherever it lies in its timeframe. */
  #countedTo({ id, toTime }: CoverageRequest): number {
    const newest = this.#options.store.floor(id.text, toTime);
    return newest !== null && newest > toTime - id.timeframeSeconds ? newest : toTime;
  }
}

function coverageId({ id, toTime, target }: CoverageRequest): string {
  return `coverage_${id.text}:${toTime}:${target}`;
}
