import { candleAt } from "../lib/candles.js";
import type { BenchmarkCase } from "../lib/case.js";
import { startDaemon } from "../lib/daemon.js";
import { connectFeeds } from "../lib/feed.js";
import { connection } from "../lib/requests.js";
import { round, spread } from "../lib/stats.js";

const SERIES = "bench:fan:S/X:1m";
const CLIENTS = 1_000;
const ROUNDS = 40;
const WARM_UP = 3;

export const fanOut: BenchmarkCase = {
  name: "fan-out",
  measures: "one closed candle to 1,000 clients: from the request that brings it to each client's message",
  run: async () => {
    const daemon = await startDaemon();
    const before = daemon.memory();
    const feeds = await connectFeeds(daemon.url, CLIENTS);
    for (const feed of feeds) feed.subscribe(SERIES, null);
    const { send, close } = connection(daemon.url);
    const each: number[] = [];
    const last: number[] = [];
    // The first rounds find subscriptions still being made.
    for (let index = -WARM_UP; index < ROUNDS; index += 1) {
      let waiting = CLIENTS;
      let began = 0;
      const all = new Promise<void>((resolve) => {
        for (const feed of feeds) {
          feed.onText = (text) => {
            if (!text.startsWith('{"type":"candle_closed"')) return;
            if (index >= 0) each.push(performance.now() - began);
            waiting -= 1;
            if (waiting === 0) resolve();
          };
        }
      });
      began = performance.now();
      await send({
        path: "/api/market/ingest/candle_closed",
        body: JSON.stringify({ series_id: SERIES, candle: candleAt(index + WARM_UP) }),
      });
      await all;
      if (index >= 0) last.push(performance.now() - began);
    }
    const kilobytes = (daemon.memory() - before) / CLIENTS / 1024;
    close();
    for (const feed of feeds) feed.close();
    await daemon.stop();
    return {
      each_client: { p50_ms: spread(each).p50, p99_ms: spread(each).p99 },
      last_client: { p50_ms: spread(last).p50, p99_ms: spread(last).p99 },
      memory_per_client_kb: round(kilobytes),
    };
  },
};
