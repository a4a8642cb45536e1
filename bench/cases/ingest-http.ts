import { candleAt } from "../lib/candles.js";
import type { BenchmarkCase, Figures } from "../lib/case.js";
import { startDaemon } from "../lib/daemon.js";
import { load } from "../lib/requests.js";
import { perSecond } from "../lib/stats.js";

const REQUESTS = 6_000;
const BATCHES = 40;
const BATCH = 1_000;

/** Every connection has a series of its own, as every symbol of an exchange has. */
function oneByOne(url: string, connections: number) {
  return load(url, connections, REQUESTS, (number, index) => ({
    path: "/api/market/ingest/candle_closed",
    body: JSON.stringify({ series_id: `bench:c${connections}:S${number}/X:1m`, candle: candleAt(index) }),
  }));
}

async function figures(connections: number): Promise<Figures> {
  const daemon = await startDaemon();
  const { requests, elapsedMs, latencyMs } = await oneByOne(daemon.url, connections);
  await daemon.stop();
  return { candles_per_s: perSecond(requests, elapsedMs), p50_ms: latencyMs.p50, p99_ms: latencyMs.p99 };
}

export const ingestHttp: BenchmarkCase = {
  name: "ingest-http",
  measures: "closed candles through the whole pipeline, durable: one by one over HTTP, and in batches",
  run: async () => {
    const daemon = await startDaemon();
    const batches = await load(daemon.url, 1, BATCHES, (_, index) => ({
      path: "/api/dev/market/ingest/candles_closed_batch",
      body: JSON.stringify({
        series_id: "bench:batch:S/X:1m",
        candles: Array.from({ length: BATCH }, (_unused, at) => candleAt(index * BATCH + at)),
      }),
    }));
    await daemon.stop();
    return {
      connections_1: (await figures(1)) as Readonly<Record<string, number>>,
      connections_8: (await figures(8)) as Readonly<Record<string, number>>,
      connections_32: (await figures(32)) as Readonly<Record<string, number>>,
      batches_of_1000: {
        candles_per_s: perSecond(BATCHES * BATCH, batches.elapsedMs),
        p50_ms: batches.latencyMs.p50,
        p99_ms: batches.latencyMs.p99,
      },
    };
  },
};
