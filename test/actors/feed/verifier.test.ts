/** Finals held against REST. Spec: binance-protocol F09, F30, F31. */
import { describe, expect, onTestFinished, test } from "vitest";
import { FinalVerifier, VERIFY_PER_MINUTE, verifyDue } from "../../../src/actors/feed/verifier.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";
import type { Candle } from "../../../src/market/candle.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { FakeExchange } from "../../support/fake-exchange.js";
import { startRuntime } from "../market-runtime.world.js";
import { minute, RecordingLog, SERIES, T0 } from "../series/world.js";

const atS = (seconds: number): number => (T0 + seconds) * 1000;

describe("what is due", () => {
  test("of a series without candles is nothing", () => {
    expect(verifyDue(undefined, null, 60, atS(600))).toBeUndefined();
  });

  test("are the newest three closed 20 s ago, and those five minutes older, in one question", () => {
    const due = verifyDue(undefined, minute(20), 60, atS(20 * 60 + 25));
    expect(due).toEqual({ from: minute(12), to: minute(19), verified: { first: minute(19), second: minute(14) } });
    expect(verifyDue(due?.verified, minute(20), 60, atS(20 * 60 + 30))).toBeUndefined();
  });

  test("of a long timeframe are the same three twice", () => {
    const hour = T0 + 3_600;
    const day = { first: T0 - 3_600, second: T0 - 3_600 };
    const head = T0;
    expect(verifyDue(day, head, 3_600, hour * 1000 + 19_999)).toBeUndefined();
    const first = verifyDue(day, head, 3_600, hour * 1000 + 20_000);
    expect(first).toMatchObject({ from: T0 - 7_200, to: T0, verified: { first: T0, second: T0 - 3_600 } });
    expect(verifyDue(first?.verified, head, 3_600, hour * 1000 + 319_999)).toBeUndefined();
    expect(verifyDue(first?.verified, head, 3_600, hour * 1000 + 320_000)).toMatchObject({ from: T0 - 7_200, to: T0 });
  });

  test("is nothing new while nothing is stored, as in a halt", () => {
    const done = verifyDue(undefined, minute(3), 60, atS(4 * 60 + 25))?.verified;
    expect(done).toEqual({ first: minute(3), second: minute(-2) });
    for (let seconds = 5 * 60 + 25; seconds < 6_000; seconds += 20) {
      expect(verifyDue(done, minute(3), 60, atS(seconds))).toBeUndefined();
    }
    expect(verifyDue(done, minute(98), 60, atS(6_000))).toMatchObject({ from: minute(91), to: minute(98) });
  });
});

const name = (n: number): string => `binance:futures:S${n}/USDT:1m`;

/** A verifier over series that all have minutes 0 to 19, at the 20th. */
function verifier(count: number) {
  const clock = new SimulatedClock(atS(20 * 60 + 30));
  const exchange = new FakeExchange(clock);
  const log = new RecordingLog();
  const followed = Array.from({ length: count }, (_, n) => name(n));
  for (const series of followed) exchange.knows(series, candleSeries(minute(0), 40));
  const verified: { readonly series: string; readonly candles: readonly Candle[] }[] = [];
  const made = new FinalVerifier({
    exchange,
    clock,
    log,
    followed: () => followed,
    headTime: () => minute(60),
    verify: async (series, candles) => verified.push({ series, candles }),
  });
  onTestFinished(() => made.stop());
  made.start();
  const advance = (ms: number) => clock.advanceSettled(ms);
  return { clock, exchange, log, followed, verified, made, advance };
}

