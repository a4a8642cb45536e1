/** What clients of the live feed may say, and what they are told about everything else. Spec: ws-api §1. */
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/clock/random.js";
import { startTestDaemon } from "../../support/daemon.js";
import { call, FORMING, ingest, ingestAll, post, wire } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";

const badRequest = (message: string) => `{"type":"error","code":"bad_request","message":${JSON.stringify(message)}}`;
const closed = (time: number, series = SERIES) => ({ type: "candle_closed", series_id: series, candle: wire(time) });

test("every kind of wrong message has its answer, byte for byte, and the first check that fails speaks", async () => {
  const { connect } = await startTestDaemon();
  const feed = await connect();
  const cases: [string, string][] = [
    ["[1]", "invalid message envelope"],
    ['"subscribe"', "invalid message envelope"],
    ["null", "invalid message envelope"],
    ["17", "invalid message envelope"],
    ["{", "invalid message envelope"],
    ["", "invalid message envelope"],
    ["{}", "missing message type"],
    ['{"type":""}', "missing message type"],
    ['{"type":7,"series_id":"x"}', "missing message type"],
    ['{"type":null}', "missing message type"],
    ['{"type":"noop"}', "unknown message type: noop"],
    ['{"type":"Subscribe"}', "unknown message type: Subscribe"],
    ['{"type":"\\"\\n"}', 'unknown message type: "\n'],
    ['{"type":"subscribe"}', "missing series_id"],
    ['{"type":"subscribe","series_id":"","since":"x","supports_batch":1}', "missing series_id"],
    ['{"type":"subscribe","series_id":5}', "missing series_id"],
    ['{"type":"subscribe","series_id":"x","since":"100","supports_batch":1}', "invalid since"],
    ['{"type":"subscribe","series_id":"x","since":1.5}', "invalid since"],
    ['{"type":"subscribe","series_id":"x","since":true}', "invalid since"],
    ['{"type":"subscribe","series_id":"x","since":1e999}', "invalid since"],
    ['{"type":"subscribe","series_id":"x","supports_batch":1}', "invalid supports_batch"],
    ['{"type":"subscribe","series_id":"x","supports_batch":"true"}', "invalid supports_batch"],
    ['{"type":"subscribe","series_id":"x"}', "invalid series_id"],
    ['{"type":"subscribe","series_id":"binance:spot:BTC/USDT:1w"}', "invalid series_id"],
    ['{"type":"subscribe","series_id":"1m"}', "invalid series_id"],
    ['{"type":"subscribe","series_id":"a:b: :1m"}', "invalid series_id"],
  ];
  for (const [text] of cases) feed.sendRaw(text);
  await feed.settled();
  expect(feed.texts).toEqual(cases.map(([, message]) => badRequest(message)));
});

test("a binary frame is no message, even if it holds one", async () => {
  const { connect } = await startTestDaemon();
  const feed = await connect();
  feed.sendRaw(Buffer.from(`{"type":"subscribe","series_id":"${SERIES}"}`));
  await feed.settled();
  expect(feed.texts).toEqual([badRequest("invalid message envelope")]);
});

test("unsubscribe is never answered, whatever it names", async () => {
  const { connect } = await startTestDaemon();
  const feed = await connect();
  for (const more of [{}, { series_id: 5 }, { series_id: null }, { series_id: "" }, { series_id: SERIES }]) {
    feed.send({ type: "unsubscribe", ...more });
  }
  expect(await feed.quiet()).toEqual([]);
});

test("null counts as absent, negative times as times, and more members do not matter", async () => {
  const { url, connect } = await startTestDaemon();
  await ingestAll(url, SERIES, [100]);
  for (const more of [{ since: null, supports_batch: null }, { since: -5 }, { since: 0, colour: "red" }, {}]) {
    const feed = await connect();
    feed.subscribe(SERIES, more);
    expect(await feed.quiet(), JSON.stringify(more)).toEqual([closed(100)]);
  }
});

test("nothing is sent before a subscription; success is not acknowledged", async () => {
  const { url, connect } = await startTestDaemon();
  const feed = await connect();
  await ingest(url, SERIES, 100);
  expect(await feed.quiet()).toEqual([]);
  feed.subscribe("binance:futures:ETH/USDT:1m");
  expect(await feed.quiet()).toEqual([]);
});

