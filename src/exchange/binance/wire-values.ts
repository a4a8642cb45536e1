/** Reading single values of Binance's JSON: strict about what they mean, lenient about how they are written. */

/** Longest text that is tried as a number, in characters: nothing the exchange sends comes near. */
const LONGEST_NUMBER_CHARS = 64;

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * From here on a time counts microseconds: as milliseconds it would lie in the year 5138, as microseconds it lies in
 * 1973, before any market here.
 */
const FIRST_MICROSECOND_TIME = 1e14;

/** A time this large is in no unit the exchange uses (as microseconds: the year 5138). */
const FIRST_IMPOSSIBLE_TIME = 1e17;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A finite number, sent as a number or as a decimal text; undefined for anything else (empty text, null, `Infinity`). */
export function decimal(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.length > LONGEST_NUMBER_CHARS || !DECIMAL.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Like {@link decimal}, for counts, ids and codes: whole and exactly representable. */
export function wholeNumber(value: unknown): number | undefined {
  const number = decimal(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** A flag; also as the number or text some gateways make of it. Undefined for anything else: a flag is never guessed. */
export function flag(value: unknown): boolean | undefined {
  if (value === true || value === 1 || value === "true") return true;
  if (value === false || value === 0 || value === "false") return false;
  return undefined;
}

export type TimeUnit = "ms" | "us";

/** A moment in milliseconds since the Unix epoch, UTC, and the unit it was sent in. */
export interface WireTime {
  readonly ms: number;
  readonly unit: TimeUnit;
}

/**
 * A positive time, in milliseconds or microseconds as its magnitude tells; undefined for anything else.
 * Spec: binance-protocol §2.1 (time unit), F39.
 */
export function wireTime(value: unknown): WireTime | undefined {
  const number = wholeNumber(value);
  if (number === undefined || number <= 0 || number >= FIRST_IMPOSSIBLE_TIME) return undefined;
  if (number < FIRST_MICROSECOND_TIME) return { ms: number, unit: "ms" };
  return { ms: Math.floor(number / 1000), unit: "us" };
}
