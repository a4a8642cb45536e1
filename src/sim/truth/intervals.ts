/** The exchange's intervals and their grid. Spec: binance-protocol §2.2, §4.1. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Day 0 of the Unix epoch is a Thursday; weeks open on Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Intervals whose grid counts from the epoch. `3d` does so by assumption. */
const FIXED_MS = {
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "2h": 2 * HOUR_MS,
  "4h": 4 * HOUR_MS,
  "6h": 6 * HOUR_MS,
  "8h": 8 * HOUR_MS,
  "12h": 12 * HOUR_MS,
  "1d": DAY_MS,
  "3d": 3 * DAY_MS,
} as const;

/** Every interval the simulator serves: production's list without spot's `1s`. Case matters: `1m` is not `1M`. */
export type Interval = keyof typeof FIXED_MS | "1w" | "1M";

export const INTERVALS: readonly Interval[] = [...(Object.keys(FIXED_MS) as (keyof typeof FIXED_MS)[]), "1w", "1M"];

export const INTERVAL_MINUTE_MS = MINUTE_MS;
export const INTERVAL_HOUR_MS = HOUR_MS;
export const INTERVAL_DAY_MS = DAY_MS;

export function isInterval(text: string): text is Interval {
  return text === "1w" || text === "1M" || Object.hasOwn(FIXED_MS, text);
}

/** Open time (ms, UTC) of the candle that holds the moment `ms`. */
export function openTimeAt(interval: Interval, ms: number): number {
  if (interval === "1M") return monthStart(ms, 0);
  if (interval === "1w") return Math.floor((ms - FIRST_MONDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS + FIRST_MONDAY_MS;
  const step = FIXED_MS[interval];
  return Math.floor(ms / step) * step;
}

/** Open time of the candle after the one that opens at `openMs`. */
export function nextOpenTime(interval: Interval, openMs: number): number {
  if (interval === "1M") return monthStart(openMs, 1);
  return openMs + (interval === "1w" ? 7 * DAY_MS : FIXED_MS[interval]);
}

/** Open time of the candle before the one that opens at `openMs`. */
export function previousOpenTime(interval: Interval, openMs: number): number {
  return openTimeAt(interval, openMs - 1);
}

/** Milliseconds since the Unix epoch of midnight UTC of a day, months and days counted from 1. */
export function utcMidnightMs(year: number, month: number, day: number): number {
  return (dayOfMonthStart(year * 12 + month - 1) + day - 1) * DAY_MS;
}

/** Midnight of the first day of the month that holds `ms`, `ahead` months later. */
function monthStart(ms: number, ahead: number): number {
  const month = monthOf(Math.floor(ms / DAY_MS)) + ahead;
  return dayOfMonthStart(month) * DAY_MS;
}

/** Months since January of year 0 of the day `day` (days since the epoch); years counted from March, as leap days are. */
function monthOf(day: number): number {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return (era * 400 + yearOfEra) * 12 + monthFromMarch + 2;
}

/** The inverse for the first day of a month. */
function dayOfMonthStart(month: number): number {
  const fromMarch = month - 2;
  const year = Math.floor(fromMarch / 12);
  const monthFromMarch = fromMarch - year * 12;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5);
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
