/** One market as the series see it: listing, history, silences, and what happens when it fails. Feed bounds: B8, B9, B16. */
import { describe, expect, onTestFinished, test } from "vitest";
import { fixedPause } from "../../../src/actors/breaker/retry-policy.js";
import { ExchangeMarket, type ExchangeMarketOptions } from "../../../src/actors/endpoint/exchange-market.js";
import { Supervisor } from "../../../src/actors/runtime/supervisor.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { type Answer, json, type SeenRequest, startScriptedServer } from "../../exchange/binance/scripted-server.js";
import { candleAt } from "../../support/candles.js";
import { minute, openable, RecordingLog, SERIES, T0 } from "../series/world.js";
import { startSocketServer, until } from "./socket-server.js";
import { Ear } from "./world.js";

const series = parseSeriesId(SERIES);
const LISTED = { symbols: [{ symbol: "BTCUSDT", status: "TRADING", contractType: "PERPETUAL" }], rateLimits: [] };

/** A futures market whose REST answers as the test tells it to; it lists BTCUSDT unless told otherwise. */
async function startMarket(change: Partial<ExchangeMarketOptions> = {}, startMs = (T0 + 3_600) * 1000) {
  const sockets = await startSocketServer();
  const clock = new SimulatedClock(startMs);
  const script: { rest: (request: SeenRequest) => Answer | Promise<Answer> } = {
    rest: ({ path }) => (path.endsWith("/time") ? json({ serverTime: clock.now() }) : json(LISTED)),
  };
  const rest = await startScriptedServer((request) => script.rest(request));
  onTestFinished(() => rest.stop());
  const log = new RecordingLog();
  const saved: number[] = [];
  const market = new ExchangeMarket({
    market: "futures",
    wsUrl: sockets.url,
    restUrl: rest.baseUrl,
    clock,
    random: () => 0,
    log,
    restTimeoutMs: 10_000,
    exchangeInfoTtlMs: 3_600_000,
    renewAfterMs: 82_800_000,
    version: "0.0.0",
    retryPolicy: () => fixedPause,
    silence: {
      load: () => undefined,
      save: async (untilMs) => {
        saved.push(untilMs);
      },
    },
    ...change,
  });
  await market.start();
  onTestFinished(() => market.stop());
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const asked = (route: string) => rest.requests.filter(({ path }) => path.endsWith(`/${route}`)).length;
  return { sockets, clock, script, rest, log, saved, market, turns, asked };
}

/** Waits for a promise while the clock goes on in steps of a second. */
async function within<T>(promise: Promise<T>, clock: SimulatedClock, seconds: number): Promise<T> {
  let done = false;
  void promise.then(
    () => (done = true),
    () => (done = true),
  );
  for (let second = 0; second < seconds && !done; second += 1) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    clock.advance(1_000);
  }
  return promise;
}

