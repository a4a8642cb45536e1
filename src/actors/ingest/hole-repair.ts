/**
 * Fills a hole in a series from REST, page by page and in order, for as long as it takes: a refusal or an outage of the
 * source is waited out, never answered by giving up. What counts as filled, or as empty at the source, its owner says.
 * Feed bounds: B5–B7.
 */
import { type Clock, sleep } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { ExchangePort } from "../feed/exchange-port.js";
import { errorText } from "../runtime/errors.js";
import { isPowerOfTwo } from "./power-of-two.js";
import type { Hole } from "./sequencer.js";

/** What the owner makes of the state after all that exists has been fetched. */
export type RepairVerdict = { readonly type: "closed" } | { readonly type: "again"; readonly inMs: number };

export interface HoleRepairOptions {
  readonly series: SeriesId;
  readonly exchange: ExchangePort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  /** The hole as it is now; undefined when it is closed. */
  readonly hole: () => Hole | undefined;
  /** Hands a page over. Rejects when it could not be stored; it is then fetched again. */
  readonly deliver: (candles: readonly Candle[]) => Promise<void>;
  /** All final candles up to `finalUpToMs` (exchange time, Unix ms) have been handed over. */
  readonly reached: (finalUpToMs: number) => Promise<RepairVerdict>;
  /** A round of questions has ended. @param error why it failed; null when it did not. */
  readonly attempted: (error: string | null) => void;
  readonly signal: AbortSignal;
}

/** Candles asked for in one go; the rest of a longer hole follows. */
const CANDLES_PER_ROUND = 5_000;

/** Pause after a failed round: doubles from the first to the last, in milliseconds. */
const FIRST_PAUSE_MS = 2_000;
const LAST_PAUSE_MS = 30_000;

/** Runs until the hole is closed or the signal is aborted. Never rejects. */
export async function repairHole(options: HoleRepairOptions): Promise<void> {
  const { clock, log, signal } = options;
  let failures = 0;
  const progress: Progress = { deliveredTime: Number.NEGATIVE_INFINITY };
  for (let hole = options.hole(); hole !== undefined && !signal.aborted; hole = options.hole()) {
    try {
      const verdict = await round(options, hole, progress);
      failures = 0;
      if (verdict.type === "closed") return;
      await sleep(clock, verdict.inMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      options.attempted(errorText(error));
      const pauseMs = pauseAfter(failures, options.random, error);
      const fields = { error: errorText(error), attempt: failures, retry_in_s: pauseMs / 1000 };
      // An outage may last for days: it is told of ever more rarely.
      if (isPowerOfTwo(failures)) log.warn("hole.repair_failed", fields);
      else log.debug("hole.repair_failed", fields);
      await sleep(clock, pauseMs, signal);
    }
  }
}

/** How far pages were handed over, in seconds: the next round goes on from there. */
interface Progress {
  deliveredTime: number;
}

async function round(options: HoleRepairOptions, hole: Hole, progress: Progress): Promise<RepairVerdict> {
  const { series, exchange, signal } = options;
  const afterTimeS = Math.max(hole.afterTime, progress.deliveredTime);
  const query = { series, afterTimeS, maxCandles: CANDLES_PER_ROUND, signal };
  const bounded = hole.beforeTime === null ? query : { ...query, beforeTimeS: hole.beforeTime };
  for await (const event of exchange.history(bounded)) {
    if (signal.aborted) break;
    if (event.type === "end") {
      options.attempted(null);
      return options.reached(event.finalUpToMs);
    }
    await options.deliver(event.candles);
    progress.deliveredTime = event.candles.at(-1)?.time ?? progress.deliveredTime;
  }
  return { type: "closed" };
}

/** Full jitter over a doubling pause; never earlier than the source asked for. */
function pauseAfter(failures: number, random: Random, error: unknown): number {
  const ceiling = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  const asked = error instanceof Error && "retryAfterMs" in error ? Number(error.retryAfterMs) || 0 : 0;
  return Math.max(asked, ceiling / 2 + (random() * ceiling) / 2);
}
