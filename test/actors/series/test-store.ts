/** A real store whose commits a test can count, hold back and make fail. */
import type { CommitReceipt, SeriesCommit, Store } from "../../../src/storage/store.js";

/** Turns of the event loop without any commit under way that count as rest. */
const QUIET_TURNS = 6;

/** Real time that commits may take to come to rest. */
const PATIENCE_REAL_MS = 60_000;

export class TestStore implements Store {
  readonly #store: Store;
  /** Every commit of more than records of gaps that was asked for, in order. */
  readonly commits: SeriesCommit[] = [];
  /** Every commit of records of gaps alone. */
  readonly gapCommits: SeriesCommit[] = [];
  /** Runs before a commit is handed to the store; a throw fails the commit, a promise holds it back. */
  before: (commit: SeriesCommit) => void | Promise<void> = () => undefined;
  /** Runs before a read of a head; a throw is what a damaged store does. */
  beforeHead: (series: string) => void = () => undefined;
  readonly #isWorking: () => boolean;
  /** Commits that the store is working on; those that a test holds back do not count. */
  #busy = 0;

  /** @param isWorking whether somebody else works, of whom a commit may come. */
  constructor(store: Store, isWorking: () => boolean = () => false) {
    this.#store = store;
    this.#isWorking = isWorking;
  }

  async commit(commit: SeriesCommit): Promise<CommitReceipt> {
    (commit.upsert === undefined && commit.gaps !== undefined ? this.gapCommits : this.commits).push(commit);
    const held = this.before(commit);
    if (held !== undefined) await held;
    return this.#counted(() => this.#store.commit(commit));
  }

  putState(key: string, value: unknown): Promise<void> {
    return this.#counted(() => this.#store.putState(key, value));
  }

  /** Resolves when no commit and no other work has been under way for a few turns of the event loop. */
  async atRest(): Promise<void> {
    const start = performance.now();
    for (let quiet = 0; quiet < QUIET_TURNS; quiet = this.#busy > 0 || this.#isWorking() ? 0 : quiet + 1) {
      if (performance.now() - start > PATIENCE_REAL_MS) throw new Error("the store did not come to rest");
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
    }
  }

  head(series: string) {
    this.beforeHead(series);
    return this.#store.head(series);
  }

  seriesIds = () => this.#store.seriesIds();
  ledger: Store["ledger"] = (...args) => this.#store.ledger(...args);
  ledgerBlockTime: Store["ledgerBlockTime"] = (...args) => this.#store.ledgerBlockTime(...args);
  checkpoint: Store["checkpoint"] = (...args) => this.#store.checkpoint(...args);
  ledgerRows: Store["ledgerRows"] = (...args) => this.#store.ledgerRows(...args);
  floor: Store["floor"] = (...args) => this.#store.floor(...args);
  count: Store["count"] = (...args) => this.#store.count(...args);
  read: Store["read"] = (...args) => this.#store.read(...args);
  candleTimes: Store["candleTimes"] = (...args) => this.#store.candleTimes(...args);
  readBetween: Store["readBetween"] = (...args) => this.#store.readBetween(...args);
  readBefore: Store["readBefore"] = (...args) => this.#store.readBefore(...args);
  existingTimes: Store["existingTimes"] = (...args) => this.#store.existingTimes(...args);
  gaps: Store["gaps"] = (...args) => this.#store.gaps(...args);
  unfilledGaps: Store["unfilledGaps"] = (series) => this.#store.unfilledGaps(series);
  state: Store["state"] = (key) => this.#store.state(key);
  releaseDeadReaders: Store["releaseDeadReaders"] = () => this.#store.releaseDeadReaders();
  close: Store["close"] = () => this.#store.close();
}
