import { expect, test } from "vitest";
import { startTestDaemon } from "../support/daemon.js";
import { problems } from "./problems.js";
import { CANDLES, CLOSED, FORMING, wire } from "./request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_DEBUG_API: "1" };

const integer = "Input should be a valid integer, unable to parse string as an integer";
const number = "Input should be a valid number";

test("query parameters: every kind of problem, with the text that was sent as input", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const at = (name: string) => ["query", name];
  const cases: [string, unknown][] = [
    ["", { type: "missing", loc: at("series_id"), msg: "Field required", input: null }],
    [
      "series_id=",
      {
        type: "string_too_short",
        loc: at("series_id"),
        msg: "String should have at least 1 character",
        input: "",
        ctx: { min_length: 1 },
      },
    ],
    ["series_id=x&limit=ten", { type: "int_parsing", loc: at("limit"), msg: integer, input: "ten" }],
    ["series_id=x&since=", { type: "int_parsing", loc: at("since"), msg: integer, input: "" }],
    ["series_id=x&since=1.5", { type: "int_parsing", loc: at("since"), msg: integer, input: "1.5" }],
    ["series_id=x&since=0x10", { type: "int_parsing", loc: at("since"), msg: integer, input: "0x10" }],
    ["series_id=x&since=1_000", { type: "int_parsing", loc: at("since"), msg: integer, input: "1_000" }],
    [
      "series_id=x&since=-1",
      {
        type: "greater_than_equal",
        loc: at("since"),
        msg: "Input should be greater than or equal to 0",
        input: "-1",
        ctx: { ge: 0 },
      },
    ],
    [
      "series_id=x&limit=0",
      {
        type: "greater_than_equal",
        loc: at("limit"),
        msg: "Input should be greater than or equal to 1",
        input: "0",
        ctx: { ge: 1 },
      },
    ],
    [
      "series_id=x&limit=5001",
      {
        type: "less_than_equal",
        loc: at("limit"),
        msg: "Input should be less than or equal to 5000",
        input: "5001",
        ctx: { le: 5000 },
      },
    ],
    [
      "series_id=x&since=9007199254740993",
      {
        type: "int_parsing_size",
        loc: at("since"),
        msg: "Unable to parse input string as an integer, exceeded maximum size",
        input: "9007199254740993",
      },
    ],
    [
      "series_id=x&since=1e999",
      { type: "finite_number", loc: at("since"), msg: "Input should be a finite number", input: null },
    ],
  ];
  for (const [query, problem] of cases) {
    expect(await problems(daemon, `${CANDLES}?${query}`), query).toEqual([problem]);
  }
});

test("several problems are listed in the order of the fields", async () => {
  const daemon = await startTestDaemon();
  const list = (await problems(daemon, `${CANDLES}?limit=x&since=y`)) as { loc: string[]; type: string }[];
  expect(list.map(({ loc, type }) => [loc[1], type])).toEqual([
    ["series_id", "missing"],
    ["since", "int_parsing"],
    ["limit", "int_parsing"],
  ]);
});

test("bodies: every kind of problem, with the offending value as input", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const good = wire(100);
  const body = (candle: unknown, series: unknown = SERIES) => ({ series_id: series, candle });
  const at = (...path: string[]) => ["body", ...path];
  const cases: [unknown, unknown[]][] = [
    [
      {},
      [
        { type: "missing", loc: at("series_id"), msg: "Field required", input: {} },
        { type: "missing", loc: at("candle"), msg: "Field required", input: {} },
      ],
    ],
    [
      body({ ...good, volume: undefined }),
      [
        {
          type: "missing",
          loc: at("candle", "volume"),
          msg: "Field required",
          input: { candle_time: 100, open: 1, high: 2, low: 0.5, close: 1.5 },
        },
      ],
    ],
    [body({ ...good, close: null }), [{ type: "float_type", loc: at("candle", "close"), msg: number, input: null }]],
    [body({ ...good, open: [1] }), [{ type: "float_type", loc: at("candle", "open"), msg: number, input: [1] }]],
    [body({ ...good, high: true }), [{ type: "float_type", loc: at("candle", "high"), msg: number, input: true }]],
    [
      body({ ...good, low: "cheap" }),
      [
        {
          type: "float_parsing",
          loc: at("candle", "low"),
          msg: "Input should be a valid number, unable to parse string as a number",
          input: "cheap",
        },
      ],
    ],
    [
      body({ ...good, candle_time: 100.5 }),
      [
        {
          type: "int_from_float",
          loc: at("candle", "candle_time"),
          msg: "Input should be a valid integer, got a number with a fractional part",
          input: 100.5,
        },
      ],
    ],
    [
      body({ ...good, candle_time: null }),
      [{ type: "int_type", loc: at("candle", "candle_time"), msg: "Input should be a valid integer", input: null }],
    ],
    [
      body({ ...good, candle_time: "soon" }),
      [{ type: "int_parsing", loc: at("candle", "candle_time"), msg: integer, input: "soon" }],
    ],
    [
      body({ ...good, candle_time: -60 }),
      [
        {
          type: "greater_than_equal",
          loc: at("candle", "candle_time"),
          msg: "Input should be greater than or equal to 0",
          input: -60,
          ctx: { ge: 0 },
        },
      ],
    ],
    [body(good, 7), [{ type: "string_type", loc: at("series_id"), msg: "Input should be a valid string", input: 7 }]],
    [
      body(5),
      [
        {
          type: "model_attributes_type",
          loc: at("candle"),
          msg: "Input should be a valid dictionary or object to extract fields from",
          input: 5,
        },
      ],
    ],
  ];
  for (const path of [CLOSED, FORMING]) {
    for (const [given, expected] of cases) {
      expect(await problems(daemon, path, given), JSON.stringify(given)).toEqual(expected);
    }
  }
});

test("a time in milliseconds is refused: it lies beyond the year 9999", async () => {
  const daemon = await startTestDaemon();
  const given = { series_id: SERIES, candle: wire(1_700_000_000_000) };
  expect(await problems(daemon, CLOSED, given)).toEqual([
    {
      type: "less_than_equal",
      loc: ["body", "candle", "candle_time"],
      msg: "Input should be less than or equal to 253402300799",
      input: 1_700_000_000_000,
      ctx: { le: 253_402_300_799 },
    },
  ]);
});

test("numbers that JSON allows and computers do not are refused", async () => {
  const daemon = await startTestDaemon();
  const text = (close: string) =>
    `{"series_id":"${SERIES}","candle":{"candle_time":100,"open":1,"high":1,"low":1,"close":${close},"volume":1}}`;
  const finite = [
    { type: "finite_number", loc: ["body", "candle", "close"], msg: "Input should be a finite number", input: null },
  ];
  for (const close of ["1e999", "-1e999", '"1e999"'])
    expect(await problems(daemon, CLOSED, text(close))).toEqual(finite);
  for (const close of ["NaN", "Infinity"]) {
    expect(await problems(daemon, CLOSED, text(close))).toMatchObject([{ type: "json_invalid" }]);
  }
});
