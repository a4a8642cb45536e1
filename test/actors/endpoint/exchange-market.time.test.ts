/** One market's clock, and its history by REST. Feed: F24, F30. */
import { describe, expect, test } from "vitest";
import type { ExchangeMarket } from "../../../src/actors/endpoint/exchange-market.js";
import { json, type SeenRequest } from "../../exchange/binance/scripted-server.js";
import { candleAt } from "../../support/candles.js";
import { minute, T0 } from "../series/world.js";
import { LISTED, series, startMarket, within } from "./market-world.js";
import { until } from "./socket-server.js";

describe("the exchange's clock", () => {
  test("is asked for again after a minute when the answer took so long that it says little", async () => {
    const { market, script, clock, asked, turns } = await startMarket();
    script.rest = async ({ path }) => {
      if (!path.endsWith("/time")) return json(LISTED);
      if (asked("time") === 1) clock.advance(8_000);
      return json({ serverTime: clock.now() + 7_000 });
    };
    await market.verify(series);
    await until("the first answer", () => market.nowMs() !== clock.now());
    expect(market.nowMs() - clock.now()).toBe(11_000);
    await turns();
    clock.advance(60_000);
    await until("the second one", () => market.nowMs() === clock.now() + 7_000);
    clock.advance(120_000);
    await turns();
    expect(asked("time")).toBe(2);
  });

  test("is followed from the first use on", async () => {
    const { market, script, clock } = await startMarket();
    script.rest = ({ path }) => (path.endsWith("/time") ? json({ serverTime: clock.now() + 7_000 }) : json(LISTED));
    expect(market.nowMs()).toBe(clock.now());
    await market.verify(series);
    await until("the exchange's time", () => market.nowMs() === clock.now() + 7_000);
  });
});

describe("a machine's clock", () => {
  test("RS-C3 that is more than a second off is told, once, and again when it is right (F24)", async () => {
    const { market, script, clock, log, turns } = await startMarket();
    let aheadMs = 1_500;
    script.rest = ({ path }) => (path.endsWith("/time") ? json({ serverTime: clock.now() + aheadMs }) : json(LISTED));
    const moved = { type: "jumped", byMs: 3_000 } as const;
    await market.clockMoved(moved);
    await market.clockMoved(moved);
    expect(log.of("clock.wrong").map(({ fields }) => fields.offset_ms)).toEqual([1_500]);
    aheadMs = 900;
    await market.clockMoved(moved);
    await turns();
    expect([log.of("clock.wrong").length, log.of("clock.right")[0]?.fields.offset_ms]).toEqual([1, 900]);
  });

  test("that was moved has the exchange asked for its time at once; one that was only late does not", async () => {
    const { market, asked } = await startMarket();
    await market.clockMoved({ type: "late", byMs: 2_000 });
    expect(asked("time")).toBe(0);
    await market.clockMoved({ type: "slept", byMs: 40_000 });
    expect(asked("time")).toBe(1);
  });

  test("without an answer stays as it is", async () => {
    const { market, script, clock } = await startMarket();
    script.rest = () => ({ status: 503 });
    await within(market.clockMoved({ type: "slept", byMs: 40_000 }), clock, 60);
    expect(market.nowMs()).toBe(clock.now());
    await market.stop();
    await market.clockMoved({ type: "slept", byMs: 40_000 });
  });
});

describe("history", () => {
  const rows = [57, 58, 59, 60].map((n) => {
    const { time, open, high, low, close, volume } = candleAt(minute(n));
    const values = [open, high, low, close, volume].map(String);
    return [time * 1000, ...values, time * 1000 + 59_999, "0", 1, "0", "0", "0"];
  });
  const serve = (nowMs: () => number) => (request: SeenRequest) => {
    const { path, query } = request;
    if (path.endsWith("/time")) return json({ serverTime: nowMs() });
    const isAsked = ([openMs]: (typeof rows)[number]) =>
      Number(openMs) >= Number(query.startTime) && Number(openMs) <= Number(query.endTime);
    return json(path.endsWith("/klines") ? rows.filter(isAsked) : LISTED);
  };
  const query = { series, afterTimeS: minute(56), maxCandles: 10, signal: new AbortController().signal };
  const timesOf = async (market: ExchangeMarket): Promise<readonly number[]> => {
    const times: number[] = [];
    for await (const event of market.history(query)) {
      if (event.type === "page") times.push(...event.candles.map(({ time }) => time));
    }
    return times;
  };

  test("comes from REST, in order", async () => {
    const { market, script, clock } = await startMarket();
    script.rest = serve(() => clock.now());
    // The last one closed this very moment: it is not final yet.
    expect(await timesOf(market)).toEqual([57, 58].map(minute));
  });

  test("takes no row for final by a machine's clock that is ahead: the exchange's is asked for first (F24)", async () => {
    const aheadMs = 600_000;
    const { market, script, clock, asked } = await startMarket({}, (T0 + 3_600) * 1000 + aheadMs);
    script.rest = serve(() => clock.now() - aheadMs);
    expect(await timesOf(market)).toEqual([57, 58].map(minute));
    expect(asked("time")).toBe(1);
  });

  test("is not to be had while the exchange's time is not, and does not hold up who gives up (F24)", async () => {
    const { market, script, clock, asked } = await startMarket();
    script.rest = () => ({ status: 503 });
    await expect(within(timesOf(market), clock, 60)).rejects.toMatchObject({ code: "server_error" });
    expect(asked("klines")).toBe(0);
    const stop = new AbortController();
    const waiting = market
      .history({ ...query, signal: stop.signal })
      [Symbol.asyncIterator]()
      .next();
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
  });

  test("at bulk priority waits once half of the weight is used; what somebody waits for does not", async () => {
    const { market, script, clock, turns, asked } = await startMarket();
    script.rest = ({ path }) =>
      path.endsWith("/klines")
        ? json([], { "x-mbx-used-weight-1m": "1300" })
        : json(path.endsWith("/time") ? { serverTime: clock.now() } : LISTED);
    const ask = async (priority: "live" | "bulk"): Promise<void> => {
      const { signal } = new AbortController();
      const query = { series, afterTimeS: minute(50), maxCandles: 10, signal };
      for await (const _ of market.history(priority === "bulk" ? { ...query, priority } : query));
    };
    await ask("live");
    expect(market.facts()?.weight).toEqual({ used: 1_300, limit: 2_400 });
    let done = false;
    const bulk = ask("bulk").then(() => {
      done = true;
    });
    await ask("live");
    await turns();
    expect([done, asked("klines")]).toEqual([false, 2]);
    clock.advance(61_000);
    await bulk;
    expect(asked("klines")).toBe(3);
  });
});
