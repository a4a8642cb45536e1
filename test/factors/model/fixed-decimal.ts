/** Numbers as text with eight decimals, as they stand in event keys. Spec: factors §1. */

/** IEEE-754 doubles are a whole number times a power of two; this many bits follow the binary point at most. */
const FRACTION_BITS = 1074n;
const SCALE = 10n ** 8n;

/** The exact binary value of a finite number rounded to eight decimals, ties to the even digit. */
export function fixed8(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const scaled = exactBits(Math.abs(value)) * SCALE;
  const one = 1n << FRACTION_BITS;
  const floor = scaled / one;
  const twiceRest = (scaled % one) * 2n;
  const roundsUp = twiceRest > one || (twiceRest === one && floor % 2n === 1n);
  const digits = (roundsUp ? floor + 1n : floor).toString().padStart(9, "0");
  return `${sign}${digits.slice(0, -8)}.${digits.slice(-8)}`;
}

/** The value times 2^1074, which is always whole. */
function exactBits(value: number): bigint {
  let doubled = 0n;
  let whole = value;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    doubled += 1n;
  }
  return BigInt(whole) << (FRACTION_BITS - doubled);
}
