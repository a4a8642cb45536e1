import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  closedCandles,
  type HistoryEvent,
  type HistoryRequest,
  type HistorySource,
  SETTLE_MS,
} from "../../../src/exchange/binance/history.js";
import type { KlineRow } from "../../../src/exchange/binance/kline-rows.js";
import type { KlinesRequest } from "../../../src/exchange/binance/rest-client.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";

const MINUTE_MS = 60_000;
const T0_S = 1_746_403_200;
const SPOT = parseSeriesId("binance:spot:BTC/USDT:1m");
const FUTURES = parseSeriesId("binance:futures:BTC/USDT:1m");
const never = new AbortController().signal;

function row(openS: number): KlineRow {
  const candle = { time: openS, open: 1, high: 2, low: 0.5, close: 1.5, volume: openS % 7 };
  return { candle, openTimeMs: openS * 1000, closeTimeMs: openS * 1000 + MINUTE_MS - 1 };
}

const minutes = (count: number, from = 0): KlineRow[] =>
  Array.from({ length: count }, (_unused, index) => row(T0_S + (from + index) * 60));

/** An exchange that answers as documented: inclusive bounds on open time, ascending, the newest row may be forming. */
function exchange(rows: readonly KlineRow[], nowMs: number, uncertaintyMs = 0) {
  const requests: KlinesRequest[] = [];
  const source: HistorySource = {
    time: { exchangeNowMs: () => nowMs + uncertaintyMs, uncertaintyMs: () => uncertaintyMs },
    rest: {
      klines: async (request) => {
        requests.push(request);
        const { startTimeMs = 0, endTimeMs = Number.POSITIVE_INFINITY, limit } = request;
        expect(startTimeMs).toBeLessThanOrEqual(endTimeMs);
        return rows
          .filter((each) => each.openTimeMs >= startTimeMs && each.openTimeMs <= endTimeMs && each.openTimeMs <= nowMs)
          .slice(0, limit);
      },
    },
  };
  return { source, requests };
}

async function collect(source: HistorySource, request: Partial<HistoryRequest>) {
  const pages: (readonly Candle[])[] = [];
  let end: Extract<HistoryEvent, { type: "end" }> | undefined;
  const full = { series: SPOT, afterTimeS: T0_S - 60, maxCandles: 100_000, signal: never, ...request };
  for await (const event of closedCandles(source, full)) {
    expect(end).toBeUndefined();
    if (event.type === "page") pages.push(event.candles);
    else end = event;
  }
  return { pages, times: pages.flat().map((candle) => candle.time), finalUpToMs: end?.finalUpToMs };
}

/** The moment at which the candle opening at minute `index` has just become final. */
const finalAtMs = (index: number): number => (T0_S + index * 60) * 1000 + MINUTE_MS - 1 + SETTLE_MS;

