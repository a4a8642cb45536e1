/** Every hole is on record, and nothing is released past one that is not. Spec: docs/feed.md; feed bounds B5, B7, B12. */
import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { Gap } from "../../../src/market/gap.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { listen } from "../series/listener.js";
import { boom, minute, SERIES, startSeries, T0 } from "../series/world.js";
import { gaps, liveSeries, minutes, range } from "./live-series.js";

type World = Pick<Awaited<ReturnType<typeof liveSeries>>, "store" | "metrics">;

const { batchSilent } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const counters = ({ metrics }: World) => metrics.snapshot().counters;
const flat = (n: number) => ({ ...candleAt(minute(n)), volume: 0 });

describe("a hole before a final", () => {
  test("RS-G2 F12 is on record before anything later is released, and repaired after its candles", async () => {
    const world = await liveSeries();
    const { at, final, exchange, tree, store, published } = world;
    const listener = await listen(await tree(), store);
    exchange.knows(SERIES, [candleAt(minute(1))]);
    exchange.rest = boom;
    await at(181);
    final(2);
    await at(183);
    expect(gaps(world)).toMatchObject([{ id: 1, state: "repairing", ...range(1, 1), lastError: "boom" }]);
    expect(published.closedTimes()).toEqual(minutes(0, 0));
    exchange.rest = () => undefined;
    await at(240);
    expect(gaps(world)).toMatchObject([{ id: 1, state: "repaired", ...range(1, 1), lastError: null }]);
    const told = listener.messages.map(({ type, gap, candle }) =>
      type === "gap_state" ? (gap as Gap).state : candle?.candle_time,
    );
    expect(told.filter((entry) => typeof entry !== "string")).toEqual(minutes(0, 2));
    expect(told.indexOf("repaired")).toBe(told.indexOf(minute(1)) + 1);
    expect(told.indexOf("repairing")).toBeLessThan(told.indexOf(minute(1)));
  });

  test("RS-G1 B5 whose record cannot be written is repaired all the same, and goes on record with the candles", async () => {
    const world = await liveSeries();
    const { at, final, exchange, store, log } = world;
    exchange.knows(SERIES, [candleAt(minute(1))]);
    store.before = ({ upsert }) => {
      if (upsert === undefined) throw new Error("the disk is full");
    };
    await at(122);
    final(2);
    await at(123);
    expect(log.of("gap.write_failed")).not.toEqual([]);
    const commit = store.commits.find(({ upsert }) => upsert?.[0]?.time === minute(1));
    expect(commit?.gaps).toMatchObject([{ id: 1, cause: "missing_before_final" }]);
    const later = store.commits.find(({ upsert }) => upsert?.[0]?.time === minute(2));
    expect(later?.gaps).toMatchObject([{ id: 1, state: "repaired" }]);
  });

  test("is not taken for written by a run that writes nothing", async () => {
    const world = await liveSeries();
    const { at, final, exchange, store, ingest, parts, published } = world;
    const told = () => published.of().flatMap((content) => (content.type === "gap_state" ? [content.gap.state] : []));
    exchange.rest = boom;
    store.before = boom;
    await at(122);
    final(2);
    await at(123);
    store.before = () => undefined;
    await ingest([], parts.policies.refresh);
    expect([gaps(world), told()]).toEqual([[], []]);
    exchange.knows(SERIES, [candleAt(minute(1))]);
    exchange.rest = () => undefined;
    await at(180);
    expect(gaps(world)).toMatchObject([{ id: 1, state: "repaired" }]);
    expect(told()).toEqual(["repairing", "repaired"]);
  });

  test("notes its attempts at powers of two, and with the outcome", async () => {
    const world = await liveSeries();
    const { at, final, exchange, store } = world;
    exchange.knows(SERIES, [candleAt(minute(1))]);
    exchange.rest = boom;
    await at(122);
    final(2);
    await at(122 + 300);
    const asked = exchange.asked.length;
    expect(asked).toBeGreaterThan(10);
    const attempts = store.gapCommits.map((commit) => commit.gaps?.[0]?.attempts);
    expect(attempts.filter((count) => count === 8)).toHaveLength(1);
    expect(attempts.every((count) => count === 0 || Number.isInteger(Math.log2(count ?? 3)))).toBe(true);
    exchange.rest = () => undefined;
    await at(122 + 340);
    expect(gaps(world)[0]).toMatchObject({ state: "repaired", attempts: exchange.asked.length });
  });
});