describe("verification", () => {
  test("a listed symbol is usable; one that is not, or does not trade, is told with the reason", async () => {
    const { market, script } = await startMarket();
    expect(await market.verify(series)).toEqual({ type: "usable" });
    script.rest = () =>
      json({ ...LISTED, symbols: [{ symbol: "BTCUSDT", status: "SETTLING", contractType: "PERPETUAL" }] });
    const fresh = await startMarket();
    fresh.script.rest = script.rest;
    expect(await fresh.market.verify(series)).toEqual({
      type: "unusable",
      reason: "BTC/USDT does not trade on binance futures",
    });
    expect(await fresh.market.verify(parseSeriesId("binance:futures:NO/USDT:1m"))).toEqual({
      type: "unusable",
      reason: "NO/USDT is not listed on binance futures",
    });
  });

  test.each([
    ["binance:futures:BTCUSDT:1m", "unsupported symbol format for binance kline ws"],
    ["binance:futures:BTC/USDT:7m", "unsupported interval for binance klines: '7m'"],
  ])("%s is refused without asking anyone", async (text, reason) => {
    const { market, asked } = await startMarket();
    expect(await market.verify(parseSeriesId(text))).toMatchObject({
      type: "unusable",
      reason: expect.stringContaining(reason),
    });
    expect(asked("exchangeInfo")).toBe(0);
  });

  test("RS-E16 waits no longer than five seconds for the list; what it says is told when it comes (B8)", async () => {
    const { market, script, clock } = await startMarket();
    const gate = openable();
    script.rest = async () => {
      await gate.promise;
      return json({ ...LISTED, symbols: [{ symbol: "ETHUSDT", status: "TRADING", contractType: "PERPETUAL" }] });
    };
    const startedMs = clock.now();
    const verdict = await within(market.verify(series), clock, 30);
    expect(clock.now() - startedMs).toBeLessThanOrEqual(6_000);
    if (verdict.type !== "unverified") throw new Error(`expected unverified, not ${verdict.type}`);
    gate.open();
    expect(await within(verdict.later, clock, 60)).toEqual({
      type: "unusable",
      reason: "BTC/USDT is not listed on binance futures",
    });
  });

  test("a list that cannot be had for long is waited for once, however many series wait", async () => {
    const { market, script, clock, turns } = await startMarket();
    script.rest = () => ({ status: 503 });
    const first = await within(market.verify(series), clock, 30);
    await turns();
    const timers = clock.pendingTimers;
    for (let n = 0; n < 50; n += 1) expect((await market.verify(series)).type).toBe("unverified");
    await turns();
    expect(clock.pendingTimers).toBeLessThanOrEqual(timers + 1);
    script.rest = () => json(LISTED);
    if (first.type !== "unverified") throw new Error("the first was verified");
    expect(await within(first.later, clock, 120)).toEqual({ type: "usable" });
  });

  test("after a stop nothing is asked for any longer", async () => {
    const { market, script, clock, rest, turns } = await startMarket();
    script.rest = () => ({ status: 503 });
    await within(market.verify(series), clock, 30);
    await market.stop();
    await turns();
    const requests = rest.requests.length;
    clock.advance(10 * 60_000);
    await turns();
    expect([rest.requests.length, clock.pendingTimers]).toEqual([requests, 0]);
  });
});

describe("a doubt", () => {
  test("has the list loaded again, though not more than every two minutes, and is answered by it (F36)", async () => {
    const { market, script, clock, asked } = await startMarket();
    await market.verify(series);
    script.rest = ({ path }) =>
      path.endsWith("/time")
        ? json({ serverTime: clock.now() })
        : json({ ...LISTED, symbols: [{ symbol: "BTCUSDT", status: "SETTLING", contractType: "PERPETUAL" }] });
    expect([await market.doubt(series), asked("exchangeInfo")]).toEqual([{ type: "usable" }, 1]);
    clock.advance(120_000);
    const reason = "BTC/USDT does not trade on binance futures";
    expect([await market.doubt(series), asked("exchangeInfo")]).toEqual([{ type: "unusable", reason }, 2]);
    await market.stop();
    expect(await market.doubt(series)).toBeUndefined();
  });
});

describe("a stopped market", () => {
  test("answers everything: unverified, lost, no history, the machine's clock", async () => {
    const { market, clock, turns } = await startMarket();
    await market.stop();
    await market.stop();
    expect((await market.verify(series)).type).toBe("unverified");
    const ear = new Ear();
    const attachment = market.attach(series, ear);
    expect(ear.losses).toEqual([]);
    await turns();
    expect(ear.losses).toEqual(["the exchange connection is stopped"]);
    attachment.detach();
    const query = { series, afterTimeS: 0, maxCandles: 1, signal: new AbortController().signal };
    await expect(market.history(query)[Symbol.asyncIterator]().next()).rejects.toThrow(
      "the exchange connection is stopped",
    );
    expect(market.nowMs()).toBe(clock.now());
    expect(market.facts()).toBeUndefined();
  });
});

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

