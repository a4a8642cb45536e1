/**
 * What the store needs of whatever keeps its records: databases of binary keys in byte order, changed in transactions.
 * LMDB's databases are of this shape; `memory-env.ts` has others.
 */

/** Keys from `start` (included) to `end` (not); descending when `reverse`, `start` being the higher one then. */
export interface KeyRange {
  readonly start?: Buffer;
  readonly end?: Buffer;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface OrderedDatabase {
  get(key: Buffer): Buffer | undefined;
  getRange(range: KeyRange): Iterable<{ readonly key: Buffer; readonly value: Buffer }>;
  getKeys(range: KeyRange): Iterable<Buffer>;
  /** Only inside a transaction, as `removeSync`. */
  putSync(key: Buffer, value: Buffer): void;
  removeSync(key: Buffer): unknown;
}

export interface StoreDatabases {
  /** Series id → series number, the short form of the id inside other keys. */
  readonly series: OrderedDatabase;
  readonly candles: OrderedDatabase;
  readonly heads: OrderedDatabase;
  /** Where each ledger of each series stands. */
  readonly ledgers: OrderedDatabase;
  /** Per ledger and block: what was emitted in it. */
  readonly ledgerRows: OrderedDatabase;
  /** Per ledger and block: the state before it. */
  readonly checkpoints: OrderedDatabase;
  /** Per series and number: a gap in its candles. Undefined while a store of an earlier version is only read. */
  readonly gaps: OrderedDatabase | undefined;
  /** Small facts that must survive a restart, such as the end of a ban. */
  readonly state: OrderedDatabase;
}

export interface StoreEnv extends StoreDatabases {
  /**
   * Runs `change` later, in a transaction of its own: a throw undoes it and leaves those beside it alone. Resolves when it
   * is durable; readers see all of it from then on and nothing of it before.
   */
  transact<T>(change: () => T): Promise<T>;
  /** Frees the places of readers whose process has ended. */
  releaseDeadReaders(): void;
  close(): Promise<void>;
}
