/** The check of the gap ledger after a run: every hole among the stored candles is on record, with what became of it. */
import type { Gap } from "../market/gap.js";
import { missingRanges, type TimeRange } from "../market/gap-ranges.js";
import type { StoreReader } from "../storage/store.js";
import type { Failure } from "./checks.js";
import { storeOnDisk } from "./store-checks.js";
import { timesText } from "./truth.js";
import type { World } from "./world.js";

/** More than any run stores, of either. */
const ALL = 1_000_000;

export function checkGaps(world: World): readonly Failure[] {
  const store = storeOnDisk(world);
  return world.plan.series.flatMap(({ id, timeframeS }) => [
    ...unrecorded(store, id, timeframeS),
    ...wronglyRepaired(store, id, timeframeS),
  ]);
}

function unrecorded(store: StoreReader, id: string, timeframeS: number): readonly Failure[] {
  const times = timesOf(store, id);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return [];
  const recorded = store.gaps(id, { limit: ALL }).gaps.flatMap(lackingIn);
  const isRecorded = (time: number): boolean => recorded.some(({ from, to }) => from <= time && time <= to);
  const holes = missingRanges({ from: first, to: last }, times, timeframeS);
  const silent = holes.flatMap((hole) => slotsOf(hole, timeframeS)).filter((time) => !isRecorded(time));
  if (silent.length === 0) return [];
  return [{ check: "holes_on_record", message: `${id} lacks ${timesText(silent)}, of which no gap tells` }];
}

/** What a record says is missing, or may be. */
function lackingIn(gap: Gap): readonly TimeRange[] {
  switch (gap.state) {
    case "repairing":
      return [{ from: gap.fromTime, to: gap.toTime ?? Number.POSITIVE_INFINITY }];
    case "absent_at_source":
      return gap.absent;
    case "unrepairable":
      return [{ from: gap.fromTime, to: gap.toTime }];
    case "repaired":
      return [];
  }
}

function wronglyRepaired(store: StoreReader, id: string, timeframeS: number): readonly Failure[] {
  const times = timesOf(store, id);
  return store.gaps(id, { limit: ALL }).gaps.flatMap((gap): readonly Failure[] => {
    if (gap.state !== "repaired") return [];
    const lacking = missingRanges({ from: gap.fromTime, to: gap.toTime }, times, timeframeS);
    if (lacking.length === 0) return [];
    const slots = timesText(lacking.flatMap((range) => slotsOf(range, timeframeS)));
    return [{ check: "holes_on_record", message: `${id}: gap ${gap.id} is said to be repaired, and lacks ${slots}` }];
  });
}

function timesOf(store: StoreReader, id: string): readonly number[] {
  const candles = store.read(id, { limit: ALL }).candles();
  return candles.map(({ time }) => time);
}

function slotsOf({ from, to }: TimeRange, timeframeS: number): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / timeframeS) + 1 }, (_, at) => from + at * timeframeS);
}