describe("a refused handshake", () => {
  test.each([
    [429, "30", 30_000],
    [418, "120", 120_000],
    [403, null, 300_000],
    [404, null, 300_000],
  ])("RS-E17 with HTTP %i (Retry-After %s) keeps the endpoint away for %i ms", async (status, retryAfter, pauseMs) => {
    const { market, sockets, clock, turns, saved, log } = await startMarket();
    const headers = retryAfter === null ? {} : { "retry-after": retryAfter };
    sockets.handshake = { status, headers };
    const ear = new Ear();
    market.attach(series, ear);
    await until("the refusal", () => ear.losses.length === 1);
    sockets.handshake = "accept";
    const again = new Ear();
    market.attach(series, again);
    await turns();
    clock.advance(pauseMs - 1);
    await turns();
    expect(sockets.attempts).toHaveLength(1);
    clock.advance(1);
    await until("the acknowledgement", () => again.subscriptions === 1);
    expect(log.of("exchange.address_wrong")).toHaveLength(status === 404 ? 1 : 0);
    expect(saved).toHaveLength(status === 404 ? 0 : 1);
  });

  test("RS-E18 with 429 silences REST as well, and the end of the silence is kept for the next start", async () => {
    const { market, sockets, clock, saved, asked } = await startMarket();
    sockets.handshake = { status: 429, headers: { "retry-after": "60" } };
    const ear = new Ear();
    market.attach(series, ear);
    await until("the refusal", () => ear.losses.length === 1 && saved.length === 1);
    expect(saved).toEqual([clock.now() + 60_000]);
    expect((await within(market.verify(series), clock, 10)).type).toBe("unverified");
    expect(asked("exchangeInfo")).toBe(0);
    const restarted = await startMarket({ silence: { load: () => saved[0], save: async () => undefined } });
    expect((await within(restarted.market.verify(series), restarted.clock, 10)).type).toBe("unverified");
    expect(restarted.asked("exchangeInfo")).toBe(0);
  });

  test("with 503 keeps it away only for the breaker's pause", async () => {
    const { market, sockets, clock, turns } = await startMarket();
    sockets.handshake = { status: 503, headers: { "retry-after": "999" } };
    const ear = new Ear();
    market.attach(series, ear);
    await until("the refusal", () => ear.losses.length === 1);
    sockets.handshake = "accept";
    const again = new Ear();
    market.attach(series, again);
    await turns();
    clock.advance(2_000);
    await until("the acknowledgement", () => again.subscriptions === 1);
  });
});

describe("a fault", () => {
  test("RS-S12 is a crash of the market: everyone attached is told, and the next incarnation serves them", async () => {
    const { market, sockets, clock, turns } = await startMarket();
    const supervisor = new Supervisor(
      { path: "runtime", clock, strategy: "one_for_one", intensity: { restarts: 5, withinMs: 60_000 } },
      [{ id: "exchange/futures", child: market, onExhausted: { suspendMs: 30_000 } }],
    );
    await market.stop();
    await supervisor.start();
    class Broken extends Ear {
      override kline(): void {
        throw new Error("a bug");
      }
    }
    const [broken, innocent] = [new Broken(), new Ear()];
    market.attach(series, broken);
    market.attach(parseSeriesId("binance:futures:ETH/USDT:1m"), innocent);
    await until("the acknowledgement", () => innocent.subscriptions === 1);
    sockets.side.kline("btcusdt@kline_1m", candleAt(60));
    await until("the restart", () => supervisor.child("exchange/futures")?.starts === 2);
    await turns();
    const reason = "the exchange connection failed: a bug";
    expect([broken.losses, innocent.losses]).toEqual([[reason], [reason]]);
    const again = new Ear();
    market.attach(series, again);
    await until("the acknowledgement", () => again.subscriptions === 1);
    expect(sockets.sides).toHaveLength(2);
    await supervisor.stop("shutdown");
  });
});
