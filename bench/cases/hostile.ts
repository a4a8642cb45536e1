/** Peers that mean no good: what they cost the others, as ratios within one run. */
import { call } from "../../test/http/request.js";
import { FLOOD } from "../../test/support/load/flood.js";
import { candleAt } from "../lib/candles.js";
import type { BenchmarkCase, Figures } from "../lib/case.js";
import { type MeasuredDaemon, startDaemon } from "../lib/daemon.js";
import { Crowd, LoadMaker } from "../lib/load-maker.js";
import { connection, load } from "../lib/requests.js";
import { round } from "../lib/stats.js";

const SERIES = "bench:hostile:S/X:1m";
const STORED = 20_000;

/** What stuck clients ask for: the cost of their catch-up is not what is measured. */
const STUCK_SERIES = "bench:hostile:STUCK/X:1m";
const STUCK_STORED = 500;
const STUCK = 1_000;

/** The daemon has come to rest when it works for less than this part of a while. */
const REST = 0.05;
const WHILE_MS = 250;
const ALTERNATIONS = 9;

/** Readers, and what each alternation has them read. */
const READERS = 4;
const READS = 2_000;

const TIMES_FLOODED = 100;
const FLOODS_AT_A_TIME = 32;
const FOLLOWERS = 100;

const CANDLES = `/api/market/candles?series_id=${encodeURIComponent(SERIES)}&limit=500`;

async function storing(): Promise<MeasuredDaemon> {
  const daemon = await startDaemon();
  const { send, close } = connection(daemon.url);
  for (const [series_id, length] of [
    [SERIES, STORED],
    [STUCK_SERIES, STUCK_STORED],
  ] as const) {
    const candles = Array.from({ length }, (_, index) => candleAt(index));
    await send({ path: "/api/dev/market/ingest/candles_closed_batch", body: JSON.stringify({ series_id, candles }) });
  }
  close();
  return daemon;
}

async function atRest(daemon: MeasuredDaemon): Promise<void> {
  for (;;) {
    const before = daemon.processorTime().ranMs;
    await new Promise((resolve) => setTimeout(resolve, WHILE_MS));
    if (daemon.processorTime().ranMs - before < REST * WHILE_MS) return;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function p99(url: string): Promise<number> {
  return (await load(url, READERS, READS, () => ({ path: CANDLES }))).latencyMs.p99;
}

export const stuck: BenchmarkCase = {
  name: "stuck",
  measures:
    "reads of 500 candles while 1,000 connections hang with half a header, half a body or a feed that they do not read, and without them: medians of the p99 of alternating runs",
  run: async () => {
    const daemon = await storing();
    const maker = new LoadMaker();
    const before = daemon.memory();
    await p99(daemon.url);
    const without: number[] = [];
    const beside: number[] = [];
    let hungUpOn = 0;
    let most = 0;
    for (let round = 0; round < ALTERNATIONS; round += 1) {
      await atRest(daemon);
      without.push(await p99(daemon.url));
      await maker.order({ do: "stick", url: daemon.url, series: STUCK_SERIES, count: STUCK });
      await atRest(daemon);
      beside.push(await p99(daemon.url));
      most = Math.max(most, daemon.memory());
      hungUpOn += await maker.order<number>({ do: "unstick" });
    }
    maker.end();
    await daemon.stop();
    return {
      stuck: STUCK,
      p99_without_ms: round(median(without)),
      p99_beside_ms: round(median(beside)),
      ratio: round(median(beside) / median(without)),
      hung_up_on: hungUpOn,
      memory_per_stuck_kb: round((most - before) / STUCK / 1024),
    };
  },
};

export const flooded: BenchmarkCase = {
  name: "flood",
  measures:
    "malformed frames, requests that are none and oversized bodies, 32 at a time: what changes for everybody else",
  run: async () => {
    const daemon = await storing();
    const everybody = new Crowd();
    const followed = "bench:hostile:FOLLOWED/X:1m";
    await everybody.connect(daemon.url, followed, FOLLOWERS);
    const maker = new LoadMaker();
    await maker.order({ do: "flood", url: daemon.url, times: 1, atATime: FLOODS_AT_A_TIME });
    const state = await stateOf(daemon.url);
    const without = await p99(daemon.url);
    const before = daemon.memory();
    let isOver = false;
    const flooding = maker
      .order<number>({ do: "flood", url: daemon.url, times: TIMES_FLOODED, atATime: FLOODS_AT_A_TIME })
      .finally(() => {
        isOver = true;
      });
    const during: number[] = [];
    let most = before;
    const { send, close } = connection(daemon.url);
    for (let index = 0; !isOver; index += 1) {
      during.push(await p99(daemon.url));
      most = Math.max(most, daemon.memory());
      const told = everybody.arrivals(candleAt(index).candle_time);
      await send({
        path: "/api/market/ingest/candle_closed",
        body: JSON.stringify({ series_id: followed, candle: candleAt(index) }),
      });
      await told;
    }
    const endedByDaemon = await flooding;
    close();
    const figures: Figures = {
      peers: TIMES_FLOODED * FLOOD.length,
      hung_up_on: endedByDaemon,
      p99_ratio: round(median(during) / without),
      memory_growth_mb: round((most - before) / 2 ** 20),
      answers_changed: (await stateOf(daemon.url)) === state ? 0 : 1,
      ...{ followers: FOLLOWERS, seen_by_followers: await everybody.report() },
    };
    everybody.end();
    maker.end();
    await daemon.stop();
    return figures;
  },
};

/** What the daemon answers about everything that the flood could have changed. */
async function stateOf(url: string): Promise<string> {
  const series = `series_id=${encodeURIComponent(SERIES)}`;
  const reads = [`/api/market/candles?${series}&limit=5000`, `/api/feed/gaps?${series}`, `/api/draw/delta?${series}`];
  return (await Promise.all(reads.map(async (path) => (await call(url, path)).text))).join("\n");
}
