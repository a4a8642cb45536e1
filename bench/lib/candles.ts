/** Candles for measurements. */
import type { WireCandle } from "../../src/market/candle.js";
import { connection } from "./requests.js";

/** Long ago, so that nothing is taken for a candle that has not closed yet. */
export const FIRST_TIME = 1_600_000_000;

/** A candle with as many digits as real ones have. */
export function candleAt(index: number): WireCandle {
  const open = 93_000 + (index % 977) * 1.3;
  return {
    candle_time: FIRST_TIME + index * 60,
    open: Number(open.toFixed(1)),
    high: Number((open + 12.7).toFixed(1)),
    low: Number((open - 9.4).toFixed(1)),
    close: Number((open + 3.1).toFixed(1)),
    volume: Number((50 + (index % 311) * 0.217).toFixed(3)),
  };
}

const LARGEST_BATCH = 20_000;

/** Stores the first `count` candles of a series. */
export async function fill(url: string, series: string, count: number): Promise<void> {
  const { send, close } = connection(url);
  for (let from = 0; from < count; from += LARGEST_BATCH) {
    const candles = Array.from({ length: Math.min(LARGEST_BATCH, count - from) }, (_, index) => candleAt(from + index));
    await send({
      path: "/api/dev/market/ingest/candles_closed_batch",
      body: JSON.stringify({ series_id: series, candles }),
    });
  }
  close();
}
