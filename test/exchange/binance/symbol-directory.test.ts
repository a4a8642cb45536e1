import { describe, expect, it } from "vitest";
import type { ExchangeInfo } from "../../../src/exchange/binance/exchange-info.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";
import {
  FAILED_LOAD_PAUSE_MS,
  SUSPICION_MIN_INTERVAL_MS,
  SymbolDirectory,
} from "../../../src/exchange/binance/symbol-directory.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

const TTL_MS = 3_600_000;
const never = new AbortController().signal;
const BTC = parseSeriesId("binance:futures:BTC/USDT:USDT:1m");

const listed = (status: string) => ({ status, contractType: null, baseAsset: "A", quoteAsset: "B" });

function info(statuses: Record<string, string>): ExchangeInfo {
  const symbols = Object.entries(statuses).map(([symbol, status]) => [symbol, listed(status)] as const);
  return { symbols: new Map(symbols), weightLimitPerMinute: null };
}

/** A directory whose loads the test answers one after another. */
function setUp(ttlMs = TTL_MS) {
  const clock = new SimulatedClock(0);
  const stop = new AbortController();
  const loads: { resolve: (info: ExchangeInfo) => void; reject: (error: Error) => void; signal: AbortSignal }[] = [];
  const load = (signal: AbortSignal): Promise<ExchangeInfo> =>
    new Promise((resolve, reject) => loads.push({ resolve, reject, signal }));
  const directory = new SymbolDirectory({ clock, ttlMs, load, stop: stop.signal });
  const loaded = async (statuses: Record<string, string>): Promise<void> => {
    const result = directory.ensureFresh(never);
    loads.at(-1)?.resolve(info(statuses));
    expect(await result).toEqual({ type: "fresh" });
  };
  return { clock, stop, loads, directory, loaded };
}

describe("SymbolDirectory", () => {
  it("cannot say anything before the first list", () => {
    const { directory } = setUp();
    expect([directory.check(BTC), directory.ageMs(), directory.symbol("BTCUSDT")]).toEqual(["unverified", null, null]);
  });

  it("knows trading, not trading and unknown symbols", async () => {
    const { clock, directory, loaded } = setUp();
    await loaded({ BTCUSDT: "TRADING", OLDUSDT: "SETTLING" });
    clock.advance(5);
    const check = (symbol: string): string => directory.check(parseSeriesId(`binance:futures:${symbol}:1h`));
    expect(["BTC/USDT", "OLD/USDT:USDT", "XXX/USDT"].map(check)).toEqual(["trading", "not_trading", "unknown"]);
    expect(directory.symbol("OLDUSDT")).toEqual(listed("SETTLING"));
    expect(directory.ageMs()).toBe(5);
  });

  it("says of a series that cannot be Binance's what is wrong with it", async () => {
    const { directory, loaded } = setUp();
    await loaded({ BTCUSDT: "TRADING" });
    expect(() => directory.check(parseSeriesId("binance:spot:BTCUSDT:1m"))).toThrow("unsupported symbol format");
  });

  it("loads once for callers at the same time, and again only after the time to live", async () => {
    const { clock, loads, directory } = setUp();
    const results = Promise.all([
      directory.ensureFresh(never),
      directory.ensureFresh(never),
      directory.refreshOnSuspicion(never),
    ]);
    expect(loads).toHaveLength(1);
    loads[0]?.resolve(info({ BTCUSDT: "TRADING" }));
    expect(await results).toEqual(Array(3).fill({ type: "fresh" }));
    clock.advance(TTL_MS - 1);
    expect(await directory.ensureFresh(never)).toEqual({ type: "fresh" });
    expect(loads).toHaveLength(1);
    clock.advance(1);
    void directory.ensureFresh(never);
    expect(loads).toHaveLength(2);
  });

  it("F36: loads earlier on suspicion, but not often", async () => {
    const { clock, loads, directory, loaded } = setUp();
    await loaded({ BTCUSDT: "TRADING" });
    clock.advance(SUSPICION_MIN_INTERVAL_MS - 1);
    expect(await directory.refreshOnSuspicion(never)).toEqual({ type: "fresh" });
    expect(loads).toHaveLength(1);
    clock.advance(1);
    const refreshed = directory.refreshOnSuspicion(never);
    loads[1]?.resolve(info({ BTCUSDT: "BREAK" }));
    await refreshed;
    expect(directory.check(BTC)).toBe("not_trading");
  });

  it("keeps the last good list when a load fails, and pauses before the next", async () => {
    const { clock, loads, directory, loaded } = setUp();
    await loaded({ BTCUSDT: "TRADING" });
    clock.advance(TTL_MS);
    const error = new RestError("banned", "HTTP 418");
    const failing = directory.ensureFresh(never);
    loads[1]?.reject(error);
    expect(await failing).toEqual({ type: "failed", error });
    expect(directory.check(BTC)).toBe("trading");
    clock.advance(FAILED_LOAD_PAUSE_MS - 1);
    expect(await directory.ensureFresh(never)).toEqual({ type: "failed", error });
    expect(loads).toHaveLength(2);
    clock.advance(1);
    await loaded({ BTCUSDT: "BREAK" });
    expect(directory.check(BTC)).toBe("not_trading");
  });

  it("lets a caller stop waiting without ending the load for the others", async () => {
    const { loads, directory } = setUp();
    const stop = new AbortController();
    const impatient = directory.ensureFresh(stop.signal);
    const patient = directory.ensureFresh(never);
    stop.abort();
    expect(await impatient).toEqual({ type: "aborted" });
    expect(loads[0]?.signal.aborted).toBe(false);
    loads[0]?.resolve(info({ BTCUSDT: "TRADING" }));
    expect(await patient).toEqual({ type: "fresh" });
    expect(await directory.ensureFresh(stop.signal)).toEqual({ type: "aborted" });
  });

  it("ends a load when it is stopped itself", async () => {
    const { loads, directory, stop } = setUp();
    void directory.ensureFresh(never);
    stop.abort();
    expect(loads[0]?.signal.aborted).toBe(true);
  });
});
