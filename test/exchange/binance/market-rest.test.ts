import { afterEach, describe, expect, it } from "vitest";
import { closedCandles } from "../../../src/exchange/binance/history.js";
import { createMarketRest } from "../../../src/exchange/binance/market-rest.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { json, type ScriptedServer, startScriptedServer } from "./scripted-server.js";

const MINUTE_MS = 60_000;
/** The machine is 90 s behind the exchange. */
const MACHINE_MS = 1_746_403_200_000;
const EXCHANGE_MS = MACHINE_MS + 90_000;
const never = new AbortController().signal;

let server: ScriptedServer;
afterEach(() => server.stop());

function klineRow(openMs: number): unknown[] {
  return [openMs, "1.0", "2.0", "0.5", "1.5", "10", openMs + MINUTE_MS - 1, "15", 3, "4", "6", "0"];
}

async function setUp() {
  let weight = 0;
  server = await startScriptedServer(({ path, query }) => {
    weight += 1;
    const used = { "x-mbx-used-weight-1m": String(weight) };
    if (path === "/fapi/v1/time") return json({ serverTime: EXCHANGE_MS }, used);
    if (path === "/fapi/v1/exchangeInfo") {
      const rateLimits = [{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 1200 }];
      return json({ rateLimits, symbols: [{ symbol: "BTCUSDT", status: "TRADING", contractType: "PERPETUAL" }] }, used);
    }
    const rows: unknown[] = [];
    const lastMs = Math.min(Number(query.endTime), EXCHANGE_MS);
    for (let openMs = Number(query.startTime); openMs <= lastMs; openMs += MINUTE_MS) rows.push(klineRow(openMs));
    return json(rows.slice(0, Number(query.limit)), used);
  });
  const clock = new SimulatedClock(MACHINE_MS);
  const market = createMarketRest({
    market: "futures",
    baseUrl: `${server.baseUrl}/`,
    clock,
    random: () => 0,
    timeoutMs: 10_000,
    exchangeInfoTtlMs: 3_600_000,
    version: "1.2.3",
    stop: never,
  });
  return { clock, ...market };
}

describe("createMarketRest", () => {
  it("F24: decides by the exchange's clock, once told, which candles are final", async () => {
    const market = await setUp();
    expect(market.time.needsSync()).toBe(true);
    await market.syncTime(never);
    expect(market.time.offsetMs()).toBe(90_000);
    const events: unknown[] = [];
    const series = parseSeriesId("binance:futures:BTC/USDT:1m");
    const afterTimeS = MACHINE_MS / 1000 - 3 * 60;
    for await (const event of closedCandles(market, { series, afterTimeS, maxCandles: 100, signal: never })) {
      events.push(event);
    }
    const values = { open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 };
    const times = [-2, -1, 0].map((minute) => MACHINE_MS / 1000 + minute * 60);
    expect(events).toEqual([
      { type: "page", candles: times.map((time) => ({ time, ...values })) },
      { type: "end", finalUpToMs: EXCHANGE_MS },
    ]);
  });

  it("keeps a silence as long as was asked for, whatever the machine's clock was taken for meanwhile (F24)", async () => {
    const { clock, governor, syncTime, time } = await setUp();
    const asking = syncTime(never);
    governor.noteRefusal({ status: 429, retryAfter: "60", text: "" });
    expect(governor.silenceLeftMs()).toBe(60_000);
    await asking;
    expect(time.offsetMs()).toBe(90_000);
    expect(governor.silenceLeftMs()).toBe(60_000);
    clock.advance(60_000);
    expect(governor.silence()).toBeNull();
  });

  it("verifies symbols and takes over the weight limit", async () => {
    const { directory, governor } = await setUp();
    expect(governor.snapshot().limitPerMinute).toBe(2400);
    expect(await directory.ensureFresh(never)).toEqual({ type: "fresh" });
    expect(directory.check(parseSeriesId("binance:futures:BTC/USDT:USDT:5m"))).toBe("trading");
    expect(governor.snapshot()).toMatchObject({ limitPerMinute: 1200, usedWeight: 1 });
  });
});
