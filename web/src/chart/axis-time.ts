/** Times as the axis and the legend have them. Times are Unix seconds. Pure but for the zone of the machine. */

export type Zone = "utc" | "local";

/** What a mark on the time axis stands for; the numbers are those of lightweight-charts. */
const TICKS = { year: 0, month: 1, day: 2, time: 3, timeWithSeconds: 4 } as const;

export interface TimeFormats {
  /** A mark of the axis. @param kind the `TickMarkType` of lightweight-charts. */
  tick(time: number, kind: number): string;
  /** `2025-05-06 07:57`, with the day of the week: `Tue 2025-05-06 07:57`. */
  full(time: number): string;
  /** Seconds to add to a time so that its parts in UTC are those of the zone: days begin on the axis where they begin here. */
  offset(time: number): number;
}

export function timeFormats(zone: Zone): TimeFormats {
  const timeZone = zone === "utc" ? "UTC" : undefined;
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", ...options });
    return (time: number) => formatter.format(time * 1000);
  };
  const year = format({ year: "numeric" });
  const month = format({ month: "short" });
  const day = format({ day: "numeric", month: "short" });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const weekday = format({ weekday: "short" });
  const parts = format({ year: "numeric", month: "2-digit", day: "2-digit" });
  return {
    tick: (time, kind) => {
      if (kind === TICKS.year) return year(time);
      if (kind === TICKS.month) return month(time);
      if (kind === TICKS.day) return day(time);
      return clock(time);
    },
    full: (time) => `${weekday(time)} ${parts(time).split("/").reverse().join("-")} ${clock(time)}`,
    offset: (time) => (zone === "utc" ? 0 : -60 * new Date(time * 1000).getTimezoneOffset()),
  };
}
