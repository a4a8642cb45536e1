/** Series ids and the short numbers that stand for them in keys. A number is given once and never reused. */
import type { OrderedDatabase } from "./ordered-database.js";

export class SeriesNumbers {
  readonly #database: OrderedDatabase;
  readonly #numbers = new Map<string, number>();
  /** Assigned in a transaction that is not known to be committed: written again until it is. */
  readonly #unconfirmed = new Set<string>();
  #next = 1;

  constructor(database: OrderedDatabase) {
    this.#database = database;
    for (const { key, value } of database.getRange({})) {
      const number = value.readUInt32BE(0);
      this.#numbers.set(key.toString("utf8"), number);
      this.#next = Math.max(this.#next, number + 1);
    }
  }

  get(series: string): number | undefined {
    return this.#numbers.get(series);
  }

  ids(): readonly string[] {
    return [...this.#numbers.keys()].filter((series) => !this.#unconfirmed.has(series)).sort();
  }

  /** The number of a series, given now if it has none. Call inside the transaction that needs it. */
  assign(series: string): number {
    let number = this.#numbers.get(series);
    if (number === undefined) {
      number = this.#next;
      this.#next += 1;
      this.#numbers.set(series, number);
      this.#unconfirmed.add(series);
    }
    if (this.#unconfirmed.has(series)) {
      const record = Buffer.allocUnsafe(4);
      record.writeUInt32BE(number, 0);
      this.#database.putSync(Buffer.from(series), record);
    }
    return number;
  }

  /** To be called when the transaction that assigned the series is durable. */
  confirm(series: string): void {
    this.#unconfirmed.delete(series);
  }
}
