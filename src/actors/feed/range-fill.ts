/**
 * Brings a range of a series into the store, page by page and oldest first. What the store has is not asked for again, so
 * that whoever goes on with an interrupted range goes on where it ended. Spec: ingest §6.3; feed bounds: B5, B6.
 */
import { SETTLE_MS } from "../../exchange/binance/history.js";
import type { WeightPriority } from "../../exchange/binance/weight-minute.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import { emptySlots, type SlotRange, slotAtOrBefore } from "../../market/slots.js";
import type { StoreReader } from "../../storage/store.js";
import type { ExchangePort } from "./exchange-port.js";

/** Candles that are looked at, and asked for, in one step. */
export const STEP_CANDLES = 1_000;

export interface RangeFillOptions {
  readonly series: SeriesId;
  readonly store: StoreReader;
  readonly exchange: Pick<ExchangePort, "history">;
  /** Stores candles by the write path of their series. */
  readonly fill: (candles: readonly Candle[]) => Promise<void>;
  readonly range: SlotRange;
  readonly priority: WeightPriority;
  /** Aborted: no further page is asked for; one that has come is stored whole. */
  readonly signal: AbortSignal;
}

/** What is known of the range up to and including `upToS`, the open time in seconds of a slot. */
export type FillStep =
  /** The store had it all. */
  | { readonly type: "present"; readonly upToS: number }
  /** It has been asked for: `added` candles are new, and what is `absent` the exchange does not have. */
  | { readonly type: "fetched"; readonly upToS: number; readonly added: number; readonly absent: readonly SlotRange[] }
  /** The last step of a range whose newest candles are not final yet; nothing is said of what follows `upToS`. */
  | { readonly type: "unsettled"; readonly upToS: number };

/**
 * Goes through the range. Leaving it early is no loss: what was stored stays.
 * @throws RestError, or what `fill` rejects with; every step before is done then.
 */
export async function* fillRange(options: RangeFillOptions): AsyncGenerator<FillStep> {
  const { series, store, range, signal } = options;
  const step = series.timeframeSeconds;
  for (let fromS = range.fromS; fromS <= range.toS && !signal.aborted; ) {
    const window = { fromS, toS: Math.min(range.toS, fromS + (STEP_CANDLES - 1) * step) };
    const missing = emptySlots(storedTimes(store, series, window), window, step);
    const [first] = missing;
    if (first === undefined || first.fromS > fromS) {
      const upToS = first === undefined ? window.toS : first.fromS - step;
      yield { type: "present", upToS };
      fromS = upToS + step;
      continue;
    }
    // Where the store has nothing at all, the answer may leap over whatever the exchange does not have either.
    const isBare = first.toS === window.toS;
    const asked = { fromS, toS: isBare ? range.toS : (missing.at(-1) as SlotRange).toS };
    const fetched = await fetchStep(options, asked);
    yield fetched;
    if (fetched.type === "unsettled") return;
    fromS = fetched.upToS + step;
  }
}

async function fetchStep(options: RangeFillOptions, asked: SlotRange): Promise<FillStep> {
  const { series, store, exchange, fill, priority, signal } = options;
  const step = series.timeframeSeconds;
  const query = { series, afterTimeS: asked.fromS - 1, beforeTimeS: asked.toS + 1, maxCandles: STEP_CANDLES };
  let settledS = asked.fromS - step;
  let added = 0;
  for await (const event of exchange.history({ ...query, priority, signal })) {
    if (event.type === "end") {
      settledS = lastSettled(event.finalUpToMs, step);
      continue;
    }
    const times = event.candles.map(({ time }) => time);
    const known = store.existingTimes(series.text, times).size;
    await fill(event.candles);
    added += times.length - known;
  }
  const upToS = Math.min(asked.toS, settledS);
  if (upToS < asked.fromS) return { type: "unsettled", upToS: asked.fromS - step };
  const known = { fromS: asked.fromS, toS: upToS };
  return { type: "fetched", upToS, added, absent: emptySlots(storedTimes(store, series, known), known, step) };
}

/** The last slot of which an answer that is good up to `finalUpToMs` (exchange time) says whether there is a candle. */
function lastSettled(finalUpToMs: number, timeframeS: number): number {
  return slotAtOrBefore((finalUpToMs - SETTLE_MS + 1) / 1000 - timeframeS, timeframeS);
}

/** Open times of what is stored, read bit by bit. */
function* storedTimes(store: StoreReader, series: SeriesId, { fromS, toS }: SlotRange): Generator<number> {
  let nextS = fromS;
  for (;;) {
    const candles = store.readBetween(series.text, nextS, toS, STEP_CANDLES).candles();
    for (const { time } of candles) yield time;
    const last = candles.at(-1);
    if (last === undefined || candles.length < STEP_CANDLES) return;
    nextS = last.time + 1;
  }
}
