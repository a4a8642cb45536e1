/** Times and numbers in few words. Pure. */

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** A length of time: `4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function lasting(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < MINUTE_S) return `${s} s`;
  if (s < HOUR_S) return two(s, MINUTE_S, "min", 1, "s");
  if (s < DAY_S) return two(s, HOUR_S, "h", MINUTE_S, "min");
  return two(s, DAY_S, "d", HOUR_S, "h");
}

/** Hours, minutes and seconds of a moment, UTC. */
export function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** Day and minute of a moment, UTC. */
export function dayAndMinute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** `1 gap`, `2 gaps`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

function two(s: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((s % large) / small);
  return `${Math.floor(s / large)} ${largeUnit}${rest === 0 ? "" : ` ${rest} ${smallUnit}`}`;
}
