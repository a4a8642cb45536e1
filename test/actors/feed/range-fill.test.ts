import { describe, expect, test } from "vitest";
import { type FillStep, fillRange, STEP_CANDLES } from "../../../src/actors/feed/range-fill.js";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, SERIES, startSeries, T0 } from "../series/world.js";

const { backfill } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const id = parseSeriesId(SERIES);
const range = (from: number, to: number) => ({ fromS: minute(from), toS: minute(to) });

/** Four thousand minutes after T0 on the exchange's clock, unless told otherwise. */
async function emptySeries(atMinute = 4_000) {
  const world = await startSeries({ startMs: (T0 + atMinute * 60) * 1000 });
  const { store, exchange, ingest } = world;
  const stop = new AbortController();
  const pages: number[] = [];
  const fill = async (candles: readonly Candle[]): Promise<void> => {
    pages.push(candles.length);
    await ingest(candles, backfill);
  };
  const run = async (from: number, to: number): Promise<readonly FillStep[]> => {
    const steps: FillStep[] = [];
    const options = {
      series: id,
      store,
      exchange,
      fill,
      range: range(from, to),
      priority: "bulk" as const,
      signal: stop.signal,
    };
    for await (const step of fillRange(options)) steps.push(step);
    return steps;
  };
  const keep = (candles: readonly Candle[]) => ingest(candles, backfill);
  return { ...world, run, keep, stop, pages };
}

describe("a range", () => {
  test("is fetched whole, oldest first, at bulk priority, and nothing beside it", async () => {
    const { run, exchange, stored } = await emptySeries();
    exchange.knows(SERIES, candleSeries(minute(0), 3_000));
    const steps = await run(100, 2_599);
    expect(stored()).toEqual(candleSeries(minute(100), 2_500).map(({ time }) => time));
    expect(steps).toEqual([
      { type: "fetched", upToS: minute(1_099), added: STEP_CANDLES, absent: [] },
      { type: "fetched", upToS: minute(2_099), added: STEP_CANDLES, absent: [] },
      { type: "fetched", upToS: minute(2_599), added: 500, absent: [] },
    ]);
    expect(exchange.asked.every(({ priority }) => priority === "bulk")).toBe(true);
  });

  test("RS-H1 that is stored costs no question", async () => {
    const { run, exchange, keep } = await emptySeries();
    await keep(candleSeries(minute(0), 1_500));
    expect(await run(0, 1_499)).toEqual([
      { type: "present", upToS: minute(999) },
      { type: "present", upToS: minute(1_499) },
    ]);
    expect(exchange.asked).toEqual([]);
  });

  test("is asked for only where something is missing", async () => {
    const { run, exchange, keep, stored } = await emptySeries();
    exchange.knows(SERIES, candleSeries(minute(0), 3_000));
    await keep([...candleSeries(minute(0), 50), ...candleSeries(minute(52), 8), ...candleSeries(minute(70), 930)]);
    const steps = await run(0, 999);
    expect(steps.map(({ type }) => type)).toEqual(["present", "fetched", "present"]);
    expect(exchange.asked).toMatchObject([{ afterTimeS: minute(50) - 1, beforeTimeS: minute(69) + 1 }]);
    expect(steps[1]).toMatchObject({ added: 12, upToS: minute(69) });
    expect(stored()).toHaveLength(1_000);
  });

  test("of which the exchange lacks a part: what is absent is told, and leapt over in one question", async () => {
    const { run, exchange, stored } = await emptySeries(20_000);
    exchange.knows(SERIES, [...candleSeries(minute(0), 500), ...candleSeries(minute(9_000), 100)]);
    const steps = await run(0, 9_099);
    expect(stored()).toHaveLength(600);
    expect(steps.flatMap((step) => (step.type === "fetched" ? step.absent : []))).toEqual([range(500, 8_999)]);
    expect(exchange.asked.length).toBeLessThan(4);
  });

  test("that the exchange does not have at all is absent, whatever the store has behind it", async () => {
    const { run, keep } = await emptySeries();
    await keep(candleSeries(minute(1_500), 1_200));
    expect(await run(0, 3_000)).toEqual([
      {
        type: "fetched",
        upToS: minute(3_000),
        added: 0,
        absent: [range(0, 1_499), range(2_700, 3_000)],
      },
    ]);
  });

  test("RS-H2 ends with what is final: nothing is said of a candle that is not, least of all that it is absent", async () => {
    const { run, exchange, stored } = await emptySeries(10);
    exchange.knows(SERIES, candleSeries(minute(0), 11));
    expect(await run(0, 10)).toEqual([
      { type: "fetched", upToS: minute(8), added: 9, absent: [] },
      { type: "unsettled", upToS: minute(8) },
    ]);
    expect(stored()).toEqual(candleSeries(minute(0), 9).map(({ time }) => time));
  });

  test("with candles off the grid: they are stored as they are, and the slots beside them are absent", async () => {
    const { run, exchange, stored } = await emptySeries();
    const strays = [candleAt(minute(1) + 15), candleAt(minute(2) + 15)];
    exchange.knows(SERIES, [candleAt(minute(0)), ...strays, candleAt(minute(3))]);
    const [step] = await run(0, 3);
    expect(step).toMatchObject({ added: 4, absent: [range(1, 2)] });
    expect(stored()).toEqual([minute(0), minute(1) + 15, minute(2) + 15, minute(3)]);
  });
});

describe("an end before the end", () => {
  test("by a stop leaves the page that has come stored whole", async () => {
    const { run, exchange, stop, stored } = await emptySeries();
    exchange.knows(SERIES, candleSeries(minute(0), 3_000));
    exchange.pageCandles = 500;
    let asked = 0;
    exchange.rest = () => {
      asked += 1;
      if (asked === 2) stop.abort();
    };
    await expect(run(0, 2_999)).rejects.toThrow("aborted");
    expect(stored()).toHaveLength(500);
    expect(await run(0, 2_999)).toEqual([]);
  });

  test("by an error keeps what came before, and the next one goes on behind it", async () => {
    const { run, exchange, stored } = await emptySeries();
    exchange.knows(SERIES, candleSeries(minute(0), 2_000));
    let asked = 0;
    exchange.rest = () => {
      asked += 1;
      if (asked > 2) boom();
    };
    await expect(run(0, 1_999)).rejects.toThrow("boom");
    expect(stored()).toHaveLength(1_000);
    exchange.rest = () => undefined;
    exchange.asked.length = 0;
    await run(0, 1_999);
    expect(exchange.asked).toMatchObject([{ afterTimeS: minute(1_000) - 1 }]);
    expect(stored()).toHaveLength(2_000);
  });
});
