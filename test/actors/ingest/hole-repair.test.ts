import { describe, expect, test } from "vitest";
import { type HoleRepairOptions, type RepairVerdict, repairHole } from "../../../src/actors/ingest/hole-repair.js";
import type { Hole } from "../../../src/actors/ingest/sequencer.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { candleSeries } from "../../support/candles.js";
import { FakeExchange } from "../../support/fake-exchange.js";
import { boom, minute, openable, RecordingLog, SERIES, T0 } from "../series/world.js";

/** A repair of minutes 1 to 4 that closes the hole when all of them have been delivered. */
function repair(change: Partial<HoleRepairOptions> = {}) {
  const clock = new SimulatedClock((T0 + 3_600) * 1000);
  const exchange = new FakeExchange(clock);
  exchange.knows(SERIES, candleSeries(minute(1), 4));
  const log = new RecordingLog();
  const pages: number[][] = [];
  const attempts: (string | null)[] = [];
  const abort = new AbortController();
  const state: { hole: Hole | undefined; ended: boolean } = {
    hole: { afterTime: minute(0), beforeTime: minute(5) },
    ended: false,
  };
  const options: HoleRepairOptions = {
    series: parseSeriesId(SERIES),
    exchange,
    clock,
    random: () => 0.5,
    log,
    hole: () => state.hole,
    deliver: async (candles) => {
      pages.push(candles.map(({ time }) => (time - T0) / 60));
    },
    reached: async (): Promise<RepairVerdict> => {
      state.hole = undefined;
      return { type: "closed" };
    },
    attempted: (error) => void attempts.push(error),
    signal: abort.signal,
    ...change,
  };
  const start = (): void => {
    void repairHole(options).then(() => {
      state.ended = true;
    });
  };
  const advance = (ms: number) => clock.advanceSettled(ms);
  /** When each question was asked, in seconds after the start. */
  const askedAt = () => exchange.asked.map(({ atMs }) => atMs / 1000 - T0 - 3_600);
  return { clock, exchange, log, pages, abort, state, start, advance, askedAt };
}

describe("the repair of a hole", () => {
  test("delivers page by page, in order, and ends", async () => {
    const { exchange, pages, state, start, advance, askedAt, clock } = repair();
    exchange.pageCandles = 3;
    start();
    await advance(0);
    expect(pages).toEqual([[1, 2, 3], [4]]);
    expect([state.ended, askedAt(), clock.pendingTimers]).toEqual([true, [0], 0]);
  });

  test("does nothing when there is no hole (any longer)", async () => {
    const { state, start, advance, exchange } = repair();
    state.hole = undefined;
    start();
    await advance(0);
    expect([state.ended, exchange.asked]).toEqual([true, []]);
  });

  test("RS-F16 waits out a failing source with growing, bounded pauses, and never gives up", async () => {
    const { exchange, pages, state, start, advance, askedAt, log } = repair();
    exchange.rest = boom;
    start();
    await advance(10 * 60_000);
    const times = askedAt();
    const pauses = times.slice(1).map((time, index) => time - (times[index] as number));
    expect(pauses.slice(0, 6)).toEqual([1.5, 3, 6, 12, 22.5, 22.5]);
    expect(Math.max(...pauses)).toBe(22.5);
    expect(log.of("hole.repair_failed")[0]?.fields).toEqual({ error: "boom", attempt: 1, retry_in_s: 1.5 });
    exchange.rest = () => undefined;
    await advance(30_000);
    expect([state.ended, pages]).toEqual([true, [[1, 2, 3, 4]]]);
  });

  test("RS-F17 asks no earlier than the source wants to be asked", async () => {
    const { exchange, start, advance, askedAt, pages } = repair();
    let refused = false;
    exchange.rest = () => {
      if (refused) return;
      refused = true;
      throw new RestError("banned", "address banned", { retryAfterMs: 120_000 });
    };
    start();
    await advance(119_999);
    expect(askedAt()).toEqual([0]);
    await advance(1);
    expect(pages).toEqual([[1, 2, 3, 4]]);
  });

  test("the pause starts small again after a success", async () => {
    let rounds = 0;
    const again: RepairVerdict = { type: "again", inMs: 10_000 };
    const { exchange, start, advance, askedAt } = repair({
      reached: async () => {
        rounds += 1;
        return again;
      },
    });
    exchange.rest = boom;
    start();
    await advance(2_000);
    exchange.rest = () => undefined;
    await advance(3_000);
    exchange.rest = boom;
    await advance(12_000);
    expect([askedAt(), rounds]).toEqual([[0, 1.5, 4.5, 14.5, 16], 1]);
    exchange.rest = () => undefined;
    await advance(3_000);
    expect([askedAt().at(-1), rounds]).toEqual([19, 2]);
  });

  test("a page that could not be stored is fetched again; one that was is not", async () => {
    const stored: number[][] = [];
    let full = false;
    const { exchange, start, advance, state } = repair({
      deliver: async (candles: readonly Candle[]) => {
        if (full) boom();
        stored.push(candles.map(({ time }) => (time - T0) / 60));
        full = stored.length === 1;
      },
    });
    exchange.pageCandles = 2;
    start();
    await advance(1_000);
    expect(stored).toEqual([[1, 2]]);
    full = false;
    await advance(10_000);
    expect([stored, state.ended]).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      true,
    ]);
    expect(exchange.asked.map(({ afterTimeS }) => (afterTimeS - T0) / 60)).toEqual([0, 2]);
  });

  test("asks again in as long as its owner wants", async () => {
    const verdicts: RepairVerdict[] = [{ type: "again", inMs: 4_000 }, { type: "closed" }];
    const { start, advance, askedAt, state } = repair({ reached: async () => verdicts.shift() ?? boom() });
    start();
    await advance(10_000);
    expect([askedAt(), state.ended]).toEqual([[0, 4], true]);
  });

  test("follows the hole as it changes between rounds", async () => {
    const { exchange, start, advance, state } = repair({ reached: async () => ({ type: "again", inMs: 1_000 }) });
    state.hole = { afterTime: minute(0), beforeTime: null };
    start();
    await advance(0);
    state.hole = { afterTime: minute(0), beforeTime: minute(9) };
    await advance(1_000);
    state.hole = undefined;
    await advance(1_000);
    expect(exchange.asked.map(({ afterTimeS, beforeTimeS }) => [afterTimeS, beforeTimeS])).toEqual([
      [minute(0), undefined],
      [minute(4), minute(9)],
    ]);
    expect(state.ended).toBe(true);
  });
});

describe("a repair that is given up", () => {
  test("in a pause ends at once", async () => {
    const { exchange, start, advance, abort, state, clock } = repair();
    exchange.rest = boom;
    start();
    await advance(0);
    expect(state.ended).toBe(false);
    abort.abort();
    await advance(0);
    expect([state.ended, clock.pendingTimers]).toEqual([true, 0]);
  });

  test("during a request ends with it, delivers nothing and says nothing", async () => {
    const { exchange, start, advance, abort, state, pages, log } = repair();
    const gate = openable();
    exchange.rest = () => gate.promise;
    start();
    await advance(0);
    abort.abort();
    gate.open();
    await advance(0);
    expect([state.ended, pages, log.lines]).toEqual([true, [], []]);
  });
});
