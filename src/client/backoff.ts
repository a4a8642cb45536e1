/** How long to wait before the next attempt to connect. */

/** The longest that a first pause can be, in milliseconds. */
export const FIRST_PAUSE_MS = 250;

/** No pause is longer, in milliseconds. */
export const LONGEST_PAUSE_MS = 15_000;

/**
 * A pause in milliseconds, anywhere between 0 and a bound that doubles with each attempt (full jitter): clients that have lost one
 * daemon at one moment do not come back at one moment.
 * @param attempt counts from 1.
 * @param random in [0, 1).
 */
export function pauseMs(attempt: number, random: number): number {
  return random * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}
