import { FIRST_TIME, fill } from "../lib/candles.js";
import type { BenchmarkCase } from "../lib/case.js";
import { startDaemon } from "../lib/daemon.js";
import { connectFeed } from "../lib/feed.js";
import { load } from "../lib/requests.js";
import { perSecond, spread } from "../lib/stats.js";

const SERIES = "bench:reads:S/X:1m";
const STORED = 50_000;
const ROWS = 2_000;
const REQUESTS = 4_000;
const CATCH_UP = 5_000;
const CATCH_UPS = 30;

export const reads: BenchmarkCase = {
  name: "reads",
  measures: "2,000 candles over HTTP from 50,000 stored, newest and from random cursors",
  run: async () => {
    const daemon = await startDaemon({ TRADE_CANVAS_ENABLE_DEBUG_API: "0" });
    await fill(daemon.url, SERIES, STORED);
    const newest = `/api/market/candles?series_id=${SERIES}&limit=${ROWS}`;
    const since = (index: number) => `${newest}&since=${FIRST_TIME + ((index * 7_919) % (STORED - ROWS)) * 60}`;
    await load(daemon.url, 4, 400, () => ({ path: newest }));
    const one = await load(daemon.url, 1, REQUESTS, () => ({ path: newest }));
    const many = await load(daemon.url, 16, REQUESTS, () => ({ path: newest }));
    const anywhere = await load(daemon.url, 16, REQUESTS, (number, index) => ({ path: since(number * 1_000 + index) }));
    await daemon.stop();
    const figures = ({ requests, elapsedMs, latencyMs }: typeof one) => ({
      reads_per_s: perSecond(requests, elapsedMs),
      p50_ms: latencyMs.p50,
      p99_ms: latencyMs.p99,
    });
    return {
      newest_1_connection: figures(one),
      newest_16_connections: figures(many),
      random_cursor_16_connections: figures(anywhere),
    };
  },
};

/** From the subscription to the last candle of the catch-up, in milliseconds. */
async function catchUp(url: string, batches: boolean): Promise<number> {
  const feed = await connectFeed(url);
  const last = `"candle_time":${FIRST_TIME + (STORED - 1) * 60},`;
  const began = performance.now();
  await new Promise<void>((resolve) => {
    feed.onText = (text) => {
      if (text.includes(last)) resolve();
    };
    feed.subscribe(SERIES, FIRST_TIME + (STORED - 1 - CATCH_UP) * 60, batches);
  });
  feed.close();
  return performance.now() - began;
}

export const catchUps: BenchmarkCase = {
  name: "catch-up",
  measures: "a client's catch-up of 5,000 candles, from its subscription to the last candle",
  run: async () => {
    const daemon = await startDaemon({ TRADE_CANVAS_ENABLE_DEBUG_API: "0" });
    await fill(daemon.url, SERIES, STORED);
    const times: Record<"batch" | "single", number[]> = { batch: [], single: [] };
    for (let round = 0; round < CATCH_UPS; round += 1) {
      times.batch.push(await catchUp(daemon.url, true));
      times.single.push(await catchUp(daemon.url, false));
    }
    await daemon.stop();
    const figures = (values: readonly number[]) => ({ p50_ms: spread(values).p50, p99_ms: spread(values).p99 });
    return { one_batch: figures(times.batch), one_message_each: figures(times.single) };
  },
};
