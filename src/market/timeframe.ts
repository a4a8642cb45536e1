/** Timeframes (`1m`, `4h`, `1d`): a positive whole number and a lower-case unit. Spec: ingest §1.2. */

const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

/** A text that names no timeframe. The message is part of the HTTP contract. */
export class TimeframeError extends Error {
  override readonly name = "TimeframeError";
}

/**
 * The length of a timeframe in seconds.
 * @throws TimeframeError `empty timeframe`, `unsupported timeframe unit: '<u>'` or `invalid timeframe: '<tf>'`.
 */
export function timeframeSeconds(timeframe: string): number {
  const text = timeframe.trim();
  if (text === "") throw new TimeframeError("empty timeframe");
  const unit = text.slice(-1);
  const unitSeconds = UNIT_SECONDS[unit];
  if (unitSeconds === undefined) throw new TimeframeError(`unsupported timeframe unit: '${unit}'`);
  const count = text.slice(0, -1);
  const seconds = Number(count) * unitSeconds;
  if (!/^\d+$/.test(count) || seconds === 0 || !Number.isSafeInteger(seconds)) {
    throw new TimeframeError(`invalid timeframe: '${text}'`);
  }
  return seconds;
}
