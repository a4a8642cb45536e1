/**
 * Makes sure of the newest candles of a series: from the minutes that are stored, then from the exchange. Best effort:
 * what goes wrong is noted in the progress of the series and never raised. Spec: ingest §6.2.
 *
 * What is found goes through the write path of the series, like every candle, so that its ledgers stay level. Files of
 * local history are no source here.
 */
import { type Clock, nowSeconds } from "../../clock/clock.js";
import { missingUpTo } from "../../market/backfill-progress.js";
import type { Candle } from "../../market/candle.js";
import { latestClosedTime } from "../../market/closed-window.js";
import { bucketTime } from "../../market/roll-up.js";
import type { SeriesId } from "../../market/series-id.js";
import type { SlotRange } from "../../market/slots.js";
import type { EventLog } from "../../observability/event-log.js";
import type { StoreReader } from "../../storage/store.js";
import { errorText } from "../runtime/errors.js";
import type { ProgressBoard } from "./progress-board.js";
import { rolledUpCandles } from "./roll-up-backfill.js";

export interface TailCoverageOptions {
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly progress: ProgressBoard;
  /** End at the newest closed candle, and not at the one that is open. */
  readonly closedOnly: boolean;
  /** Whether the exchange is asked at all, and whether for a coverage without a given end. */
  readonly rest: boolean;
  readonly restOnRead: boolean;
  /** Stores candles by the write path of their series. */
  readonly fill: (series: SeriesId, candles: readonly Candle[]) => Promise<void>;
  /** Stores what the exchange has of a range. */
  readonly fetchRange: (series: SeriesId, range: SlotRange) => Promise<void>;
}

/** What became of a coverage. */
export interface Coverage {
  /** Candles that are stored of those that were wanted. */
  readonly covered: number;
  /** What went wrong on the way; empty when nothing did. */
  readonly errors: readonly string[];
}

/** Errors that are told, of one coverage. */
const TOLD_ERRORS = 3;

/**
 * Covers the newest `target` candles up to `toS`, or up to now.
 * @param target candles; nothing is done for 0 or less.
 * @param toS open time of the last candle in seconds.
 */
export async function ensureTailCoverage(
  options: TailCoverageOptions,
  series: SeriesId,
  target: number,
  toS?: number,
): Promise<Coverage> {
  if (target <= 0) return { covered: 0, errors: [] };
  const { store, progress, fill, fetchRange } = options;
  const { text, timeframeSeconds } = series;
  const endS = toS ?? endOf(options, timeframeSeconds);
  const missing = () => missingUpTo(endS, store.head(text).lastTime, timeframeSeconds);
  const lacking = missing();
  const isTracked = lacking.seconds > 0;
  if (isTracked) progress.begin(text, "tail_coverage", lacking);
  const range = { fromS: Math.max(0, endS - (target - 1) * timeframeSeconds), toS: endS };
  const errors: string[] = [];
  const attempt = async <T>(failure: string, act: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      errors.push(`${failure}:${errorText(error)}`);
      return otherwise;
    }
  };
  const stored = (failure: string) => attempt(failure, () => store.count(text, range.fromS, range.toS), 0);
  const isShort = async (): Promise<boolean> => (await stored("count_after_tail_failed")) < target;

  if (await isShort()) {
    const rolled = () => fillIfAny(rolledUpCandles(store, series, range), (candles) => fill(series, candles));
    await attempt("base_rollup_backfill_failed", rolled, undefined);
  }
  const mayAsk = options.rest && (toS !== undefined || options.restOnRead);
  if (mayAsk && (await isShort())) {
    await attempt("ccxt_backfill_failed", () => fetchRange(series, range), undefined);
  }
  const covered = await stored("count_covered_failed");
  if (isTracked) note(options, text, missing(), errors);
  return { covered, errors };
}

function endOf({ closedOnly, clock }: TailCoverageOptions, timeframeS: number): number {
  const nowS = nowSeconds(clock);
  return closedOnly ? latestClosedTime(nowS, timeframeS) : bucketTime(nowS, timeframeS);
}

async function fillIfAny(candles: readonly Candle[], fill: (candles: readonly Candle[]) => Promise<void>) {
  if (candles.length > 0) await fill(candles);
}

function note(
  { progress, log }: TailCoverageOptions,
  series: string,
  missing: ReturnType<typeof missingUpTo>,
  errors: readonly string[],
): void {
  if (errors.length > 0 && missing.seconds > 0) {
    const error = errors.slice(0, TOLD_ERRORS).join(";");
    progress.fail(series, missing, "tail_coverage_best_effort_failed", error);
    log.warn("tail_coverage.failed", { series_id: series, error, missing_candles: missing.candles });
  } else {
    progress.succeed(series, missing, missing.seconds === 0 ? "tail_coverage_done" : "tail_coverage_partial");
  }
}
