/** The parameters of a package: defaults, and what is made of values that are allowed but not used. Pure. Spec: replay §2, §7. */

/** As they were given; null and undefined mean the default. */
export interface GivenParams {
  readonly windowCandles?: number | null | undefined;
  readonly windowSize?: number | null | undefined;
  readonly snapshotInterval?: number | null | undefined;
}

/** Candles of the package, of one of its windows, and from one full list of active ids to the next. */
export interface PackageParams {
  readonly windowCandles: number;
  readonly windowSize: number;
  readonly snapshotInterval: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly otherwise: number;
}

type ParamRanges = Readonly<Record<keyof PackageParams, Range>>;

const SNAPSHOT_INTERVAL: Range = { min: 5, max: 200, otherwise: 25 };

export const REPLAY_PARAMS: ParamRanges = {
  windowCandles: { min: 1, max: 5_000, otherwise: 2_000 },
  windowSize: { min: 1, max: 2_000, otherwise: 500 },
  snapshotInterval: SNAPSHOT_INTERVAL,
};

export const OVERLAY_PARAMS: ParamRanges = {
  windowCandles: { min: 100, max: 2_000, otherwise: 2_000 },
  windowSize: { min: 50, max: 2_000, otherwise: 500 },
  snapshotInterval: SNAPSHOT_INTERVAL,
};

/** The candles that `prepare` hands back. */
export const PREPARED_WINDOW: Range = { min: 100, max: 5_000, otherwise: 2_000 };

export function packageParams(ranges: ParamRanges, given: GivenParams): PackageParams {
  return {
    windowCandles: within(ranges.windowCandles, given.windowCandles),
    windowSize: within(ranges.windowSize, given.windowSize),
    snapshotInterval: within(ranges.snapshotInterval, given.snapshotInterval),
  };
}

/** A value inside the range, or its default. */
export function within({ min, max, otherwise }: Range, given: number | null | undefined): number {
  return Math.min(max, Math.max(min, given ?? otherwise));
}
