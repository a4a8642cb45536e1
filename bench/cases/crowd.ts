import { machineMs } from "../../test/support/load/followers.js";
import { candleAt } from "../lib/candles.js";
import type { BenchmarkCase } from "../lib/case.js";
import { startDaemon, storeFolder } from "../lib/daemon.js";
import { Crowd, openFilesLimit } from "../lib/load-maker.js";
import { connection, type Sender } from "../lib/requests.js";
import { round, spread } from "../lib/stats.js";

const SERIES = "bench:crowd:S/X:1m";

/** A connection for each, and as many again for what they ask when they cannot connect. */
const CLIENTS = Math.min(10_000, Math.floor(openFilesLimit() / 4) * 2);

const ROUNDS = 20;

/** Candles that close while everybody is away. */
const MISSED = 100;

/** An address that nobody else listens on, so that the port is free when the daemon comes back. */
const HOST = "127.0.0.85";

const timeOf = (index: number): number => candleAt(index).candle_time;

function ingest(send: Sender, index: number): Promise<number> {
  const body = JSON.stringify({ series_id: SERIES, candle: candleAt(index) });
  return send({ path: "/api/market/ingest/candle_closed", body });
}

export const crowd: BenchmarkCase = {
  name: "crowd",
  measures:
    "one closed candle to 10,000 clients in processes of their own: from the request that brings it to each; then the daemon is killed, and all of them come back to the next one at once",
  run: async () => {
    const folder = storeFolder();
    const daemon = await startDaemon({ TRADE_CANVAS_HOST: HOST }, folder);
    const before = daemon.memory();
    const everybody = new Crowd();
    const began = performance.now();
    await everybody.connect(daemon.url, SERIES, CLIENTS);
    const connectMs = performance.now() - began;
    const { send, close } = connection(daemon.url);
    const each: number[] = [];
    const last: number[] = [];
    for (let index = 0; index <= ROUNDS; index += 1) {
      const arrivals = everybody.arrivals(timeOf(index));
      const sentAt = machineMs();
      await ingest(send, index);
      const latencies = (await arrivals).map((at) => at - sentAt);
      // The first round finds subscriptions still being made.
      if (index === 0) continue;
      each.push(...latencies);
      last.push(latencies.reduce((most, one) => Math.max(most, one), 0));
    }
    const kilobytes = (daemon.memory() - before) / CLIENTS / 1024;
    close();
    const storm = await stormOf(everybody, daemon, folder);
    everybody.end();
    folder.remove();
    return {
      clients: CLIENTS,
      connected_ms: round(connectMs),
      each_client: { p50_ms: spread(each).p50, p99_ms: spread(each).p99 },
      last_client: { p50_ms: spread(last).p50, p99_ms: spread(last).p99 },
      memory_per_client_kb: round(kilobytes),
      storm,
    };
  },
};

/** Kills the daemon, starts the next one, and waits until everybody has what was missed. */
async function stormOf(
  everybody: Crowd,
  daemon: Awaited<ReturnType<typeof startDaemon>>,
  folder: ReturnType<typeof storeFolder>,
): Promise<Readonly<Record<string, number>>> {
  await daemon.kill();
  const { port } = new URL(daemon.url);
  const next = await startDaemon({ TRADE_CANVAS_HOST: HOST, TRADE_CANVAS_PORT: port }, folder);
  const readyAt = machineMs();
  const { send, close } = connection(next.url);
  const newest = ROUNDS + MISSED + 1;
  const arrivals = everybody.arrivals(timeOf(newest));
  const candles = Array.from({ length: MISSED }, (_, index) => candleAt(ROUNDS + 1 + index));
  await send({
    path: "/api/dev/market/ingest/candles_closed_batch",
    body: JSON.stringify({ series_id: SERIES, candles }),
  });
  await ingest(send, newest);
  const back = (await arrivals).map((at) => at - readyAt);
  const { losses, gaps, repeats } = await everybody.report();
  close();
  await next.stop();
  const { p50, p99, max } = spread(back);
  return { back_p50_ms: p50, back_p99_ms: p99, back_last_ms: max, missed: MISSED, losses, gaps, repeats };
}
