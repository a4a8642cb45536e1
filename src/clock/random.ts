/** Randomness as a port, like the clock: the jitter of a backoff comes from here, never from an ambient source. */

/** A number in [0, 1). */
export type Random = () => number;

/** The machine's randomness. The one place that may call it. */
export const systemRandom: Random = () => Math.random();

/** A repeatable source (mulberry32): the same seed gives the same sequence on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
