/**
 * Which timeframes are derived of which: a pure function of the settings, and the series ids that follow from it.
 * Spec: ingest §4.1, §7; flags §3.6.
 */
import { canRollUp } from "./roll-up.js";
import { parseSeriesId, type SeriesId, withTimeframe } from "./series-id.js";
import { timeframeSeconds } from "./timeframe.js";

/** Timeframes that are derived at most: each is a whole series tree per base. */
export const MAX_DERIVED_TIMEFRAMES = 16;

export interface Timeframe {
  /** As it stands in a series id, `5m`. */
  readonly text: string;
  readonly seconds: number;
}

export interface DerivedTimeframes {
  readonly base: Timeframe;
  /** Proper multiples of the base, each once. */
  readonly targets: readonly Timeframe[];
}

/** A timeframe of the settings that is not derived, and why. */
export interface SkippedTimeframe {
  readonly timeframe: string;
  readonly reason: string;
}

export interface DerivedPlan {
  /** Undefined when nothing is left to derive. */
  readonly timeframes: DerivedTimeframes | undefined;
  readonly skipped: readonly SkippedTimeframe[];
}

/** What of the listed timeframes can be derived of the base. What cannot is left out, and named. */
export function planDerivedTimeframes(baseText: string, listed: readonly string[]): DerivedPlan {
  const base = parsed(baseText);
  if ("reason" in base) return { timeframes: undefined, skipped: [base] };
  const skipped: SkippedTimeframe[] = [];
  const targets: Timeframe[] = [];
  for (const text of listed) {
    const target = parsed(text);
    if ("reason" in target) skipped.push(target);
    else if (!canRollUp(base.seconds, target.seconds))
      skipped.push({ timeframe: text, reason: `it is no proper multiple of the base timeframe ${base.text}` });
    else if (targets.length >= MAX_DERIVED_TIMEFRAMES)
      skipped.push({ timeframe: text, reason: `${MAX_DERIVED_TIMEFRAMES} timeframes are derived already` });
    else targets.push(target);
  }
  return { timeframes: targets.length === 0 ? undefined : { base, targets }, skipped };
}

/** The series that a series is derived of; undefined for one that is not derived. */
export function baseOf(series: SeriesId, { base, targets }: DerivedTimeframes): SeriesId | undefined {
  const isDerived = targets.some(({ text }) => text === series.timeframe);
  return isDerived ? withTimeframe(series, base.text) : undefined;
}

/** The series that are derived of a series, ascending by id; none for one that is no base. */
export function derivedOf(series: SeriesId, { base, targets }: DerivedTimeframes): readonly SeriesId[] {
  if (series.timeframe !== base.text) return [];
  return targets.map(({ text }) => withTimeframe(series, text)).sort((a, b) => (a.text < b.text ? -1 : 1));
}

/** The id of the series whose stream feeds a series: of its base for a derived one, else its own, whatever that is. */
export function fedBy(series: string, timeframes: DerivedTimeframes | undefined): string {
  if (timeframes === undefined) return series;
  try {
    return baseOf(parseSeriesId(series), timeframes)?.text ?? series;
  } catch {
    return series;
  }
}

function parsed(text: string): Timeframe | SkippedTimeframe {
  try {
    return { text, seconds: timeframeSeconds(text) };
  } catch (error) {
    return { timeframe: text, reason: (error as Error).message };
  }
}
