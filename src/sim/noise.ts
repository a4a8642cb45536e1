/**
 * Repeatable randomness by key instead of by order: the same keys give the same number whenever and however often they
 * are asked for, so that a candle of next year costs no more than the next one and nothing depends on who asked first.
 */

/** A uint32 that depends on every bit of the keys (murmur3's mixing steps). */
export function hash32(seed: number, a: number, b = 0, c = 0): number {
  let hash = mixIn(mixIn(mixIn(seed | 0, a), b), c);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in [0, 1) that depends on every key; whole numbers below 2^32 are told apart. */
export function uniform(seed: number, a: number, b = 0, c = 0): number {
  return hash32(seed, a, b, c) / 4294967296;
}

/** A whole number from `min` to `max`, both included. */
export function uniformInteger(min: number, max: number, seed: number, a: number, b = 0, c = 0): number {
  return min + Math.floor(uniform(seed, a, b, c) * (max - min + 1));
}

/** A key from a text (FNV-1a). */
export function textKey(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

function mixIn(hash: number, key: number): number {
  let mixed = Math.imul(key | 0, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  const joined = hash ^ mixed;
  return (Math.imul((joined << 13) | (joined >>> 19), 5) + 0xe6546b64) | 0;
}
