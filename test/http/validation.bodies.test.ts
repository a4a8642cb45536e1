import { expect, test } from "vitest";
import { startTestDaemon } from "../support/daemon.js";
import { problems } from "./problems.js";
import { BATCH, CLOSED, call, FORMING, post, wire } from "./request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_DEBUG_API: "1" };

test("no body at all, and one that is null", async () => {
  const daemon = await startTestDaemon();
  const missing = [{ type: "missing", loc: ["body"], msg: "Field required", input: null }];
  for (const body of ["", "null"]) expect(await problems(daemon, CLOSED, body)).toEqual(missing);
  const withType = await call(daemon.url, CLOSED, { method: "POST", headers: { "content-type": "application/json" } });
  expect(withType.json).toEqual({ detail: missing });
});

test("unparsable JSON is told with the place where it stops being JSON", async () => {
  const daemon = await startTestDaemon();
  const cases: [string, number][] = [
    ["hello", 0],
    ['{"series_id": tru}', 17],
    ['{"series_id": "x",}', 18],
    ['{"series_id": "x"', 17],
    ["[1, 2", 5],
    ["1 2", 2],
    [" ", 1],
  ];
  for (const [text, offset] of cases) {
    expect(await problems(daemon, CLOSED, text), text).toEqual([
      {
        type: "json_invalid",
        loc: ["body", offset],
        msg: "JSON decode error",
        input: {},
        ctx: { error: expect.any(String) },
      },
    ]);
  }
});

test("a body that is not UTF-8 is no JSON", async () => {
  const daemon = await startTestDaemon();
  const bytes = Buffer.from(`{"series_id":"${SERIES}\xff"}`, "latin1");
  expect(await problems(daemon, CLOSED, bytes)).toMatchObject([
    { type: "json_invalid", ctx: { error: "the body is not UTF-8" } },
  ]);
});

test("the content type does not matter, not even a broken one", async () => {
  const { url } = await startTestDaemon();
  const body = { series_id: SERIES, candle: wire(100) };
  for (const type of [
    "text/plain",
    "application/json; charset=latin-1",
    "application/x-www-form-urlencoded",
    "x",
    "",
  ]) {
    const answer = await call(url, CLOSED, { headers: { "content-type": type }, body });
    expect(answer.status, type).toBe(200);
  }
});

test("lists: too short, too long, no list, and items that are wrong", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const batch = (candles: unknown) => ({ series_id: SERIES, candles });
  expect(await problems(daemon, BATCH, batch([]))).toEqual([
    {
      type: "too_short",
      loc: ["body", "candles"],
      msg: "List should have at least 1 item after validation, not 0",
      input: [],
      ctx: { field_type: "List", min_length: 1, actual_length: 0 },
    },
  ]);
  const long = Array.from({ length: 20_001 }, (_, index) => wire(index));
  expect(await problems(daemon, BATCH, batch(long))).toEqual([
    {
      type: "too_long",
      loc: ["body", "candles"],
      msg: "List should have at most 20000 items after validation, not 20001",
      input: null,
      ctx: { field_type: "List", max_length: 20_000, actual_length: 20_001 },
    },
  ]);
  expect(await problems(daemon, BATCH, { series_id: SERIES })).toMatchObject([
    { type: "missing", loc: ["body", "candles"] },
  ]);
  expect(await problems(daemon, BATCH, batch("none"))).toMatchObject([{ type: "list_type", input: "none" }]);
  expect(await problems(daemon, BATCH, batch([wire(100), { ...wire(160), open: null }]))).toMatchObject([
    { type: "float_type", loc: ["body", "candles", 1, "open"] },
  ]);
});