describe("the verifier", () => {
  test("hands over what REST has of the candles that are due, with one question a series", async () => {
    const { verified, exchange, advance } = verifier(1);
    await advance(10_000);
    expect(verified.map(({ candles }) => candles)).toEqual([candleSeries(minute(12), 8)]);
    expect(exchange.asked).toMatchObject([{ afterTimeS: minute(12) - 1, beforeTimeS: minute(20) }]);
  });

  test("RS-G10 asks at most so many series a minute, each in its turn", async () => {
    const { exchange, advance } = verifier(50);
    await advance(60_000);
    expect(exchange.asked).toHaveLength(VERIFY_PER_MINUTE);
    await advance(120_000);
    expect(exchange.asked).toHaveLength(3 * VERIFY_PER_MINUTE);
    const times = Array.from(
      { length: 50 },
      (_, n) => exchange.asked.filter(({ series }) => series === name(n)).length,
    );
    expect([Math.min(...times), Math.max(...times)]).toEqual([1, 2]);
  });

  test("is off while REST is silent, and goes on with what was due", async () => {
    const { exchange, verified, advance } = verifier(3);
    exchange.rest = () => {
      throw new RestError("silenced", "REST is silent (banned)", { retryAfterMs: 600_000 });
    };
    await advance(599_000);
    expect(exchange.asked).toHaveLength(1);
    exchange.rest = () => undefined;
    await advance(12_000);
    expect(new Set(verified.map(({ series }) => series))).toEqual(new Set([name(0), name(1), name(2)]));
  });

  test("is off for a minute when a breaker is open or REST fails", async () => {
    for (const code of ["breaker_open", "server_error"] as const) {
      const { exchange, advance } = verifier(3);
      exchange.rest = () => {
        throw new RestError(code, "away", code === "breaker_open" ? { retryAfterMs: 20_000 } : {});
      };
      await advance(61_000);
      expect(exchange.asked).toHaveLength(1);
    }
  });

  test("a series that the exchange does not know any more costs one question for each of its candles", async () => {
    const { exchange, advance, verified } = verifier(2);
    exchange.rest = () => {
      if (exchange.asked.at(-1)?.series === name(0)) throw new RestError("invalid_symbol", "-1121");
    };
    await advance(120_000);
    expect(exchange.asked.filter(({ series }) => series === name(0)).length).toBe(3);
    expect(verified.length).toBeGreaterThan(1);
  });

  test("forgets series that are not followed any more, and asks nothing after its end", async () => {
    const { exchange, followed, made, advance } = verifier(2);
    followed.pop();
    await advance(180_000);
    expect(exchange.asked.every(({ series }) => series === name(0))).toBe(true);
    made.stop();
    const before = exchange.asked.length;
    await advance(180_000);
    expect(exchange.asked).toHaveLength(before);
  });
});

/** A runtime that follows a series from T0 on. */
async function followedSeries(series = SERIES) {
  const world = await startRuntime({ jobs: { whitelist: [series] } });
  const { clock, advance, futures, store } = world;
  const at = (seconds: number) => advance((T0 + seconds) * 1000 - clock.now());
  const values = () => store.read(SERIES, { limit: 100 }).candles();
  return { ...world, at, values, final: (n: number) => futures.final(SERIES, candleAt(minute(n))) };
}

describe("a final that REST has otherwise", () => {
  test("RS-G9 F09 is corrected 20 s after its close: stored, counted and told, not published anew", async () => {
    const world = await followedSeries();
    const { at, final, futures, values, published, log, metrics } = world;
    await at(61);
    final(0);
    const settled = { ...candleAt(minute(0)), volume: 7, close: 3 };
    futures.knows(SERIES, [settled]);
    await at(79);
    expect(values()).toEqual([candleAt(minute(0))]);
    await at(84);
    expect(values()).toEqual([settled]);
    expect(published.closed()).toEqual([candleAt(minute(0))]);
    expect(log.of("candle.corrected")).toMatchObject([
      { fields: { candle_time: minute(0), source: "verify", old: { close: 201 }, new: { close: 3, volume: 7 } } },
    ]);
    expect(metrics.snapshot().counters["market_candles_corrected_total{source=verify}"]).toBe(1);
  });

  test("F09 only later is corrected five minutes after the first comparison", async () => {
    const series = "binance:futures:BTC/USDT:1h";
    const { at, futures, store } = await followedSeries(series);
    const stored = () => store.read(series, { limit: 1 }).candles();
    await at(3_601);
    futures.final(series, candleAt(T0));
    await at(3_640);
    const settled = { ...candleAt(T0), volume: 7 };
    futures.knows(series, [settled]);
    await at(3_919);
    expect(stored()).toEqual([candleAt(T0)]);
    await at(3_924);
    expect(stored()).toEqual([settled]);
  });

  test("F31 lacks is no difference, and nothing is written when all is as it is", async () => {
    const { at, final, futures, values, log, store } = await followedSeries();
    await at(61);
    final(0);
    futures.withheld = () => true;
    await at(90);
    expect(values()).toEqual([candleAt(minute(0))]);
    futures.withheld = () => false;
    const written = store.commits.length;
    await at(119);
    expect(store.commits).toHaveLength(written);
    expect(log.of("candle.corrected")).toEqual([]);
  });
});
