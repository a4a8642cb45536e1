/** Gaps that a feed finds when it starts, is cut off, or takes up what another has left. Feed bounds: B7. */
import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, SERIES, startSeries, T0 } from "../series/world.js";
import { gaps, liveSeries, minutes, range } from "./live-series.js";

const { batchSilent } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

describe("a feed that starts, or starts again", () => {
  test("B7 records what closed since the newest stored candle", async () => {
    const world = await startSeries({ startMs: (T0 + 3_600) * 1000 });
    await world.ingest(candleSeries(minute(0), 50), batchSilent);
    world.exchange.knows(SERIES, candleSeries(minute(50), 10));
    await world.follow();
    await world.advance(5_000);
    expect(gaps(world)).toMatchObject([{ state: "repaired", cause: "start", ...range(50, 59) }]);
  });

  test("RS-G6 B7 takes up the gap that its predecessor left, under its number, and repairs what is missing of it", async () => {
    const world = await liveSeries();
    const { at, final, exchange, restart, follow, stored } = world;
    exchange.knows(SERIES, candleSeries(minute(1), 4));
    exchange.rest = boom;
    await at(60 * 4 + 31);
    final(4);
    await at(60 * 5 + 2);
    expect(gaps(world)).toMatchObject([{ id: 1, state: "repairing" }]);
    await restart();
    exchange.rest = () => undefined;
    // Part of it comes from elsewhere, and what lies behind it.
    await world.ingest(
      [1, 5, 6].map((n) => candleAt(minute(n))),
      batchSilent,
    );
    exchange.knows(SERIES, candleSeries(minute(5), 2));
    await follow();
    await at(60 * 7 + 25);
    expect(gaps(world)).toMatchObject([{ id: 1, state: "repaired", cause: "final_overdue", fromTime: minute(1) }]);
    expect(stored()).toEqual(minutes(0, 6));
    expect(exchange.asked.at(-1)).toMatchObject({ afterTimeS: minute(2) - 1 });
  });

  test("closes the gap that was left when nothing is missing of it any more", async () => {
    const world = await liveSeries();
    const { at, final, exchange, restart, follow } = world;
    exchange.rest = boom;
    await at(60 * 4 + 31);
    final(4);
    await at(60 * 5 + 2);
    await restart();
    await world.ingest(candleSeries(minute(1), 4), batchSilent);
    await follow();
    await at(60 * 5 + 20);
    expect(gaps(world)).toMatchObject([{ id: 1, state: "repaired" }]);
  });

  test("counts on from the numbers that were given", async () => {
    const world = await liveSeries();
    const { at, exchange, restart, follow } = world;
    exchange.knows(SERIES, [candleAt(minute(1))]);
    await at(132);
    await restart();
    await follow();
    exchange.knows(SERIES, [candleAt(minute(2))]);
    await at(193);
    expect(gaps(world).map(({ id }) => id)).toEqual([1, 2]);
  });

  test("records a hole that is too long as unrepairable", async () => {
    const world = await startSeries();
    await world.ingest([candleAt(61)], batchSilent);
    await world.follow();
    expect(gaps(world)).toMatchObject([{ state: "unrepairable", cause: "start", fromTime: 120, toTime: minute(-1) }]);
  });

  test("F12 records what closed while a subscription was renewed", async () => {
    const world = await liveSeries();
    const { at, exchange } = world;
    exchange.acknowledges = false;
    await at(115);
    exchange.lose(SERIES);
    exchange.knows(SERIES, [candleAt(minute(1))]);
    await at(124);
    exchange.acknowledge(SERIES);
    await at(126);
    expect(gaps(world)).toMatchObject([{ state: "repaired", cause: "reconnect", ...range(1, 1) }]);
  });
});
