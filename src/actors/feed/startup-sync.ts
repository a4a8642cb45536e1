/**
 * Brings the series of the whitelist up to date before requests are served: candles, then ledgers. Best effort and bounded:
 * what goes wrong with one series is told and stops no other, and an exchange that does not answer keeps nobody waiting for
 * longer than the limit. Spec: ingest §9; feed bounds: B7, B8.
 */
import { setMaxListeners } from "node:events";
import { type Clock, nowSeconds, type TimerHandle } from "../../clock/clock.js";
import type { LedgerSync } from "../../ledger/ledger-sync.js";
import { latestClosedTime } from "../../market/closed-window.js";
import { parseSeriesId, type SeriesId } from "../../market/series-id.js";
import { TimeframeError } from "../../market/timeframe.js";
import type { DebugNote } from "../../observability/debug-hub.js";
import type { EventLog } from "../../observability/event-log.js";
import type { StoreReader } from "../../storage/store.js";
import { errorText } from "../runtime/errors.js";
import { unlessAborted } from "../runtime/unless-aborted.js";
import type { Coverage } from "./tail-coverage.js";

/** The sync ends after this long, in milliseconds, with what it has brought by then: serving must not wait any longer. */
export const STARTUP_SYNC_LIMIT_MS = 20_000;

/** Series that are brought up to date side by side. */
export const MAX_SERIES_AT_ONCE = 16;

/** A sync that takes longer than this says how far it is, and again after as long; milliseconds. */
export const PROGRESS_EVERY_MS = 2_000;

export interface StartupSyncOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly note: (note: DebugNote) => void;
  readonly store: Pick<StoreReader, "head">;
  readonly sync: Pick<LedgerSync, "refreshIfNeeded">;
  /** The ids of the series, as they stand in the whitelist. */
  readonly whitelist: readonly string[];
  /** Newest candles that are wanted of each. */
  readonly targetCandles: number;
  /** Has the newest `candles` up to the one that opens at `toS` (seconds) stored. Ends soon when `signal` is aborted. */
  readonly cover: (series: SeriesId, candles: number, toS: number, signal: AbortSignal) => Promise<Coverage>;
  /** Aborted when the process is to end: nothing is waited for any more. */
  readonly stop?: AbortSignal | undefined;
}

/** How many series came out how. Each counts once; one whose newest closed candle is at time 0 does not count. */
export interface StartupSyncResult {
  readonly total: number;
  readonly synced: number;
  /** Without an error, but their head is behind the newest closed candle. */
  readonly lagging: number;
  readonly errors: number;
  readonly durationMs: number;
}

type SeriesOutcome = "synced" | "lagging" | "error" | "nothing";

/** Never rejects. */
export async function syncAtStart(options: StartupSyncOptions): Promise<StartupSyncResult> {
  const { clock, log, note, whitelist, targetCandles } = options;
  const ids = [...new Set(whitelist.map((id) => id.trim()))].filter((id) => id !== "").sort();
  const startedMs = clock.monotonic();
  const nowS = nowSeconds(clock);
  const outcomes: SeriesOutcome[] = [];
  const tell = (): void =>
    log.info("startup_sync.progress", { series_done: outcomes.length, series_total: ids.length });
  const bounds = startBounds(options, tell);
  const waiting = [...ids];
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      outcomes.push(await syncSeries(options, id, nowS, bounds.signal));
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_SERIES_AT_ONCE, ids.length) }, work));
  bounds.end();
  const count = (outcome: SeriesOutcome): number => outcomes.filter((one) => one === outcome).length;
  const result: StartupSyncResult = {
    total: ids.length,
    synced: count("synced"),
    lagging: count("lagging"),
    errors: count("error"),
    durationMs: clock.monotonic() - startedMs,
  };
  const data = {
    series_total: result.total,
    series_synced: result.synced,
    series_lagging: result.lagging,
    series_errors: result.errors,
    target_candles: targetCandles,
    duration_ms: result.durationMs,
  };
  log.info("startup_sync.done", data);
  note({ pipe: "write", event: "write.startup.kline_sync.done", data });
  return result;
}

/** The limit, the end of the process, and the lines that tell how far it is. */
function startBounds({ clock, stop }: StartupSyncOptions, tell: () => void) {
  const limit = new AbortController();
  const signal = stop === undefined ? limit.signal : AbortSignal.any([stop, limit.signal]);
  // All series that are under way wait for it; their number is bounded.
  setMaxListeners(0, signal);
  const atLimit = clock.ioTimeout(() => limit.abort(), STARTUP_SYNC_LIMIT_MS);
  let nextLine: TimerHandle;
  const awaitLine = (): void => {
    nextLine = clock.ioTimeout(() => {
      tell();
      awaitLine();
    }, PROGRESS_EVERY_MS);
  };
  awaitLine();
  const end = (): void => {
    clock.clearTimeout(atLimit);
    clock.clearTimeout(nextLine);
  };
  return { signal, end };
}

async function syncSeries(
  options: StartupSyncOptions,
  text: string,
  nowS: number,
  signal: AbortSignal,
): Promise<SeriesOutcome> {
  const { store, note } = options;
  const told = { pipe: "write", event: "write.startup.kline_sync.series_done", series: text } as const;
  const failed = (error: string, data: object): SeriesOutcome => {
    options.log.warn("startup_sync.series_failed", { series_id: text, error });
    note({ ...told, level: "error", data: { series_id: text, ...data, error } });
    return "error";
  };
  let series: SeriesId;
  try {
    series = parseSeriesId(text);
  } catch (error) {
    return failed(error instanceof TimeframeError ? "invalid_series_timeframe" : errorText(error), NOTHING_DONE);
  }
  const target = latestClosedTime(nowS, series.timeframeSeconds);
  if (target <= 0) return "nothing";
  const before = store.head(text).lastTime;
  const { covered, refreshed, error } = await bringUp(options, series, target, signal);
  const after = store.head(text).lastTime;
  const lagging = after === null || after < target;
  const data = {
    target_time: target,
    before_head_time: before,
    after_head_time: after,
    covered_candles: covered,
    refreshed,
    lagging,
  };
  if (error !== null) return failed(error, data);
  note({ ...told, data: { series_id: text, ...data, error: null } });
  return lagging ? "lagging" : "synced";
}

/** What is told of a series that names nothing. */
const NOTHING_DONE = {
  target_time: null,
  before_head_time: null,
  after_head_time: null,
  covered_candles: 0,
  refreshed: false,
  lagging: true,
} as const;

interface BroughtUp {
  readonly covered: number;
  readonly refreshed: boolean;
  /** What went wrong first; null when nothing did. The limit is no error: what is missing comes later. */
  readonly error: string | null;
}

async function bringUp(
  { cover, sync, targetCandles }: StartupSyncOptions,
  series: SeriesId,
  target: number,
  signal: AbortSignal,
): Promise<BroughtUp> {
  let covered = 0;
  try {
    if (signal.aborted) return { covered, refreshed: false, error: null };
    const coverage = await unlessAborted(cover(series, targetCandles, target, signal), signal);
    covered = coverage?.covered ?? 0;
    const refresh = signal.aborted ? undefined : await unlessAborted(sync.refreshIfNeeded(series, target), signal);
    return { covered, refreshed: refresh?.refreshed ?? false, error: coverage?.errors[0] ?? null };
  } catch (error) {
    return { covered, refreshed: false, error: errorText(error) };
  }
}
