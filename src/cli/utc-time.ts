/** Points in time as people write them on the command line, and as commands print them. Always UTC. */
import { utcMidnightMs } from "../sim/truth/intervals.js";

const DAY_MS = 86_400_000;

/**
 * `2025-05-06`, `2025-05-06T12:00Z` or `2025-05-06T12:00:00Z`, in milliseconds since the Unix epoch; undefined for anything
 * else, and for a day that the month does not have.
 */
export function parseUtcTime(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?Z)?$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined;
  const firstMs = utcMidnightMs(year, month, 1);
  const days = (utcMidnightMs(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - firstMs) / DAY_MS;
  if (day < 1 || day > days) return undefined;
  return firstMs + (day - 1) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000;
}

/** `2025-05-06 12:00:00` */
export function utcText(ms: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC", dateStyle: "short", timeStyle: "medium" }).format(ms);
}

/** `2025-05-06T12:00:00Z`: what {@link parseUtcTime} reads back. @param timeS Unix seconds. */
export function isoText(timeS: number): string {
  return `${utcText(timeS * 1_000).replace(" ", "T")}Z`;
}
