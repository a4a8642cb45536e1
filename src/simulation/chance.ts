/** What a seed decides, by topic: draws of one topic never move those of another, so that a replay stays one when code grows. */
import { type Random, seededRandom } from "../clock/random.js";
import { hash32, textKey } from "../sim/noise.js";

export class Chance {
  readonly random: Random;

  constructor(seed: number, topic: string) {
    this.random = seededRandom(hash32(seed, textKey(topic)));
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.random() * (max - min + 1));
  }

  /** True with this probability. */
  happens(probability: number): boolean {
    return this.random() < probability;
  }

  /** @throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.random() * list.length)];
    if (picked === undefined) throw new RangeError("nothing to pick from: the list is empty");
    return picked;
  }

  /** Each of the list with this probability, in its order. */
  some<T>(list: readonly T[], probability: number): readonly T[] {
    return list.filter(() => this.happens(probability));
  }
}
