import { statSync } from "node:fs";
import { join } from "node:path";
import { toWireCandle } from "../../src/market/candle.js";
import { recordedCandles } from "../../test/support/recorded.js";
import { FIRST_TIME, fill } from "../lib/candles.js";
import type { BenchmarkCase, Figures } from "../lib/case.js";
import { type MeasuredDaemon, startDaemon, storeFolder } from "../lib/daemon.js";
import { connection, type LoadResult, load } from "../lib/requests.js";
import { round } from "../lib/stats.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const WINDOW = 2_000;
const READS = 1_000;
const HOUR = 60;
const LONG_SERIES = "bench:long:S/X:1m";
const LONG = 1_000_000;

const candles = recordedCandles("BTCUSDT");

/** Ingests the recorded month by the hour, over HTTP. */
async function ingestMonth(daemon: MeasuredDaemon): Promise<void> {
  const { send, close } = connection(daemon.url);
  for (let from = 0; from < candles.length; from += HOUR) {
    const body = { series_id: SERIES, candles: candles.slice(from, from + HOUR).map(toWireCandle) };
    await send({ path: "/api/dev/market/ingest/candles_closed_batch", body: JSON.stringify(body) });
  }
  close();
}

/** What a client sees, and the daemon's part in it: on a busy machine, waiting for a processor is most of a p99. */
const figures = ({ latencyMs, daemon }: LoadResult): Figures[string] => ({
  p50_ms: latencyMs.p50,
  p99_ms: latencyMs.p99,
  ran_p50_ms: daemon.ranMs.p50,
  ran_p99_ms: daemon.ranMs.p99,
  waited_p99_ms: daemon.waitedMs.p99,
});

export const ledgerReads: BenchmarkCase = {
  name: "ledger-reads",
  measures: "slices, draw deltas and frames of 2,000 candles, at random moments of a recorded month and at its head",
  run: async () => {
    const folder = storeFolder();
    const daemon = await startDaemon({ TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1" }, folder);
    await ingestMonth(daemon);
    const bytes = statSync(join(folder.path, "data.mdb")).size;
    const series = encodeURIComponent(SERIES);
    const at = (index: number): number => candles[(WINDOW + index * 7_919) % candles.length]?.time ?? 0;
    const head = candles.at(-1)?.time ?? 0;
    const pathOf = (path: string, time: number | undefined) => ({
      path: `${path}?series_id=${series}${time === undefined ? "" : `&at_time=${time}`}`,
    });
    const read = (path: string, time?: (index: number) => number) =>
      load(daemon.url, 1, READS, (_, index) => pathOf(path, time?.(index)), daemon.processorTime);
    await read("/api/frame/at_time", at);
    const slices = await read("/api/factor/slices", at);
    const draw = await read("/api/draw/delta", at);
    const frames = await read("/api/frame/at_time", at);
    const headSlices = await read("/api/factor/slices", () => head);
    const headDraw = await read("/api/draw/delta");
    const live = await read("/api/frame/live");
    await daemon.stop();
    folder.remove();
    return {
      stored_bytes_per_candle: round(bytes / candles.length),
      slices_random: figures(slices),
      draw_random: figures(draw),
      frame_random: figures(frames),
      slices_head: figures(headSlices),
      draw_head: figures(headDraw),
      frame_live: figures(live),
    };
  },
};

export const restart: BenchmarkCase = {
  name: "restart",
  measures: "a daemon's first run and first read of a series with 1,000,000 stored candles, after a restart",
  run: async () => {
    const folder = storeFolder();
    const first = await startDaemon({}, folder);
    await fill(first.url, LONG_SERIES, LONG);
    await first.stop();
    const second = await startDaemon({ TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1" }, folder);
    const { send, close } = connection(second.url);
    const timed = async (request: Parameters<typeof send>[0]): Promise<number> => {
      const began = performance.now();
      await send(request);
      return round(performance.now() - began);
    };
    const candle = { candle_time: FIRST_TIME + LONG * 60, open: 1, high: 1, low: 1, close: 1, volume: 1 };
    const body = JSON.stringify({ series_id: LONG_SERIES, candle });
    const figures = {
      process_ready_ms: round(second.readyMs),
      first_candle_ms: await timed({ path: "/api/market/ingest/candle_closed", body }),
      first_frame_ms: await timed({ path: `/api/frame/live?series_id=${LONG_SERIES}` }),
    };
    close();
    await second.stop();
    folder.remove();
    return figures;
  },
};
