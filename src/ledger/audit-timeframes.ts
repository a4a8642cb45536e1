/** Holds the stored candles of a series against those of shorter timeframes of the same symbol. Spec: binance-protocol F35. */
import { type BucketDifference, crossCheck } from "../market/cross-check.js";
import { canRollUp } from "../market/roll-up.js";
import { parseSeriesId, type SeriesId } from "../market/series-id.js";
import type { StoreReader } from "../storage/store.js";

/** Candles of the longer timeframe that are compared at a time. */
const PAGE_CANDLES = 256;

/** Differences that are told of at most; of more, the first. */
const MAX_TOLD = 20;

export interface TimeframeAudit {
  /** The series of the shorter timeframe. */
  readonly base: string;
  readonly compared: number;
  readonly different: number;
  readonly first: readonly BucketDifference[];
}

/** One audit for each shorter timeframe of the symbol that is stored and fits. */
export function auditTimeframes(store: StoreReader, id: SeriesId): readonly TimeframeAudit[] {
  const bases = store.seriesIds().flatMap((text) => baseOf(text, id) ?? []);
  return bases.map((base) => compare(store, id, base));
}

function baseOf(text: string, { exchange, market, symbol, timeframeSeconds }: SeriesId): SeriesId | undefined {
  let other: SeriesId;
  try {
    other = parseSeriesId(text);
  } catch {
    // What cannot be parsed belongs to no symbol.
    return undefined;
  }
  const isSame = other.exchange === exchange && other.market === market && other.symbol === symbol;
  return isSame && canRollUp(other.timeframeSeconds, timeframeSeconds) ? other : undefined;
}

function compare(store: StoreReader, id: SeriesId, base: SeriesId): TimeframeAudit {
  const first: BucketDifference[] = [];
  let [compared, different, since] = [0, 0, -1];
  for (;;) {
    const longer = store.read(id.text, { since, limit: PAGE_CANDLES }).candles();
    const [oldest, newest] = [longer[0], longer.at(-1)];
    if (oldest === undefined || newest === undefined) return { base: base.text, compared, different, first };
    const most = (PAGE_CANDLES * id.timeframeSeconds) / base.timeframeSeconds;
    const shorter = stretchesOf(longer, id.timeframeSeconds).flatMap(([fromS, toS]) =>
      store.readBetween(base.text, fromS, toS, most).candles(),
    );
    const result = crossCheck(shorter, base.timeframeSeconds, longer, id.timeframeSeconds);
    compared += result.compared;
    different += result.differences.length;
    first.push(...result.differences.slice(0, MAX_TOLD - first.length));
    since = newest.time;
  }
}

/** The stretches of time that candles cover, so that no more is read than is compared: first and last second of each. */
function stretchesOf(
  candles: readonly { readonly time: number }[],
  lengthS: number,
): readonly (readonly [number, number])[] {
  const stretches: [number, number][] = [];
  for (const { time } of candles) {
    const last = stretches.at(-1);
    if (last !== undefined && last[1] + 1 === time) last[1] = time + lengthS - 1;
    else stretches.push([time, time + lengthS - 1]);
  }
  return stretches;
}
