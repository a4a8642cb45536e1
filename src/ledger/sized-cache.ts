/** Values that were asked for lately, bounded by the memory they take; those not asked for the longest go first. */
export class SizedCache<Value> {
  readonly #limit: number;
  readonly #bytesOf: (value: Value) => number;
  readonly #values = new Map<string, Value>();
  #bytes = 0;

  /** @param bytesOf what a value takes, more than nothing; the same whenever it is asked. */
  constructor(limitBytes: number, bytesOf: (value: Value) => number) {
    this.#limit = limitBytes;
    this.#bytesOf = bytesOf;
  }

  /** The value under a key, without taking it for asked for. */
  peek(key: string): Value | undefined {
    return this.#values.get(key);
  }

  /** The value under a key, made if it is not there. The key must name everything that the value depends on. */
  get(key: string, make: () => Value): Value {
    const value = this.#values.get(key) ?? make();
    this.set(key, value);
    return value;
  }

  /** Puts a value in the place of what is under the key, as the newest. */
  set(key: string, value: Value): void {
    this.#drop(key);
    this.#values.set(key, value);
    this.#bytes += this.#bytesOf(value);
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#bytes -= this.#bytesOf(value);
  }
}
