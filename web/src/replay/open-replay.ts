/**
 * From the wish to replay to a package that can be: candles that are missing are brought in, factors and drawing are brought up to
 * the last candle, and a package is built. Overlay packages are used: they hold all that a picture is made of, in an eighth of the
 * bytes of a replay package.
 */
import type { WireCandle } from "../../../src/client/answers/market.js";
import type { Bar, OverlayStatusAnswer } from "../../../src/client/answers/replay.js";
import type { TradeCanvasClient } from "../../../src/client/client.js";
import { ClientError } from "../../../src/client/errors.js";
import { holesOf, MAX_GAPS } from "../model/holes.js";
import type { Replayed, ReplayWindow } from "./moment.js";

/** Candles that a replay can have. */
export const MIN_CANDLES = 100;
export const MAX_CANDLES = 2_000;

/** Candles of a window: small enough to come while the one before is played at full speed. */
const WINDOW_SIZE = 250;

/** Candles from one full list of what is drawn to the next. */
const SNAPSHOT_INTERVAL = 25;

const POLL_MS = 200;

/** A build whose ledgers were computed anew meanwhile is begun again, so often. */
const BUILDS = 3;

export interface ReplayOrder {
  readonly series: string;
  /** The last candle is the one at or before this time, Unix seconds; null: the newest. */
  readonly toTime: number | null;
  readonly candles: number;
}

/** How far it is. */
export type Progress =
  | { readonly stage: "covering"; readonly ready: number; readonly required: number }
  | { readonly stage: "preparing" }
  | { readonly stage: "building" }
  | { readonly stage: "loading" };

export interface OpenedReplay extends Replayed {
  readonly windowSize: number;
  /** Reads the window that holds a candle. @throws ClientError. */
  readonly load: (index: number) => Promise<ReplayWindow>;
}

/** Why there is no replay, in words for the one who asked for it. */
export class ReplayRefused extends Error {
  override readonly name = "ReplayRefused";
}

export interface Opening {
  readonly client: Pick<TradeCanvasClient, "replay" | "overlayPackages" | "gaps">;
  readonly tell: (progress: Progress) => void;
  /** Comes back after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** @throws ReplayRefused, and ClientError when the daemon cannot be asked, or with `aborted` by the signal. */
export async function openReplay(order: ReplayOrder, opening: Opening): Promise<OpenedReplay> {
  await asked(opening.client.overlayPackages.status({ job_id: NO_JOB }, { signal: opening.signal }));
  await cover(order, opening);
  const toTime = await prepare(order, opening);
  const job = await build({ ...order, toTime }, opening);
  return await read(order.series, job, opening);
}

/** Brings in candles that are missing. What cannot be had is left out: a shorter replay is better than none. */
async function cover({ series, toTime, candles }: ReplayOrder, opening: Opening): Promise<void> {
  const { client, signal, tell } = opening;
  tell({ stage: "covering", ready: 0, required: candles });
  const body = { series_id: series, target_candles: candles, to_time: toTime };
  const job = await client.replay.ensureCoverage(body, { signal }).catch((error: unknown) => {
    if (isRefused(error, 404)) return undefined;
    throw error;
  });
  if (job === undefined) return;
  for (;;) {
    const { status, candles_ready, required_candles } = await client.replay.coverageStatus(
      { job_id: job.job_id },
      { signal },
    );
    tell({ stage: "covering", ready: candles_ready, required: required_candles });
    if (status !== "building") return;
    await opening.pause(POLL_MS);
  }
}

/** @returns the time of the last candle. */
async function prepare({ series, toTime }: ReplayOrder, { client, signal, tell }: Opening): Promise<number> {
  tell({ stage: "preparing" });
  try {
    return (await client.replay.prepare({ series_id: series, to_time: toTime }, { signal })).aligned_time;
  } catch (error) {
    if (isRefused(error, 404)) throw new ReplayRefused("There is no candle at or before that time.");
    throw error;
  }
}

/** @returns the id of the package, once it is there. */
async function build({ series, toTime, candles }: ReplayOrder, opening: Opening): Promise<string> {
  opening.tell({ stage: "building" });
  const body = {
    series_id: series,
    to_time: toTime,
    window_candles: candles,
    window_size: WINDOW_SIZE,
    snapshot_interval: SNAPSHOT_INTERVAL,
  };
  let error: string | null = null;
  for (let attempt = 0; attempt < BUILDS; attempt += 1) {
    const { job_id } = await asked(opening.client.overlayPackages.build(body, { signal: opening.signal }));
    const built = await builtPackage(job_id, opening);
    if (built.status === "done") return job_id;
    error = built.error;
    if (error !== "ledger_moved") break;
  }
  throw new ReplayRefused(`The package could not be built: ${error ?? "it is gone"}.`);
}

async function builtPackage(job_id: string, { client, signal, pause }: Opening): Promise<OverlayStatusAnswer> {
  for (;;) {
    const status = await client.overlayPackages.status({ job_id }, { signal });
    if (status.status !== "building") return status;
    await pause(POLL_MS);
  }
}

async function read(series: string, job_id: string, { client, signal, tell }: Opening): Promise<OpenedReplay> {
  tell({ stage: "loading" });
  const [{ kline, delta_meta: meta }, { gaps }] = await Promise.all([
    client.overlayPackages.status({ job_id, include_delta_package: 1 }, { signal }),
    client.gaps({ series_id: series, limit: MAX_GAPS }, { signal }),
  ]);
  if (kline === null || meta === null) throw new ReplayRefused("The package is gone: start the replay again.");
  return {
    series,
    candles: kline.map(candleOf),
    holes: holesOf(gaps, []),
    windowSize: meta.window_size,
    load: async (index) => {
      const { window } = await client.overlayPackages.window({ job_id, target_idx: index }, { signal });
      const { kline: _, event_catalog: __, ...kept } = window;
      return kept;
    },
  };
}

/** The answer of a route behind the gate of packages. @throws ReplayRefused with the setting when the gate is closed. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isRefused(error, 404) && error.detail === "not_found") throw new ReplayRefused(CLOSED);
    throw error;
  }
}

/** Names no package: asked for to see whether the gate is open. */
const NO_JOB = "none";

const CLOSED = "Replay is closed on this daemon: it opens with TRADE_CANVAS_ENABLE_REPLAY_PACKAGE=1.";

function isRefused(error: unknown, status: number): error is ClientError {
  return error instanceof ClientError && error.status === status;
}

function candleOf({ time, open, high, low, close, volume }: Bar): WireCandle {
  return { candle_time: time, open, high, low, close, volume };
}
