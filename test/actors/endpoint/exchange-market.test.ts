/** One market as the series see it: listing, history, silences, and what happens when it fails. Feed bounds: B8, B9, B16. */
import { describe, expect, test } from "vitest";
import { Supervisor } from "../../../src/actors/runtime/supervisor.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { json } from "../../exchange/binance/scripted-server.js";
import { candleAt } from "../../support/candles.js";
import { openable, T0 } from "../series/world.js";
import { LISTED, series, startMarket, within } from "./market-world.js";
import { until } from "./socket-server.js";
import { Ear } from "./world.js";

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
    expect(saved).toEqual([{ endsMs: clock.now() + 60_000, forMs: 60_000 }]);
    expect((await within(market.verify(series), clock, 10)).type).toBe("unverified");
    expect(asked("exchangeInfo")).toBe(0);
    const restarted = await startMarket({ silence: { load: () => saved[0], save: async () => undefined } });
    expect((await within(restarted.market.verify(series), restarted.clock, 10)).type).toBe("unverified");
    expect(restarted.asked("exchangeInfo")).toBe(0);
  });

  test("a kept silence is no longer after a restart than it was, although the machine's clock is behind then", async () => {
    const { clock, market, asked } = await startMarket({
      silence: { load: () => ({ endsMs: (T0 + 3_600) * 1000 + 800_000, forMs: 60_000 }), save: async () => undefined },
    });
    expect((await within(market.verify(series), clock, 10)).type).toBe("unverified");
    expect(asked("exchangeInfo")).toBe(0);
    clock.advance(60_000);
    expect((await within(market.verify(series), clock, 10)).type).toBe("usable");
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
    // The exchange has counted the attempts of both.
    expect(market.facts()?.budgets.attempts.used).toBe(2);
    await supervisor.stop("shutdown");
  });
});
