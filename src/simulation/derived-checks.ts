/** Check of what is derived: after a run it is what the stored base candles make. */
import { sameCandle } from "../market/candle.js";
import { derivedOf, planDerivedTimeframes } from "../market/derived-timeframes.js";
import { rollUp } from "../market/roll-up.js";
import { parseSeriesId, type SeriesId } from "../market/series-id.js";
import type { StoreReader } from "../storage/store.js";
import type { Failure } from "./checks.js";
import { ALL_CANDLES, storeOnDisk } from "./store-checks.js";
import { SeriesTruth, timesText } from "./truth.js";
import type { World } from "./world.js";

export function checkDerived(world: World): readonly Failure[] {
  const { timeframes } = planDerivedTimeframes("1m", world.plan.derived);
  if (timeframes === undefined) return [];
  const store = storeOnDisk(world);
  // A base that nobody follows any more brings its derived series level when it is followed again.
  const bases = world.plan.series.filter((series) => new SeriesTruth(world, series).isFollowed);
  return bases.flatMap(({ id }) => {
    const base = parseSeriesId(id);
    return derivedOf(base, timeframes).flatMap((derived) => checkOne(store, base, derived));
  });
}

function checkOne(store: StoreReader, base: SeriesId, derived: SeriesId): readonly Failure[] {
  const candles = (series: SeriesId) => store.read(series.text, { limit: ALL_CANDLES }).candles();
  const made = rollUp(candles(base), base.timeframeSeconds, derived.timeframeSeconds);
  const stored = new Map(candles(derived).map((candle) => [candle.time, candle]));
  const firstTime = store.head(derived.text).firstTime ?? Number.NEGATIVE_INFINITY;
  // The bucket that the last base candle ends may have been left to the next life.
  const upTo = (store.head(base.text).lastTime ?? 0) - derived.timeframeSeconds;
  const absent = made.filter(({ time }) => time >= firstTime && time <= upTo && !stored.has(time));
  for (const candle of made) {
    const found = stored.get(candle.time);
    if (found !== undefined && sameCandle(found, candle)) stored.delete(candle.time);
  }
  const lacking = absent.map(({ time }) => time);
  return [
    ...failure(derived, "lacks", lacking),
    ...failure(derived, "stores what its base does not make:", [...stored.keys()]),
  ];
}

function failure({ text }: SeriesId, what: string, times: readonly number[]): readonly Failure[] {
  return times.length === 0 ? [] : [{ check: "derived_is_roll_up", message: `${text} ${what} ${timesText(times)}` }];
}
