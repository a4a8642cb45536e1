/** Reads that give way to the feed while the event loop is late. */
import { expect, test } from "vitest";
import { LATE_LOOP_MS, LATE_SAMPLES, SAMPLE_MS, SHED_PATHS } from "../../src/http/read-shedding.js";
import type { EventLog } from "../../src/observability/event-log.js";
import { silentLog } from "../../src/observability/event-log.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { DAEMON_NOW_MS, startTestDaemon } from "../support/daemon.js";
import { CLOSED, post } from "./request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const QUERY = `?series_id=${encodeURIComponent(SERIES)}&at_time=1700000340&since_version_id=0`;
const CANDLE = { candle_time: 1_700_000_340, open: 1, high: 2, low: 1, close: 2, volume: 3 };

async function busyDaemon() {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const logged: [string, unknown][] = [];
  const note = (event: string, fields?: unknown): void => {
    if (event.startsWith("reads.")) logged.push([event, fields]);
  };
  const log: EventLog = { ...silentLog, warn: note, info: note };
  let lateMs: number | undefined = 0;
  let stopped = 0;
  const loopDelay = {
    read: () => lateMs,
    stop: () => {
      stopped += 1;
    },
  };
  const env = { TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1" };
  const { app, url } = await startTestDaemon({ clock, log, loopDelay, env });
  expect((await post(url, CLOSED, { series_id: SERIES, candle: CANDLE })).status).toBe(200);
  const get = (path: string) => fetch(`${url}${path}${QUERY}`);
  return {
    app,
    url,
    logged,
    get,
    stopped: () => stopped,
    /** Lets so many readings say this. */
    readings: (count: number, ms: number | undefined) => {
      lateMs = ms;
      for (let reading = 0; reading < count; reading += 1) clock.advance(SAMPLE_MS);
    },
    statuses: async () =>
      Object.fromEntries(await Promise.all([...SHED_PATHS].map(async (path) => [path, (await get(path)).status]))),
  };
}

const all = (status: number) => Object.fromEntries([...SHED_PATHS].map((path) => [path, status]));

test("every large read is refused while the loop is late, and answered again with the first reading in time", async () => {
  const daemon = await busyDaemon();
  expect(await daemon.statuses()).toEqual(all(200));
  daemon.readings(LATE_SAMPLES, LATE_LOOP_MS);
  expect(await daemon.statuses()).toEqual(all(503));
  const refused = await daemon.get("/api/market/candles");
  expect(await refused.json()).toEqual({ detail: "busy" });
  expect(refused.headers.get("retry-after")).toBe("1");
  daemon.readings(1, LATE_LOOP_MS - 1);
  expect(await daemon.statuses()).toEqual(all(200));
  expect(daemon.logged).toEqual([
    ["reads.shed", { late_ms: LATE_LOOP_MS }],
    ["reads.resumed", { refused: SHED_PATHS.size + 1 }],
  ]);
});

test("writes and what an operator looks at are answered all the while", async () => {
  const daemon = await busyDaemon();
  daemon.readings(LATE_SAMPLES, 5_000);
  const paths = ["/api/feed/state", "/api/feed/gaps", "/api/feed/breakers", "/api/factor/health", "/api/market/health"];
  for (const path of paths) expect((await daemon.get(path)).status, path).not.toBe(503);
  const later = { ...CANDLE, candle_time: 1_700_000_400 };
  expect((await post(daemon.url, CLOSED, { series_id: SERIES, candle: later })).status).toBe(200);
  expect((await daemon.get("/api/market/candles")).status).toBe(503);
});

test("one late reading refuses nothing, nor do late ones that are not in a row", async () => {
  const daemon = await busyDaemon();
  for (let round = 0; round < 3; round += 1) {
    daemon.readings(LATE_SAMPLES - 1, 5_000);
    expect(await daemon.statuses()).toEqual(all(200));
    daemon.readings(1, 0);
  }
  expect(daemon.logged).toEqual([]);
});

test("a reading without a turn says nothing: reads stay refused", async () => {
  const daemon = await busyDaemon();
  daemon.readings(LATE_SAMPLES, LATE_LOOP_MS);
  daemon.readings(3, undefined);
  expect(await daemon.statuses()).toEqual(all(503));
});

test("the measurement ends with the daemon", async () => {
  const daemon = await busyDaemon();
  await daemon.app.stop();
  expect(daemon.stopped()).toBe(1);
});
