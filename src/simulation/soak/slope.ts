/** A straight line through samples, and how sure its slope is. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Units of y per unit of x; the slope lies between `low` and `high` with 95 % confidence. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Fewer samples have no spread that could be told. */
export const FEWEST_POINTS = 3;

/** Student's t for 97.5 %, by degrees of freedom from 1; beyond the table that of a normal distribution is used. */
const STUDENT_T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;
const NORMAL = 1.96;

/** Least squares; undefined for fewer than {@link FEWEST_POINTS} points, or when all have the same x. */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const count = points.length;
  if (count < FEWEST_POINTS) return undefined;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const spread = sum(points.map(({ x }) => (x - meanX) ** 2));
  if (spread === 0) return undefined;
  const slope = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
  const residuals = sum(points.map(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2));
  const freedom = count - 2;
  const reach = (STUDENT_T[freedom - 1] ?? NORMAL) * Math.sqrt(residuals / freedom / spread);
  return { slope, low: slope - reach, high: slope + reach };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
