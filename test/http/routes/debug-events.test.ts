import { expect, test } from "vitest";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { BATCH, candles, ingest, post, wire } from "../request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_DEV_API: "1" };

interface DebugEvent {
  readonly event: string;
  readonly data?: Record<string, unknown>;
}

async function events(daemon: TestDaemon): Promise<readonly DebugEvent[]> {
  const debug = await daemon.connect("/ws/debug");
  const [snapshot] = (await debug.atLeast(1)) as readonly { readonly events?: readonly DebugEvent[] }[];
  return snapshot?.events ?? [];
}

const ms = expect.any(Number);

test("an ingest tells its start, the ledgers and its end", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingest(daemon.url, SERIES, 100);
  const common = {
    ts_ms: DAEMON_NOW_MS,
    source: "backend",
    pipe: "write",
    series_id: SERIES,
    level: "info",
    message: expect.any(String),
  };
  expect(await events(daemon)).toEqual([
    { ...common, event: "write.http.ingest_candle_closed_start", data: { candle_time: 100 } },
    {
      ...common,
      event: "factor.fingerprint.rebuild",
      data: { series_id: SERIES, fingerprint: expect.stringMatching(/^factor:/), keep_candles: 2000, trimmed_rows: 0 },
    },
    {
      ...common,
      event: "write.factor.ingest_done",
      data: { up_to_candle_time: 100, candles_read: 1, events_planned: 0, db_changes: 1, duration_ms: ms },
    },
    {
      ...common,
      event: "write.overlay.ingest_done",
      data: {
        up_to_candle_time: 100,
        cutoff_time: 0,
        factor_rows: 0,
        marker_defs: 0,
        pen_points: 0,
        polyline_defs: 0,
        db_changes: 1,
        duration_ms: ms,
      },
    },
    {
      ...common,
      event: "write.http.ingest_candle_closed_done",
      data: {
        candle_time: 100,
        factor_rebuilt: true,
        pipeline_duration_ms: ms,
        steps: [
          { name: "store.upsert_many_closed", ok: true, duration_ms: ms },
          { name: "factor.ingest_closed", ok: true, duration_ms: ms },
          { name: "overlay.ingest_closed", ok: true, duration_ms: ms },
        ],
        duration_ms: ms,
      },
    },
  ]);
});

test("a batch tells what was sent", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await post(daemon.url, BATCH, { series_id: SERIES, candles: [wire(220), wire(100), wire(220)], publish_ws: true });
  const told = (await events(daemon)).filter(({ event }) => event.startsWith("write.http"));
  expect(told.map(({ event, data }) => [event, data])).toEqual([
    ["write.http.ingest_candles_closed_batch_start", { count: 3, publish_ws: true }],
    [
      "write.http.ingest_candles_closed_batch_done",
      {
        count: 3,
        first_candle_time: 100,
        last_candle_time: 220,
        pipeline_duration_ms: ms,
        duration_ms: ms,
        publish_ws: true,
      },
    ],
  ]);
});

test("a read is told with what it gave, unless it gave nothing", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingest(daemon.url, SERIES, 100);
  await ingest(daemon.url, SERIES, 160);
  await candles(daemon.url, SERIES);
  await candles(daemon.url, SERIES, "&since=100&limit=7");
  await candles(daemon.url, SERIES, "&since=160");
  await candles(daemon.url, "binance:spot:NONE/USDT:1m");
  const reads = (await events(daemon)).filter(({ event }) => event.startsWith("read."));
  expect(reads).toMatchObject([
    {
      pipe: "read",
      event: "read.http.market_candles",
      series_id: SERIES,
      data: { since: null, limit: 500, count: 2, last_time: 160, server_head_time: 160 },
    },
    { data: { since: 100, limit: 7, count: 1, last_time: 160, server_head_time: 160 } },
  ]);
});

test("times are those of the daemon's clock", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ env: OPEN, clock });
  await ingest(daemon.url, SERIES, 100);
  clock.advance(1_234.5);
  await ingest(daemon.url, SERIES, 160);
  const times = (await events(daemon)).map((event) => (event as unknown as { ts_ms: number }).ts_ms);
  expect([times[0], times.at(-1)]).toEqual([DAEMON_NOW_MS, DAEMON_NOW_MS + 1_235]);
});
