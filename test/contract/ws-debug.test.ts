/** The debug events against their table. Spec: ws-api §3, http-api §4.4. */
import { readFileSync } from "node:fs";
import { afterAll, expect, test, vi } from "vitest";
import { rollUp } from "../../src/market/roll-up.js";
import { StoreError } from "../../src/storage/errors.js";
import { FIVE, startDerived } from "../actors/derive/world.js";
import { SERIES as BASE, minute } from "../actors/series/world.js";
import { debugEvents } from "../http/debug-events.js";
import { BATCH, CLOSED, call, ingest } from "../http/request.js";
import { candleSeries } from "../support/candles.js";
import { startTestDaemon } from "../support/daemon.js";
import { untilTrue } from "../support/until.js";
import { ask, goodRequest } from "./support/contract.js";
import { Daemons } from "./support/daemons.js";
import { wrongInMessage } from "./support/described.js";
import { LAST, SERIES, storeSeries } from "./support/fixture.js";
import { count, members, only, orNull, text } from "./support/shape.js";
import { DEBUG_EVENTS } from "./tables/debug-events.js";
import { CONTRACTS } from "./tables/index.js";

const daemons = new Daemons(storeSeries);
afterAll(() => daemons.stop());

const event = members(
  {
    ts_ms: count,
    source: only("backend"),
    pipe: only("read", "write"),
    event: only(...Object.keys(DEBUG_EVENTS)),
    series_id: orNull(text),
    level: only("info", "warn", "error"),
    message: text,
  },
  { data: () => [] },
);

interface Told {
  readonly event: string;
  readonly pipe: string;
  readonly level: string;
  readonly data?: object;
}

const WARMING = { TRADE_CANVAS_ENABLE_READ_LEDGER_WARMUP: "1" };

/** Asks everything once, has a write of each kind fail, and the drawing lag. */
async function everythingTold(): Promise<readonly Told[]> {
  const daemon = await daemons.open(WARMING);
  const debug = await daemon.connect("/ws/debug");
  for (const contract of CONTRACTS) await ask(daemon, contract, await goodRequest(daemon, contract));
  for (const contract of CONTRACTS.filter(({ path }) => path === CLOSED || path === BATCH)) {
    vi.spyOn(daemon.app.store, "commit").mockRejectedValueOnce(new StoreError("commit_failed", "disk full"));
    await ask(daemon, contract, await goodRequest(daemon, contract));
  }
  const lagging = await daemons.open({ ...WARMING, TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" });
  const second = await lagging.connect("/ws/debug");
  await call(lagging.url, `/api/draw/delta?series_id=${encodeURIComponent(SERIES)}&at_time=${LAST}`);
  await call(lagging.url, `/api/market/candles?series_id=${encodeURIComponent(SERIES)}`);
  await untilTrue("a warm-up that fails", async () => (await debugEvents(lagging)).some(({ data }) => data?.error));
  const messages = [...(await debug.settled()), ...(await second.settled())];
  expect([...new Set(messages.map(({ type }) => type))].sort()).toEqual(["debug_event", "debug_snapshot"]);
  for (const message of messages) expect(wrongInMessage("debug", message)).toEqual([]);
  const told = messages.flatMap(({ events, event: one }) => (events ?? [one]) as readonly Told[]);
  return [...told, ...(await startTold()), ...(await crashTold()), ...(await differenceTold())];
}

/** Of a start with a series that no exchange is asked about: it cannot be parsed. */
async function startTold(): Promise<readonly Told[]> {
  const env = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_STARTUP_KLINE_SYNC: "1" };
  return debugEvents(await startTestDaemon({ env, whitelist: ["binance:spot:BTC/USDT:1w"] }));
}

/** Of an actor that crashes, and its restart. */
async function crashTold(): Promise<readonly Told[]> {
  let isBroken = true;
  const daemon = await startTestDaemon({
    env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1" },
    parts: {
      sinkFor: (topic) => ({
        publish: (content) => {
          if (!isBroken) return topic.publish(content);
          isBroken = false;
          throw new Error("no sink");
        },
      }),
    },
  });
  await ingest(daemon.url, SERIES, 60);
  const moves = async () => (await debugEvents(daemon)).filter(({ event: name }) => name === "runtime.child_moved");
  await untilTrue("the restart", async () => (await moves()).length === 2);
  return moves();
}

/** Of a derived candle that the exchange has with another volume: that takes an exchange, and minutes. */
async function differenceTold(): Promise<readonly Told[]> {
  const { debug, store, futures, follow, advance } = await startDerived({ startMs: (minute(0) + 600) * 1000 });
  const told: Told[] = [];
  debug.subscribe((one) => told.push(one));
  const minutes = candleSeries(minute(-5), 5);
  await store.commit({ series: BASE, upsert: minutes });
  futures.knows(
    FIVE,
    rollUp(minutes, 60, 300).map((candle) => ({ ...candle, volume: 2 * candle.volume })),
  );
  await follow();
  await advance(60_000);
  return told.filter((one) => one.event === "feed.reconcile.differs");
}

test("debug events have exactly their members, and each its pipe, its level and its data", async () => {
  const told = await everythingTold();
  for (const one of told) {
    expect(event(one, one.event)).toEqual([]);
    const { pipe, levels, data, more = [] } = DEBUG_EVENTS[one.event] ?? { pipe: "", levels: [], data: [] };
    expect(levels, one.event).toContain(one.level);
    const always = Object.keys(one.data ?? {}).filter((member) => !more.includes(member));
    expect([one.pipe, always.sort()], one.event).toEqual([pipe, [...data].sort()]);
  }
  expect([...new Set(told.map((one) => one.event))].sort()).toEqual(Object.keys(DEBUG_EVENTS).sort());
  for (const member of Object.values(DEBUG_EVENTS).flatMap(({ more = [] }) => more))
    expect(told.map(({ data = {} }) => Object.keys(data))).toContainEqual(expect.arrayContaining([member]));
});

test("debug events are told with their data on the page of the WebSocket", () => {
  const page = readFileSync("docs/api/ws-debug.md", "utf8");
  for (const [name, { data, more = [] }] of Object.entries(DEBUG_EVENTS)) {
    const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${name}\``)) ?? "";
    if (row.includes("as for a single candle")) continue;
    for (const member of [...data, ...more]) expect(row, name).toContain(`\`${member}\``);
  }
});
