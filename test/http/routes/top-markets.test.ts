import { describe, expect, test } from "vitest";
import { FORCE_INTERVAL_MS } from "../../../src/http/force-limiter.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { DAEMON_NOW_MS, startTestDaemon } from "../../support/daemon.js";
import { type MarketLists, startMarketLists, ticker } from "../../support/market-lists.js";
import { problems } from "../problems.js";
import { call } from "../request.js";

const PATH = "/api/market/top_markets";

async function world() {
  const lists = await startMarketLists();
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ clock, env: lists.env });
  const get = (query = "", market = "spot") => call(daemon.url, `${PATH}?market=${market}${query}`);
  return { lists, clock, daemon, get };
}

const askedFor = ({ asked }: MarketLists, route: string) => asked.filter((path) => path.endsWith(route)).length;
const idsOf = (items: unknown) => (items as { symbol_id: string }[]).map(({ symbol_id }) => symbol_id);

test("lists the markets by volume, with everything that is known of them", async () => {
  const { lists, get } = await world();
  const answer = await get();
  expect([answer.status, answer.text]).toEqual([
    200,
    JSON.stringify({
      exchange: "binance",
      market: "spot",
      quote_asset: "USDT",
      limit: 20,
      generated_at_ms: DAEMON_NOW_MS,
      cached: false,
      items: [item("ETH", 200), item("BTC", 100.5)],
    }),
  ]);
  expect(lists.asked.sort()).toEqual(["/api/v3/exchangeInfo", "/api/v3/ticker/24hr"]);
  await get("", "futures");
  expect(lists.asked.slice(2).sort()).toEqual(["/fapi/v1/exchangeInfo", "/fapi/v1/ticker/24hr"]);
});

function item(base: string, quote_volume: number) {
  return {
    exchange: "binance",
    market: "spot",
    symbol: `${base}/USDT`,
    symbol_id: `${base}USDT`,
    base_asset: base,
    quote_asset: "USDT",
    last_price: 1.5,
    quote_volume,
    price_change_percent: -2.5,
  };
}

test("quote asset and limit choose; a blank quote asset is USDT", async () => {
  const { get } = await world();
  expect((await get("&quote_asset=btc")).json).toMatchObject({ quote_asset: "BTC", items: [{ symbol: "ETH/BTC" }] });
  expect((await get("&quote_asset=%20&limit=1")).json).toMatchObject({
    quote_asset: "USDT",
    limit: 1,
    items: [{ symbol: "ETH/USDT" }],
  });
  expect((await get("&quote_asset=NONE&exchange=binance")).json.items).toEqual([]);
});

describe("the caches", () => {
  test("tickers are good for 10 s and the list for an hour; what they give is `cached`", async () => {
    const { lists, clock, get } = await world();
    expect((await get()).json.cached).toBe(false);
    expect((await get("&limit=5")).json.cached).toBe(true);
    await clock.advanceSettled(10_000);
    expect((await get()).json.cached).toBe(false);
    expect([askedFor(lists, "exchangeInfo"), askedFor(lists, "24hr")]).toEqual([1, 2]);
    await clock.advanceSettled(3_600_000);
    expect((await get()).json.cached).toBe(false);
    expect([askedFor(lists, "exchangeInfo"), askedFor(lists, "24hr")]).toEqual([2, 3]);
  });

  test("RS-H10 are served when the exchange fails, however old", async () => {
    const { lists, clock, get } = await world();
    await get();
    lists.answers.status = 418;
    await clock.advanceSettled(2 * 3_600_000);
    const answer = await get();
    expect([answer.status, idsOf(answer.json.items), answer.json.cached]).toEqual([200, ["ETHUSDT", "BTCUSDT"], true]);
  });

  test("without them a failure is 502 with what it was", async () => {
    const { lists, get } = await world();
    lists.answers.status = 418;
    const answer = await get();
    expect(answer.status).toBe(502);
    expect(answer.json.detail).toMatch(/^upstream_error:(banned|silenced): /);
  });

  test("are shared by everybody who asks at once", async () => {
    const { lists, get } = await world();
    await Promise.all([get(), get(), get("&limit=3")]);
    expect(lists.asked).toHaveLength(2);
  });
});

describe("force", () => {
  test("asks for both lists anew, and is let pass once in a while per market", async () => {
    const { lists, clock, get } = await world();
    await get();
    lists.answers.tickers = [ticker("BTCUSDT", "999")];
    const forced = await get("&force=true");
    expect([idsOf(forced.json.items), forced.json.cached]).toEqual([["BTCUSDT"], false]);
    expect([askedFor(lists, "exchangeInfo"), askedFor(lists, "24hr")]).toEqual([2, 2]);
    const again = await get("&force=1&limit=3");
    expect([again.status, again.json]).toEqual([429, { detail: "rate_limited" }]);
    expect((await get("&force=false")).status).toBe(200);
    expect((await get("&force=true", "futures")).status).toBe(200);
    await clock.advanceSettled(FORCE_INTERVAL_MS);
    expect((await get("&force=yes")).status).toBe(200);
  });

  test("is not used up by a request that is refused", async () => {
    const { get } = await world();
    expect((await get("&force=true&exchange=kraken")).status).toBe(400);
    expect((await get("&force=true&limit=0")).status).toBe(422);
    expect((await get("&force=true")).status).toBe(200);
  });
});

test("parameters are checked, and another exchange is refused, before anything is asked", async () => {
  const { lists, daemon } = await world();
  const at = (name: string) => ({ loc: ["query", name] });
  const literal = { type: "literal_error", ctx: { expected: "'spot' or 'futures'" } };
  const cases: readonly (readonly [query: string, problem: object])[] = [
    ["", { type: "missing", ...at("market") }],
    ["market=margin", { ...literal, ...at("market"), msg: "Input should be 'spot' or 'futures'", input: "margin" }],
    ["market=", { ...literal, ...at("market") }],
    ["market=spot&exchange=", { type: "string_too_short", ...at("exchange") }],
    ["market=spot&quote_asset=", { type: "string_too_short", ...at("quote_asset") }],
    [
      "market=spot&quote_asset=ABCDEFGHIJKLM",
      { type: "string_too_long", ...at("quote_asset"), ctx: { max_length: 12 } },
    ],
    ["market=spot&limit=0", { type: "greater_than_equal", ...at("limit"), ctx: { ge: 1 } }],
    ["market=spot&limit=201", { type: "less_than_equal", ...at("limit"), ctx: { le: 200 } }],
    ["market=spot&force=maybe", { type: "bool_parsing", ...at("force") }],
  ];
  for (const [query, problem] of cases) {
    expect(await problems(daemon, `${PATH}?${query}`), query).toMatchObject([problem]);
  }
  for (const path of [PATH, `${PATH}/stream`]) {
    const answer = await call(daemon.url, `${path}?market=spot&exchange=kraken`);
    expect([answer.status, answer.json], path).toEqual([400, { detail: "unsupported exchange" }]);
  }
  expect(lists.asked).toEqual([]);
});
