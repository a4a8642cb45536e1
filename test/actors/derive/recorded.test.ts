/** Derived candles against the exchange's own, as they were recorded. */
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../src/market/candle.js";
import { reconcile } from "../../../src/market/reconcile.js";
import { rollUp } from "../../../src/market/roll-up.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { recordedSpot } from "../../support/recorded.js";
import { untilTrue } from "../../support/until.js";
import { startDerived } from "./world.js";

const spot = (timeframe: string): string => `binance:spot:BTC/USDT:${timeframe}`;

/** A runtime that begins to follow recorded minutes, six minutes after the last of them. */
async function recorded(minutes: readonly Candle[]) {
  const last = minutes.at(-1)?.time ?? 0;
  const world = await startDerived({ startMs: (last + 6 * 60) * 1000, firstCandles: minutes.length });
  for (let from = 0; from < minutes.length; from += 10_000) {
    await world.store.commit({ series: spot("1m"), upsert: minutes.slice(from, from + 10_000) });
  }
  await world.follow(spot("1m"));
  return world;
}

describe("the recorded days", () => {
  test("RS-V17 of 2025: what is derived of the minutes is what the exchange has, in every bucket of 5m and of 15m", async () => {
    const world = await recorded(recordedSpot("1m", "2025"));
    for (const [timeframe, count] of [
      ["5m", 17_280],
      ["15m", 5_760],
    ] as const) {
      await untilTrue(`all of ${timeframe}`, async () => {
        await world.settle();
        return world.store.head(spot(timeframe)).count === count;
      });
      // To the last decimal of the volume.
      expect(world.read(spot(timeframe)), timeframe).toEqual(recordedSpot(timeframe, "2025"));
      const result = reconcile(world.read(spot(timeframe)), recordedSpot(timeframe, "2025"));
      expect(result, timeframe).toEqual({ compared: count, differences: [] });
    }
  });

  test("RS-V18 of 2021: the reconciliation finds the 16 buckets in which the exchange contradicts itself, and changes nothing", async () => {
    const world = await recorded(recordedSpot("1m", "2021"));
    const theirs = recordedSpot("5m", "2021");
    world.spot.knows(spot("5m"), theirs);
    const id = parseSeriesId(spot("5m"));
    const [from, to] = [theirs[0]?.time ?? 0, theirs.at(-1)?.time ?? 0];
    const { reconciliation } = world.runtime;
    reconciliation.request(id, from, to);
    await world.advance(120_000);
    const { requested, differences } = reconciliation.view(id);
    expect([requested, differences.length]).toEqual([null, 16]);
    const within = (time: number, first: string, last: string): boolean =>
      time >= Date.parse(first) / 1000 && time <= Date.parse(last) / 1000;
    for (const { candle_time: time, derived, exchange } of differences) {
      const isKnown =
        within(time, "2021-04-22T02:10Z", "2021-04-22T02:20Z") ||
        within(time, "2021-04-23T01:40Z", "2021-04-23T02:45Z");
      expect(isKnown, String(time)).toBe(true);
      expect(exchange?.volume ?? 0).toBeGreaterThan(derived?.volume ?? 0);
    }
    expect(world.read(id.text)).toEqual(rollUp(recordedSpot("1m", "2021"), 60, 300));
    expect(world.log.of("reconcile.differs").length).toBeGreaterThan(0);
  });
});