describe("a final that is overdue", () => {
  test("F04 is a gap when REST has it with trades, which the stream owed", async () => {
    const world = await liveSeries();
    const { at, exchange, store } = world;
    exchange.knows(SERIES, [candleAt(minute(1))]);
    await at(132);
    expect(gaps(world)).toMatchObject([{ state: "repaired", cause: "final_overdue", ...range(1, 1), attempts: 1 }]);
    // With its candle in one transaction.
    expect(store.commits.at(-1)).toMatchObject({ upsert: [{ time: minute(1) }], gaps: [{ id: 1 }] });
    expect(counters(world)).toMatchObject({
      "market_feed_gaps_opened_total{cause=final_overdue}": 1,
      "market_feed_gaps_closed_total{cause=final_overdue,outcome=repaired}": 1,
    });
  });

  test("RS-G3 F33 is none in a quiet market, whose flat candles only REST has", async () => {
    const world = await liveSeries();
    const { at, exchange, stored } = world;
    exchange.knows(SERIES, [1, 2, 3, 4].map(flat));
    await at(315);
    expect(stored()).toEqual(minutes(0, 4));
    expect([gaps(world), world.store.gapCommits]).toEqual([[], []]);
  });

  test("F05 is none when it only comes late", async () => {
    const world = await liveSeries();
    const { at, final, exchange } = world;
    exchange.rest = () => new Promise(() => undefined);
    await at(131);
    final(1);
    await at(135);
    expect([gaps(world), world.store.gapCommits]).toEqual([[], []]);
  });

  test("F31 is a gap when REST does not have it in the first round either", async () => {
    const world = await liveSeries();
    const { at, final } = world;
    await at(131);
    expect(gaps(world)).toMatchObject([
      { state: "repairing", cause: "final_overdue", fromTime: minute(1), toTime: null },
    ]);
    expect(world.metrics.snapshot().gauges[`market_feed_gaps_open{series_id=${SERIES}}`]).toBe(1);
    final(1);
    await at(136);
    expect(gaps(world)).toMatchObject([{ state: "repaired", ...range(1, 1) }]);
    expect(world.metrics.snapshot().gauges[`market_feed_gaps_open{series_id=${SERIES}}`]).toBe(0);
  });
});

describe("candles that the exchange does not have", () => {
  test("RS-G4 F32 B12 a halt is one gap, absent at the source, however long it lasts", async () => {
    const world = await liveSeries();
    const { at, final, stored } = world;
    await at(156);
    expect(gaps(world)).toMatchObject([{ state: "absent_at_source", ...range(1, 1) }]);
    await at(60 * 10 + 45);
    final(10);
    await at(60 * 11 + 5);
    expect(gaps(world)).toMatchObject([
      { id: 1, state: "absent_at_source", ...range(1, 9), absent: [{ from: minute(1), to: minute(9) }] },
    ]);
    expect(stored()).toEqual([minute(0), minute(10)]);
    expect(counters(world)).toMatchObject({ "market_feed_gaps_opened_total{cause=final_overdue}": 1 });
  });

  test("F32 are one gap, and what is missing later after stored candles is another", async () => {
    const world = await startSeries({ startMs: (T0 + 3_600) * 1000 });
    const { exchange, advance } = world;
    exchange.knows(SERIES, candleSeries(minute(30), 30));
    await world.follow({ historyCandles: 60 });
    await advance(5_000);
    const before = [{ from: minute(0), to: minute(29) }];
    expect(gaps(world)).toMatchObject([{ id: 1, state: "absent_at_source", ...range(0, 59), absent: before }]);
    exchange.knows(SERIES, [candleAt(minute(60))]);
    await advance(70_000);
    expect(gaps(world)).toMatchObject([
      { id: 1, state: "absent_at_source", ...range(0, 59) },
      { id: 2, state: "repaired", cause: "final_overdue", ...range(60, 60) },
    ]);
  });

  test("F32 in the midst of a hole are named, and the rest of it is repaired", async () => {
    const world = await liveSeries();
    const { at, final, exchange } = world;
    exchange.knows(
      SERIES,
      [1, 2, 5].map((n) => candleAt(minute(n))),
    );
    exchange.acknowledges = false;
    exchange.lose(SERIES);
    exchange.rest = boom;
    await at(60 * 7 + 1);
    exchange.rest = () => undefined;
    exchange.acknowledge(SERIES);
    final(6);
    await at(60 * 8);
    expect(gaps(world)[0]).toMatchObject({
      state: "absent_at_source",
      absent: [{ from: minute(3), to: minute(4) }],
      checkedAtMs: expect.any(Number),
    });
  });

  test("RS-G5 that come late after all repair the gap, all or in part, and are stored without being published", async () => {
    const world = await liveSeries();
    const { at, final, stored, published } = world;
    await at(60 * 4 + 31);
    final(4);
    await at(60 * 5 + 2);
    expect(gaps(world)).toMatchObject([{ state: "absent_at_source", ...range(1, 3) }]);
    final(2);
    await at(60 * 5 + 4);
    const absent = [1, 3].map((n) => ({ from: minute(n), to: minute(n) }));
    expect(gaps(world)).toMatchObject([{ state: "absent_at_source", absent }]);
    await world.ingest([candleAt(minute(1))], batchSilent);
    final(3);
    await at(60 * 5 + 8);
    expect(gaps(world)).toMatchObject([{ id: 1, state: "repaired", ...range(1, 3) }]);
    expect(stored()).toEqual(minutes(0, 4));
    expect(published.closedTimes()).toEqual([minute(0), minute(4)]);
    expect(world.log.of("gap.filled_late")).toHaveLength(1);
  });
});

test("F34 candles off the grid cost no gap, and a gap among them ends", async () => {
  const world = await liveSeries();
  const { at, exchange, stored } = world;
  const odd = [1, 2, 5].map((n) => minute(n) + 15);
  for (const time of odd) exchange.knows(SERIES, [candleAt(time)]);
  await at(181);
  exchange.final(SERIES, candleAt(odd[0] as number));
  await at(60 * 8);
  expect(stored()).toEqual([minute(0), ...odd]);
  for (const gap of gaps(world)) expect(gap.state).not.toBe("repairing");
});
