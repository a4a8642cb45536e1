/** The debug events of `/ws/debug`. Spec: ws-api §3. */
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { seededRandom } from "../../../src/clock/random.js";
import { startTestDaemon } from "../../support/daemon.js";
import { candles, ingest, ingestAll } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1" };

interface Snapshot {
  readonly type: string;
  readonly events: readonly { readonly event: string; readonly data: Record<string, unknown> }[];
}

test("with the debug API off the upgrade is refused with 403 and an empty body", async () => {
  const { wsUrl } = await startTestDaemon();
  const socket = new WebSocket(`${wsUrl}/ws/debug`);
  socket.on("error", () => undefined);
  const [status, body] = await new Promise<[number | undefined, string]>((resolve) => {
    socket.on("unexpected-response", (_request, response) => {
      let text = "";
      response.on("data", (data) => {
        text += data;
      });
      response.on("end", () => resolve([response.statusCode, text]));
    });
  });
  expect([status, body]).toEqual([403, ""]);
  socket.terminate();
});

test("a snapshot first, then every event as it happens", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingest(daemon.url, SERIES, 100);
  const debug = await daemon.connect("/ws/debug");
  const [snapshot] = (await debug.atLeast(1)) as unknown as [Snapshot];
  expect(snapshot.type).toBe("debug_snapshot");
  expect(snapshot.events.map(({ event }) => event)).toEqual([
    "write.http.ingest_candle_closed_start",
    "factor.fingerprint.rebuild",
    "write.factor.ingest_done",
    "write.overlay.ingest_done",
    "write.http.ingest_candle_closed_done",
  ]);
  await candles(daemon.url, SERIES);
  await debug.settled();
  expect(debug.messages.slice(1)).toEqual([
    {
      type: "debug_event",
      event: {
        ts_ms: 1_700_000_400_000,
        source: "backend",
        pipe: "read",
        event: "read.http.market_candles",
        series_id: SERIES,
        level: "info",
        message: "read.http.market_candles",
        data: { since: null, limit: 500, count: 1, last_time: 100, server_head_time: 100 },
      },
    },
  ]);
});

test("subscribe brings a fresh snapshot; other JSON brings nothing", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const debug = await daemon.connect("/ws/debug");
  await ingestAll(daemon.url, SERIES, [100]);
  await debug.settled();
  const before = debug.texts.length;
  for (const message of [null, 1, "subscribe", [], {}, { type: "unsubscribe" }, { type: ["subscribe"] }])
    debug.send(message);
  await debug.settled();
  expect(debug.texts.length).toBe(before);
  debug.send({ type: "subscribe", more: 1 });
  await debug.settled();
  expect(debug.texts.length).toBe(before + 1);
  const last = debug.messages.at(-1) as unknown as Snapshot;
  expect([last.type, last.events.length]).toEqual(["debug_snapshot", 5]);
});

test("what is no JSON ends the connection, and no other", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  await ingest(daemon.url, SERIES, 40);
  const witness = await daemon.connect("/ws/debug");
  for (const noise of ["{", "", "subscribe", Buffer.from('{"type":"subscribe"}')]) {
    const debug = await daemon.connect("/ws/debug");
    debug.sendRaw(noise);
    expect(await debug.closed).toEqual({ code: 1007, reason: "invalid_json" });
  }
  await ingest(daemon.url, SERIES, 100);
  await witness.settled();
  expect(witness.texts).toHaveLength(5);
});

test("random JSON crashes nothing", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const debug = await daemon.connect("/ws/debug");
  const random = seededRandom(11);
  const values = [null, 1, "x", "subscribe", [], {}, { type: null }, { type: {} }, { type: "subscribe" }];
  for (let round = 0; round < 300; round += 1) debug.send(values[Math.floor(random() * values.length)]);
  await debug.settled();
  for (const { type } of debug.messages) expect(type).toBe("debug_snapshot");
});
