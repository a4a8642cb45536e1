/** A series whose feed is live, for tests of what the feed does with what comes. */
import type { Gap } from "../../../src/market/gap.js";
import type { StoreReader } from "../../../src/storage/store.js";
import { candleAt } from "../../support/candles.js";
import { minute, SERIES, startSeries, T0 } from "../series/world.js";

/** Open times of the minutes `from` to `to`. */
export const minutes = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => minute(from + index));

/** A series that is followed from {@link T0} on, with minute 0 closed and stored. Seconds are counted from T0. */
export async function liveSeries(options: Parameters<typeof startSeries>[0] = {}) {
  const world = await startSeries(options);
  const { exchange, advance, clock } = world;
  /** Moves to `seconds` after T0. */
  const at = (seconds: number) => advance((T0 + seconds) * 1000 - clock.now());
  const final = (n: number, close?: number) => exchange.final(SERIES, candleAt(minute(n), close));
  await world.follow();
  await at(60);
  final(0);
  await at(61);
  return { ...world, at, final };
}

/** The gap ledger of the series. */
export const gaps = ({ store }: { readonly store: StoreReader }): readonly Gap[] =>
  store.gaps(SERIES, { limit: 1_000 }).gaps;

/** The range of a gap, in minutes after T0. */
export const range = (from: number, to: number) => ({ fromTime: minute(from), toTime: minute(to) });
