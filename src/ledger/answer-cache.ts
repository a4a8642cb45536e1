/** Answers that were given lately, bounded by their size: many clients ask for the same newest candle. */
import type { JsonText } from "./json-parts.js";

/** Length of the answers kept, in bytes: the memory they take, if caches no longer hold the pieces. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** An answer with its text. */
export interface Answer {
  readonly json: JsonText;
}

export class AnswerCache<A extends Answer> {
  readonly #limit: number;
  readonly #answers = new Map<string, A>();
  #bytes = 0;

  constructor(limitBytes = CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** The answer under a key, made if it is not there. The key must name everything that the answer depends on. */
  get(key: string, make: () => A): A {
    const answer = this.#answers.get(key) ?? make();
    this.#drop(key);
    this.#answers.set(key, answer);
    this.#bytes += answer.json.bytes;
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#limit) break;
      this.#drop(oldest);
    }
    return answer;
  }

  #drop(key: string): void {
    const answer = this.#answers.get(key);
    if (answer === undefined) return;
    this.#answers.delete(key);
    this.#bytes -= answer.json.bytes;
  }
}
