/** Numbers with a fixed number of decimals, as they stand in ids and keys. Spec: factors §1 (float text). */

/** From here on `toFixed` changes to exponents. */
const TOO_LARGE_FOR_FIXED = 1e21;

/**
 * A finite number with `digits` decimals (1 to 20), rounding its exact binary value half to even. `toFixed` rounds
 * exact ties up; only multiples of 2^-(digits+1) can be such ties.
 */
export function fixedText(value: number, digits: number): string {
  if (Math.abs(value) >= TOO_LARGE_FOR_FIXED) return `${BigInt(value)}.${"0".repeat(digits)}`;
  const rounded = value.toFixed(digits);
  const isTie = Number.isInteger(value * 2 ** (digits + 1)) && value.toFixed(digits + 1).endsWith("5");
  if (!isTie) return rounded;
  const cut = value.toFixed(digits + 1).slice(0, -1);
  return Number(cut.at(-1)) % 2 === 0 ? cut : rounded;
}