test("messages of one connection are handled in order", async () => {
  const { url, connect } = await startTestDaemon();
  await ingestAll(url, SERIES, [100, 160]);
  const feed = await connect();
  feed.subscribe(SERIES, { since: 100 });
  feed.sendRaw("[1]");
  feed.subscribe(SERIES);
  feed.send({ type: "noop" });
  await feed.settled();
  const error = { type: "error", code: "bad_request" };
  expect(feed.messages).toEqual([
    closed(160),
    { ...error, message: "invalid message envelope" },
    closed(100),
    closed(160),
    { ...error, message: "unknown message type: noop" },
  ]);
});

test("many messages at once are all handled, in order, without stopping the connection", async () => {
  const { connect } = await startTestDaemon();
  const feed = await connect();
  for (let index = 0; index < 2_000; index += 1) feed.send({ type: `t${index}` });
  await feed.atLeast(2_000);
  expect(feed.messages.map(({ message }) => message)).toEqual(
    Array.from({ length: 2_000 }, (_, index) => `unknown message type: t${index}`),
  );
});

test("a message beyond 64 KiB ends its connection and no other", async () => {
  const { connect } = await startTestDaemon();
  const [large, other] = [await connect(), await connect()];
  large.sendRaw(`{"type":"${"x".repeat(64 * 1024)}"}`);
  expect(await large.closed).toMatchObject({ code: 1009 });
  other.sendRaw("[1]");
  expect(await other.quiet()).toHaveLength(1);
});

test("text that is not UTF-8 ends its connection", async () => {
  const { connect } = await startTestDaemon();
  const feed = await connect();
  // The length of a text frame is taken from the bytes: this one says that it is text, and is not.
  feed.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
  expect(await feed.closed).toMatchObject({ code: 1007 });
});

test("random texts and random JSON crash nothing", async () => {
  const { url, connect } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1" } });
  const random = seededRandom(99);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const values = [null, true, 0, -1, 1e17, 2.5, "", "subscribe", "unsubscribe", SERIES, "a:b:c:5m", [], {}, [[1]]];
  const letters = [...'{}[]":,subscribetype 019.e-\\u\u0000é💹'];
  const feed = await connect();
  for (let round = 0; round < 500; round += 1) {
    const names = ["type", "series_id", "since", "supports_batch"].filter(() => random() < 0.8);
    if (random() < 0.5) feed.send(Object.fromEntries(names.map((name) => [name, pick(values)])));
    else feed.sendRaw(Array.from({ length: Math.floor(random() * 40) }, () => pick(letters)).join(""));
  }
  await feed.settled();
  for (const { type, code } of feed.messages) expect([type, code]).toEqual(["error", "bad_request"]);
  feed.subscribe(SERIES);
  await feed.settled();
  expect((await post(url, FORMING, { series_id: SERIES, candle: wire(100) })).status).toBe(200);
  expect((await feed.settled()).at(-1)).toEqual({ type: "candle_forming", series_id: SERIES, candle: wire(100) });
});

test("random bytes where WebSocket frames should be end their connection and no other", async () => {
  const { url, connect } = await startTestDaemon();
  const random = seededRandom(5);
  for (let round = 0; round < 40; round += 1) {
    const feed = await connect();
    const noise = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 60) }, () => Math.floor(random() * 256)));
    // Around the library, straight onto the connection.
    (feed.socket as unknown as { readonly _socket: { end(bytes: Buffer): void } })._socket.end(noise);
    await feed.closed;
  }
  expect((await call(url, "/api/market/whitelist")).status).toBe(200);
  const feed = await connect();
  feed.sendRaw("[1]");
  expect(await feed.quiet()).toHaveLength(1);
});

test("a series id that is too long to be stored cannot be followed either", async () => {
  const { connect } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_ONDEMAND_INGEST: "1" } });
  const feed = await connect();
  const id = (length: number): string => `binance:spot:${"x".repeat(length - "binance:spot::1m".length)}:1m`;
  feed.subscribe(id(60_000));
  feed.subscribe(id(201));
  feed.subscribe(id(200));
  await feed.settled();
  expect(feed.texts).toEqual([badRequest("invalid series_id"), badRequest("invalid series_id")]);
});
