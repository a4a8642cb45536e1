/** For what is told ever more rarely the longer it lasts: the 1st, 2nd, 4th, 8th … time. */
export function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
