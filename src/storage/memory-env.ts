/**
 * The store's databases in memory, with the transactions that LMDB gives: commits of a turn share a flush, each is undone
 * by itself when it throws, and nothing is seen before it is durable. What is durable outlives the process that wrote it, as
 * a {@link MemoryDisk}. For simulations; a daemon has no use for it.
 */
import type { KeyRange, OrderedDatabase, StoreDatabases, StoreEnv } from "./ordered-database.js";

/** What survives a process. */
export interface MemoryDisk {
  readonly databases: Readonly<Record<keyof StoreDatabases, MemoryDatabase>>;
}

export interface MemoryEnvOptions {
  readonly disk: MemoryDisk;
  /** Calls back when the turn in which the first commit of a group came is over. */
  readonly nextTurn: (run: () => void) => void;
  /** Calls back once a group is on disk, or with what kept it from getting there. Never inside the call. */
  readonly flush: (done: (failure?: Error) => void) => void;
}

interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface DatabaseSize {
  readonly entries: number;
  readonly bytes: number;
}

interface Pending {
  /** Makes the change, and returns what to tell its owner once the group is durable. */
  readonly apply: () => () => void;
  readonly reject: (error: Error) => void;
}

export function createMemoryDisk(): MemoryDisk {
  return {
    databases: {
      series: new MemoryDatabase(),
      candles: new MemoryDatabase(),
      heads: new MemoryDatabase(),
      ledgers: new MemoryDatabase(),
      ledgerRows: new MemoryDatabase(),
      checkpoints: new MemoryDatabase(),
      gaps: new MemoryDatabase(),
      state: new MemoryDatabase(),
    },
  };
}

export function openMemoryEnv({ disk, nextTurn, flush }: MemoryEnvOptions): StoreEnv {
  const databases = Object.values(disk.databases);
  let waiting: Pending[] = [];
  let busy = false;

  const beginGroup = (): void => {
    const group = waiting;
    waiting = [];
    flush((failure) => {
      const marks = databases.map((database) => database.mark());
      const outcomes = group.map(({ apply, reject }) => atomically(databases, apply, reject));
      if (failure !== undefined) {
        for (const [index, database] of databases.entries()) database.rollBack(marks[index] ?? 0);
        for (const { reject } of group) reject(failure);
      } else {
        for (const done of outcomes) done?.();
      }
      for (const database of databases) database.forgetChanges();
      busy = waiting.length > 0;
      if (busy) beginGroup();
    });
  };

  return {
    ...disk.databases,
    transact: (change) =>
      new Promise((resolve, reject) => {
        const apply = (): (() => void) => {
          const result = change();
          return () => resolve(result);
        };
        waiting.push({ apply, reject });
        if (busy) return;
        busy = true;
        nextTurn(beginGroup);
      }),
    releaseDeadReaders: () => undefined,
    close: () => Promise.resolve(),
  };
}

function atomically(
  databases: readonly MemoryDatabase[],
  apply: Pending["apply"],
  reject: Pending["reject"],
): (() => void) | undefined {
  const marks = databases.map((database) => database.mark());
  try {
    return apply();
  } catch (error) {
    for (const [index, database] of databases.entries()) database.rollBack(marks[index] ?? 0);
    reject(error as Error);
    return undefined;
  }
}

/** One database: entries in the byte order of their keys, and what undoes the changes since the last flush. */
export class MemoryDatabase implements OrderedDatabase {
  readonly #entries: Entry[] = [];
  #undo: (() => void)[] = [];

  get(key: Buffer): Buffer | undefined {
    const at = this.#lowerBound(key);
    const entry = this.#entries[at];
    return entry?.key.equals(key) === true ? entry.value : undefined;
  }

  *getRange({ start, end, reverse = false, limit = Number.POSITIVE_INFINITY }: KeyRange): Generator<Entry> {
    const step = reverse ? -1 : 1;
    let at = reverse ? this.#lastIndexTo(start) : start === undefined ? 0 : this.#lowerBound(start);
    for (let left = limit; left > 0; left -= 1) {
      const entry = this.#entries[at];
      if (entry === undefined) return;
      if (end !== undefined && Buffer.compare(entry.key, end) * step >= 0) return;
      yield entry;
      at += step;
    }
  }

  *getKeys(range: KeyRange): Generator<Buffer> {
    for (const { key } of this.getRange(range)) yield key;
  }

  putSync(key: Buffer, value: Buffer): void {
    const at = this.#lowerBound(key);
    const old = this.#entries[at];
    const replaces = old?.key.equals(key) === true;
    this.#entries.splice(at, replaces ? 1 : 0, copied(key, value));
    this.#undo.push(() => this.#entries.splice(at, 1, ...(replaces ? [old] : [])));
  }

  removeSync(key: Buffer): boolean {
    const at = this.#lowerBound(key);
    const old = this.#entries[at];
    if (old?.key.equals(key) !== true) return false;
    this.#entries.splice(at, 1);
    this.#undo.push(() => this.#entries.splice(at, 0, old));
    return true;
  }

  /** How many entries there are, and how many bytes their keys and values have. */
  size(): DatabaseSize {
    const bytes = this.#entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    return { entries: this.#entries.length, bytes };
  }

  /** A point to {@link rollBack} to. */
  mark(): number {
    return this.#undo.length;
  }

  /** Undoes the changes since the mark, the last one first. */
  rollBack(mark: number): void {
    for (const undo of this.#undo.splice(mark).reverse()) undo();
  }

  /** What was changed so far stays. */
  forgetChanges(): void {
    this.#undo = [];
  }

  /** Index of the first entry whose key is not below `key`. */
  #lowerBound(key: Buffer): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare((this.#entries[middle] as Entry).key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the last entry whose key is not above `key`; -1 when there is none. */
  #lastIndexTo(key: Buffer | undefined): number {
    if (key === undefined) return this.#entries.length - 1;
    const at = this.#lowerBound(key);
    return this.#entries[at]?.key.equals(key) === true ? at : at - 1;
  }
}

/**
 * An entry in memory of its own: small buffers are cut from larger ones, which a single key would keep for good, and what a
 * writer does to its buffer later is not on the disk.
 */
function copied(key: Buffer, value: Buffer): Entry {
  const bytes = new Uint8Array(key.length + value.length);
  bytes.set(key);
  bytes.set(value, key.length);
  return {
    key: Buffer.from(bytes.buffer, 0, key.length),
    value: Buffer.from(bytes.buffer, key.length),
  };
}