describe("closedCandles", () => {
  it("F38: reads page after page of the cheapest size, without overlap or omission", async () => {
    const rows = minutes(1200);
    const { source, requests } = exchange(rows, finalAtMs(1199));
    const { pages, times, finalUpToMs } = await collect(source, { series: FUTURES });
    expect(times).toEqual(rows.map((each) => each.candle.time));
    expect(pages.map((page) => page.length)).toEqual([499, 499, 202]);
    expect(requests.map((request) => request.limit)).toEqual([499, 499, 202]);
    expect(requests.map((request) => ((request.startTimeMs ?? 0) / 1000 - T0_S) / 60)).toEqual([0, 499, 998]);
    expect(finalUpToMs).toBe(finalAtMs(1199));
  });

  it("asks for a thousand at a time on spot, and for no more than there can be", async () => {
    const { source, requests } = exchange(minutes(1001), finalAtMs(1000));
    expect((await collect(source, {})).times).toHaveLength(1001);
    expect(requests.map((request) => request.limit)).toEqual([1000, 1]);
    expect(requests[0]).toMatchObject({ symbol: "BTCUSDT", interval: "1m", priority: "bulk" });
  });

  it("F30, F31: takes a candle for final exactly when its settling time is over", async () => {
    const rows = minutes(5);
    const before = await collect(exchange(rows, finalAtMs(3) - 1).source, {});
    expect(before.times).toHaveLength(3);
    expect((await collect(exchange(rows, finalAtMs(3)).source, {})).times).toHaveLength(4);
  });

  it("believes the earliest time that the exchange's clock may show", async () => {
    const { source } = exchange(minutes(5), finalAtMs(3) - 1, 400);
    expect((await collect(source, {})).times).toHaveLength(3);
  });

  it("F30: stops at the first row that is not final, by the row's own close time", async () => {
    const rows = minutes(5).map((each, index) =>
      index === 2 ? { ...each, closeTimeMs: finalAtMs(4) - SETTLE_MS + 1 } : each,
    );
    const { times, finalUpToMs } = await collect(exchange(rows, finalAtMs(4)).source, {});
    expect(times).toEqual([T0_S, T0_S + 60]);
    expect(finalUpToMs).toBe(finalAtMs(4));
  });

  it("sends nothing when nothing can be final", async () => {
    const { source, requests } = exchange(minutes(3), finalAtMs(0) - 1);
    expect(await collect(source, {})).toEqual({ pages: [], times: [], finalUpToMs: finalAtMs(0) - 1 });
    expect((await collect(source, { beforeTimeS: T0_S })).times).toEqual([]);
    expect(requests).toHaveLength(0);
  });

  it("keeps to both ends of the range, exclusively", async () => {
    const { source, requests } = exchange(minutes(10), finalAtMs(9));
    const range = { afterTimeS: T0_S + 120, beforeTimeS: T0_S + 300 };
    expect((await collect(source, range)).times).toEqual([T0_S + 180, T0_S + 240]);
    expect(requests).toHaveLength(1);
  });

  it("F32: goes on over a hole of the market; a short page is not the end", async () => {
    const rows = [...minutes(3), ...minutes(600, 288)];
    const { source } = exchange(rows, finalAtMs(900));
    expect((await collect(source, { series: FUTURES })).times).toEqual(rows.map((each) => each.candle.time));
  });

  it("ends at an empty answer, having asked up to now", async () => {
    const { source, requests } = exchange([], finalAtMs(50));
    expect(await collect(source, {})).toEqual({ pages: [], times: [], finalUpToMs: finalAtMs(50) });
    expect(requests).toHaveLength(1);
  });

  it("stops after the wanted number, saying how far it came", async () => {
    const { source, requests } = exchange(minutes(10), finalAtMs(9));
    const { times, finalUpToMs } = await collect(source, { maxCandles: 4 });
    expect(times).toHaveLength(4);
    expect(finalUpToMs).toBe(finalAtMs(3));
    expect(requests.map((request) => request.limit)).toEqual([4]);
  });

  it("F34: loses no candle off the grid, nor the one on it that follows sooner, wherever the pages end", async () => {
    const times = [28, 88, 120, 180, 268, 328].map((offsetS) => T0_S + offsetS);
    for (let pageRows = 1; pageRows <= times.length; pageRows += 1) {
      const { source } = exchange(times.map(row), finalAtMs(10));
      const rest = { klines: (request: KlinesRequest) => source.rest.klines({ ...request, limit: pageRows }) };
      expect((await collect({ ...source, rest }, {})).times).toEqual(times);
    }
  });

  it("begins right after a candle off the grid", async () => {
    const { source } = exchange([row(T0_S + 30), row(T0_S + 60)], finalAtMs(10));
    expect((await collect(source, { afterTimeS: T0_S + 15 })).times).toEqual([T0_S + 30, T0_S + 60]);
  });

  it("F38: drops what the exchange repeats from before the start, and refuses to go in circles", async () => {
    const { source } = exchange(minutes(10), finalAtMs(9));
    const rounding = (rows: number): HistorySource => ({
      ...source,
      rest: {
        klines: (request) =>
          source.rest.klines({ ...request, startTimeMs: (request.startTimeMs ?? 0) - MINUTE_MS, limit: rows }),
      },
    });
    expect((await collect(rounding(3), {})).times).toEqual(minutes(10).map((each) => each.candle.time));
    const stuck = collect(rounding(1), { afterTimeS: T0_S });
    await expect(stuck).rejects.toMatchObject({ code: "unexpected_shape" });
  });

  it("passes errors and the caller's wishes on", async () => {
    const { source, requests } = exchange(minutes(3), finalAtMs(2));
    await collect(source, { priority: "live" });
    expect(requests[0]).toMatchObject({ priority: "live", signal: never });
    const failing = { ...source, rest: { klines: () => Promise.reject(new RestError("banned", "HTTP 418")) } };
    await expect(collect(failing, {})).rejects.toMatchObject({ code: "banned" });
    await expect(collect(source, { maxCandles: 0 })).rejects.toThrow("maxCandles 0 is not a whole number from 1");
    await expect(collect(source, { series: parseSeriesId("binance:spot:BTC/USDT:7m") })).rejects.toMatchObject({
      code: "unsupported_interval",
    });
  });

  it("finds exactly the final candles of any market on the grid, in any pages, in few requests", async () => {
    const market = fc.uniqueArray(fc.nat(3000), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(
        market,
        fc.nat(3000),
        fc.option(fc.nat(3000)),
        fc.nat(3100),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(59_999),
        async (indices, after, before, now, pageRows, intoMs) => {
          const rows = indices.sort((a, b) => a - b).map((index) => row(T0_S + index * 60));
          const nowMs = (T0_S + now * 60) * 1000 + intoMs;
          const { source, requests } = exchange(rows, nowMs);
          const paged: HistorySource = {
            ...source,
            rest: { klines: (r) => source.rest.klines({ ...r, limit: Math.min(r.limit, pageRows) }) },
          };
          const beforeTimeS = before === null ? {} : { beforeTimeS: T0_S + before * 60 };
          const afterTimeS = T0_S + after * 60;
          const { times } = await collect(paged, { afterTimeS, ...beforeTimeS });
          const expected = rows
            .filter((each) => each.closeTimeMs + SETTLE_MS <= nowMs)
            .map((each) => each.candle.time)
            .filter((time) => time > afterTimeS && time < (beforeTimeS.beforeTimeS ?? Number.POSITIVE_INFINITY));
          expect(times).toEqual(expected);
          expect(requests.length).toBeLessThanOrEqual(Math.ceil(expected.length / pageRows) + 1);
        },
      ),
      { numRuns: 200 },
    );
  });
});
