/** The gap ledger and the verification of finals, between a simulated exchange and a daemon of its own. Bounds B5, B12. */
import { expect, test } from "vitest";
import type { WireGap } from "../../src/market/gap.js";
import { candles, get } from "../support/http.js";
import { type DaemonProcess, startProcess } from "../support/process.js";
import { until, untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, startWorld, truth, WORLD_START_MS } from "../support/world.js";
import { WsClient } from "../support/ws-client.js";

const START_S = WORLD_START_MS / 1000;
const PATIENCE_REAL_MS = 30_000;
const TEST_LIMIT_MS = 60_000;

/** A world with a daemon that has come to follow BTC. */
async function following(speed: number) {
  const world = await startWorld({ speed });
  const daemon = await startProcess(["start"], { ...world.env, TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC]) });
  await untilHead(daemon, START_S);
  return { ...world, daemon, futures: world.exchange.futures };
}

async function untilHead(daemon: DaemonProcess, timeS: number): Promise<void> {
  const head = async () => (await candles(daemon.url, BTC, "&limit=1")).body.server_head_time ?? 0;
  await untilTrue(`the candle at ${timeS}`, async () => (await head()) >= timeS, PATIENCE_REAL_MS);
}

async function gapsOf(daemon: DaemonProcess): Promise<readonly WireGap[]> {
  return (await get<{ gaps: WireGap[] }>(`${daemon.url}/api/feed/gaps?series_id=${BTC}&limit=1000`)).body.gaps;
}

test(
  "F32, B12: a halt of the exchange is one gap, recorded as absent at the source with its range",
  async () => {
    const { clock, daemon, futures } = await following(80);
    const from = Math.ceil(clock.now() / 60_000) * 60 + 120;
    const to = from + 4 * 60;
    futures.faults.switchOn({ kind: "halt", haltFromMs: from * 1000, haltToMs: to * 1000 });
    await untilHead(daemon, to);
    const gap = await until("the gap", async () => (await gapsOf(daemon)).find(({ from_time }) => from_time >= from));
    expect(gap).toMatchObject({
      state: "absent_at_source",
      from_time: from,
      to_time: to - 60,
      absent: [{ from_time: from, to_time: to - 60 }],
    });
    expect((await gapsOf(daemon)).filter(({ from_time }) => from_time >= from)).toHaveLength(1);
    const asked = futures.journal
      .entries("rest")
      .filter(({ path, atMs }) => path.endsWith("/klines") && atMs > from * 1000);
    const inFiveMinutes = (fromMs: number) =>
      asked.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + 300_000).length;
    expect(Math.max(...asked.map(({ atMs }) => inFiveMinutes(atMs)))).toBeLessThanOrEqual(40);
    expect(futures.journal.entries("attempt").length).toBeLessThanOrEqual(10);
  },
  TEST_LIMIT_MS,
);

test(
  "F04, F12, B5: finals that never come are gaps, each told as repaired after its candle",
  async () => {
    const { daemon, futures } = await following(60);
    const client = await WsClient.connect(`${daemon.url.replace(/^http/, "ws")}/ws/market`);
    client.subscribe(BTC, { since: START_S, gaps: true });
    futures.faults.switchOn({ kind: "drop-finals" });
    const repaired = () =>
      client.messages.filter(({ type, gap }) => type === "gap_state" && (gap as WireGap).state === "repaired");
    await untilTrue("three repaired gaps", () => repaired().length >= 3, PATIENCE_REAL_MS);
    const told = client.messages.flatMap<number | WireGap>(({ type, candle, gap }) => {
      if (type === "candle_closed") return [(candle as { candle_time: number }).candle_time];
      return type === "gap_state" ? [gap as WireGap] : [];
    });
    const stored = await gapsOf(daemon);
    for (const { id, to_time, state } of told.filter((entry) => typeof entry === "object")) {
      if (state !== "repaired") continue;
      const at = told.findIndex((entry) => typeof entry === "object" && entry.id === id && entry.state === state);
      expect(told.slice(0, at)).toContain(to_time);
      expect(stored.find((gap) => gap.id === id)).toEqual(told[at]);
    }
  },
  TEST_LIMIT_MS,
);

test(
  "F09: what the exchange corrects after the close is corrected here, and no candle is published twice",
  async () => {
    const { daemon, futures, exchange } = await following(60);
    const client = await WsClient.connect(`${daemon.url.replace(/^http/, "ws")}/ws/market`);
    client.subscribe(BTC, { since: START_S });
    futures.faults.switchOn({ kind: "revision", afterMs: 30_000, volumeFactor: 2 });
    const corrected = await until(
      "a correction",
      () => /"event":"candle.corrected","candle_time":(\d+),"source":"verify"/.exec(daemon.output()) ?? undefined,
      PATIENCE_REAL_MS,
    );
    const time = Number(corrected[1]);
    const { body } = await candles(daemon.url, BTC, `&since=${time - 1}&limit=1`);
    expect(body.candles).toEqual(truth(exchange, BTC, time, time + 60));
    const times = client.messages.flatMap(({ type, candle }) =>
      type === "candle_closed" ? [(candle as { candle_time: number }).candle_time] : [],
    );
    expect(new Set(times).size).toBe(times.length);
  },
  TEST_LIMIT_MS,
);
