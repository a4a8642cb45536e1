/** How connections are kept alive, and how they end. Spec: ws-api §1.1, §1.6. */
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { StoreError } from "../../../src/storage/errors.js";
import { DAEMON_NOW_MS, startTestDaemon } from "../../support/daemon.js";
import { WsClient } from "../../support/ws-client.js";
import { call, ingest, ingestAll } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const DEBUG = { TRADE_CANVAS_ENABLE_DEBUG_API: "1" };

test("a connection is accepted whatever the query and the subprotocol", async () => {
  const { wsUrl } = await startTestDaemon();
  const feed = await WsClient.connect(`${wsUrl}/ws/market?token=x`, { origin: wsUrl.replace("ws", "http") });
  feed.sendRaw("[1]");
  await feed.atLeast(1);
});

test("at the end every connection is closed with 1001, and nothing is accepted any more", async () => {
  const daemon = await startTestDaemon({ env: DEBUG });
  const clients = [await daemon.connect(), await daemon.connect(), await daemon.connect("/ws/debug")];
  clients[0]?.subscribe(SERIES);
  await clients[0]?.settled();
  await daemon.app.stop();
  for (const client of clients) expect(await client.closed).toEqual({ code: 1001, reason: "server_shutdown" });
  await expect(daemon.connect()).rejects.toThrow();
});

test("a client that does not answer the close delays the end by a second at most; meanwhile requests are refused", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ clock });
  const silent = await daemon.connect();
  await silent.settled();
  silent.socket.pause();
  const stopped = daemon.app.stop();
  const answer = await call(daemon.url, "/api/market/whitelist");
  expect([answer.status, answer.json]).toEqual([503, { detail: "server_shutting_down" }]);
  const late = new WebSocket(`${daemon.wsUrl}/ws/market`);
  const [, refusal] = (await once(late, "unexpected-response")) as [unknown, { readonly statusCode: number }];
  expect(refusal.statusCode).toBe(503);
  late.on("error", () => undefined);
  late.terminate();
  await clock.advanceSettled(999);
  expect(silent.socket.readyState).toBe(WebSocket.OPEN);
  await clock.advanceSettled(1);
  await stopped;
});

test("a client that does not answer pings is dropped at the second one, one that does stays", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const { wsUrl } = await startTestDaemon({ clock });
  const deaf = await WsClient.connect(`${wsUrl}/ws/market`, { autoPong: false });
  const alive = await WsClient.connect(`${wsUrl}/ws/market`);
  const pinged = Promise.all([once(deaf.socket, "ping"), once(alive.socket, "ping")]);
  clock.advance(20_000);
  await pinged;
  // Whatever the client sent before, its pong included, has been handled when this comes back.
  await alive.settled();
  clock.advance(20_000);
  expect(await deaf.closed).toMatchObject({ code: 1006 });
  await alive.settled();
});

test("a client that sends messages needs no pong", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const { wsUrl } = await startTestDaemon({ clock });
  const talking = await WsClient.connect(`${wsUrl}/ws/market`, { autoPong: false });
  for (let round = 0; round < 4; round += 1) {
    clock.advance(20_000);
    await talking.settled();
  }
});

test("a catch-up that cannot be read closes the connection instead of pretending that nothing was missed", async () => {
  const daemon = await startTestDaemon();
  await ingestAll(daemon.url, SERIES, [100, 160]);
  const feed = await daemon.connect();
  await feed.settled();
  vi.spyOn(daemon.app.store, "read").mockImplementation(() => {
    throw new StoreError("store_damaged", "chunk 1 fails its checksum");
  });
  feed.subscribe(SERIES, { since: 100 });
  expect(await feed.closed).toEqual({ code: 1011, reason: "internal_error" });
});

test("a live candle whose predecessors cannot be read closes the connections that lack them, and no others", async () => {
  const daemon = await startTestDaemon();
  await ingestAll(daemon.url, SERIES, [100]);
  const [behind, fresh] = [await daemon.connect(), await daemon.connect()];
  behind.subscribe(SERIES, { since: 100 });
  fresh.subscribe("binance:spot:ETH/USDT:1m");
  await behind.settled();
  await fresh.settled();
  vi.spyOn(daemon.app.store, "readBetween").mockImplementation(() => {
    throw new StoreError("store_damaged", "chunk 1 fails its checksum");
  });
  expect((await ingest(daemon.url, SERIES, 280)).status).toBe(200);
  expect(await behind.closed).toEqual({ code: 1011, reason: "internal_error" });
  await fresh.settled();
});