test("booleans are read leniently, and nothing else is a boolean", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const batch = (publish_ws: unknown) => ({ series_id: SERIES, candles: [wire(100)], publish_ws });
  expect(await problems(daemon, BATCH, batch("maybe"))).toEqual([
    {
      type: "bool_parsing",
      loc: ["body", "publish_ws"],
      msg: "Input should be a valid boolean, unable to interpret input",
      input: "maybe",
    },
  ]);
  for (const value of [2, ""])
    expect(await problems(daemon, BATCH, batch(value))).toMatchObject([{ type: "bool_parsing" }]);
  for (const value of [null, [], {}])
    expect(await problems(daemon, BATCH, batch(value))).toMatchObject([{ type: "bool_type" }]);
  for (const value of [true, false, 0, 1, "1", "0", "Yes", "NO", "on", "Off", "t", "F", "y", "N", " true "]) {
    expect((await post(daemon.url, BATCH, batch(value))).status, String(value)).toBe(200);
  }
});

test("numbers may be written as texts; unknown members do not matter", async () => {
  const { url, app } = await startTestDaemon();
  const candle = { candle_time: "100", open: "1", high: " 2 ", low: ".5", close: "+1.5", volume: "1e1", colour: "red" };
  const answer = await post(url, CLOSED, { series_id: SERIES, candle, more: { nested: [] } });
  expect(answer.json).toEqual({ ok: true, series_id: SERIES, candle_time: 100 });
  expect(app.store.read(SERIES, { limit: 1 }).candles()).toEqual([
    { time: 100, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 },
  ]);
});

test("a series id longer than 200 characters is not stored; counted are characters, not bytes", async () => {
  const daemon = await startTestDaemon();
  const id = (symbol: string) => `binance:spot:${symbol}:1m`;
  const frame = id("").length;
  const long = id("x".repeat(201 - frame));
  expect(await problems(daemon, CLOSED, { series_id: long, candle: wire(100) })).toEqual([
    {
      type: "string_too_long",
      loc: ["body", "series_id"],
      msg: "String should have at most 200 characters",
      input: long,
      ctx: { max_length: 200 },
    },
  ]);
  const longest = id("💹".repeat(200 - frame));
  expect((await post(daemon.url, CLOSED, { series_id: longest, candle: wire(100) })).status).toBe(200);
  expect(daemon.app.store.head(longest).count).toBe(1);
});

test("at most 100 problems are listed", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const list = await problems(daemon, BATCH, { series_id: SERIES, candles: Array(20_000).fill({}) });
  expect(list).toHaveLength(100);
});

test("an offending value that is large or deep is not sent back", async () => {
  const daemon = await startTestDaemon();
  const huge = `{"padding":"${"x".repeat(1_000_000)}"}`;
  const deep = `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  for (const body of [huge, deep]) {
    expect(await problems(daemon, CLOSED, body)).toEqual([
      { type: "missing", loc: ["body", "series_id"], msg: "Field required", input: null },
      { type: "missing", loc: ["body", "candle"], msg: "Field required", input: null },
    ]);
  }
});

test("series ids that name no series are told what is wrong with them, and nothing is stored", async () => {
  const { url, app } = await startTestDaemon({ env: OPEN });
  const cases: [string, string][] = [
    ["", "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'"],
    ["binance:spot:1m", "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'"],
    ["binance:spot: :1m", "invalid series_id (empty component)"],
    [":spot:BTC/USDT:1m", "invalid series_id (empty component)"],
    ["binance:spot:BTC/USDT:", "invalid series_id (empty component)"],
    ["binance:spot:BTC/USDT:1w", "unsupported timeframe unit: 'w'"],
    ["binance:spot:BTC/USDT:60s", "unsupported timeframe unit: 's'"],
    ["binance:spot:BTC/USDT:0m", "invalid timeframe: '0m'"],
    ["binance:spot:BTC/USDT:1.5m", "invalid timeframe: '1.5m'"],
    ["binance:spot:BTC/USDT:m", "invalid timeframe: 'm'"],
  ];
  for (const [series_id, detail] of cases) {
    for (const [path, body] of [
      [CLOSED, { series_id, candle: wire(100) }],
      [FORMING, { series_id, candle: wire(100) }],
      [BATCH, { series_id, candles: [wire(100)] }],
    ] as const) {
      const answer = await post(url, path, body);
      expect([answer.status, answer.json], `${path} ${series_id}`).toEqual([400, { detail }]);
    }
  }
  expect(app.store.seriesIds()).toEqual([]);
});
