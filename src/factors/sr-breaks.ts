/**
 * When levels broke, by level and tolerance. What broke stays broken: the closes up to its third crossing are past, and
 * with the same tolerance a walk along them ends at the same candle, whenever it is made. A wider tolerance breaks a level
 * later or not at all, never earlier; so one break holds for all tolerances between any two that it holds for.
 */

import type { Crossing } from "./sr-crossings.js";

/** The newest breaks are kept: about four per level that is shown. */
const MAX_BREAKS = 192;
const NONE = -1;

export class BreakMemo {
  /** Per level the entry that was added last. */
  readonly #newest: Int16Array;
  /** By entry. The limits are tolerances, both inclusive. */
  readonly #low = new Float32Array(MAX_BREAKS);
  readonly #high = new Float32Array(MAX_BREAKS);
  readonly #idx = new Int32Array(MAX_BREAKS);
  readonly #time = new Float64Array(MAX_BREAKS);
  readonly #level = new Int16Array(MAX_BREAKS).fill(NONE);
  /** The entry of the same level that was added before. */
  readonly #older = new Int16Array(MAX_BREAKS);
  readonly #used = new Uint8Array(MAX_BREAKS);
  #next = 0;

  /** @param levels they go by number, from 0. */
  constructor(levels: number) {
    this.#newest = new Int16Array(levels).fill(NONE);
  }

  find(level: number, tolerance: number): Crossing | undefined {
    for (let entry = this.#newest[level] as number; entry !== NONE; entry = this.#older[entry] as number) {
      if ((this.#low[entry] as number) > tolerance || tolerance > (this.#high[entry] as number)) continue;
      this.#used[entry] = 1;
      return { idx: this.#idx[entry] as number, time: this.#time[entry] as number };
    }
    return undefined;
  }

  /** @param low, @param high tolerances that both break the level there; both must be exact as 32-bit floats. */
  remember(level: number, low: number, high: number, { idx, time }: Crossing): void {
    for (let entry = this.#newest[level] as number; entry !== NONE; entry = this.#older[entry] as number) {
      if (this.#idx[entry] !== idx) continue;
      this.#low[entry] = Math.min(this.#low[entry] as number, low);
      this.#high[entry] = Math.max(this.#high[entry] as number, high);
      return;
    }
    const entry = this.#leastUsed();
    this.#unlink(entry);
    this.#low[entry] = low;
    this.#high[entry] = high;
    this.#idx[entry] = idx;
    this.#time[entry] = time;
    this.#level[entry] = level;
    this.#older[entry] = this.#newest[level] as number;
    this.#newest[level] = entry;
  }

  /** Another level has got this number. */
  forget(level: number): void {
    this.#newest[level] = NONE;
  }

  /** The next entry round the clock that was not used since the hand passed it. */
  #leastUsed(): number {
    for (;;) {
      const entry = this.#next;
      this.#next = (entry + 1) % MAX_BREAKS;
      if (this.#used[entry] === 0) return entry;
      this.#used[entry] = 0;
    }
  }

  #unlink(entry: number): void {
    const level = this.#level[entry] as number;
    if (level === NONE) return;
    const older = this.#older[entry] as number;
    if (this.#newest[level] === entry) {
      this.#newest[level] = older;
      return;
    }
    for (let at = this.#newest[level] as number; at !== NONE; at = this.#older[at] as number) {
      if (this.#older[at] === entry) this.#older[at] = older;
    }
  }
}
