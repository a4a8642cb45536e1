/**
 * The factor ledger of one series while it is written: folds new candles in, folds again what late and corrected ones
 * touch, and says what a commit must do. It computes ahead of the commit. Design: docs/ledgers.md, §4, C-1, C-4, C-5.
 */
import type { FactorEngine, FactorFold, FactorFrame } from "../factors/engine.js";
import { type Candle, normaliseCandles } from "../market/candle.js";
import type { SeriesId } from "../market/series-id.js";
import { LedgerDamage } from "../storage/errors.js";
import type { LedgerBlock, LedgerHead, LedgerStanding } from "../storage/ledger-records.js";
import type { LedgerChange } from "../storage/ledger-store.js";
import type { StoreReader } from "../storage/store.js";
import { BlockLog } from "./block-log.js";
import type { DamageNotes } from "./damage.js";
import { factorBefore, storedCloses } from "./restore.js";
import { eventLine, linesOf } from "./rows.js";

/** Stored candles that one run catches up with. */
export const CATCH_UP_CANDLES = 2_048;

/** Candles folded again at once for a late one. Beyond it the ledger is cut back and catches up page by page. */
export const MAX_REFOLD_CANDLES = 20_000;

/** Candles between two chances for others to run: about a millisecond of work. */
const CANDLES_PER_SLICE = 128;

/** How much a ledger does in one run. */
export interface LedgerLimits {
  readonly catchUpCandles: number;
  readonly maxRefoldCandles: number;
}

export const LEDGER_LIMITS: LedgerLimits = {
  catchUpCandles: CATCH_UP_CANDLES,
  maxRefoldCandles: MAX_REFOLD_CANDLES,
};

export interface FactorLedgerOptions {
  readonly id: SeriesId;
  readonly store: StoreReader;
  readonly engine: FactorEngine;
  readonly damage: DamageNotes;
  /** Whether another fingerprint means that the ledger is computed anew. */
  readonly rebuildOnNewFingerprint: boolean;
  /** With how many of the newest stored candles a ledger begins for which it is not known where it began. */
  readonly rebuildKeepCandles: number;
  /** {@link LEDGER_LIMITS} unless given. */
  readonly limits?: LedgerLimits | undefined;
}

export type Restart =
  | { readonly type: "none" }
  | { readonly type: "beginning" }
  | { readonly type: "block"; readonly time: number };

/** What folding made of a run. Nothing is stored yet. */
export interface FactorRun {
  /** What the commit must do to the ledger; undefined when nothing changed. */
  readonly change: LedgerChange | undefined;
  readonly frames: readonly FactorFrame[];
  /** The frames go on from the ledger's head, or begin again with a block (first candle's time in seconds) or at all. */
  readonly restart: Restart;
  /** Rows that readers may have got are different now, or the ledger was computed anew. */
  readonly rebuilt: boolean;
  /** Stored candles are left that the ledger has not taken in. */
  readonly behind: boolean;
}

interface Standing {
  readonly fold: FactorFold;
  readonly head: LedgerHead | null;
  readonly origin: number | null;
  /** First candle's time of the block that the head lies in. */
  readonly openTime: number | undefined;
}

/** What stepping made: the fold at its new head, and what is to be stored. */
interface Steps {
  readonly standing: Standing & { readonly head: LedgerHead };
  readonly frames: readonly FactorFrame[];
  readonly blocks: readonly LedgerBlock[];
}

export class FactorLedger {
  readonly #options: FactorLedgerOptions;
  readonly #limits: LedgerLimits;
  /** The fold at the stored head; undefined until it is needed, and after a run that was not committed. */
  #standing: Standing | undefined;
  #prepared: Standing | undefined;
  /** The run under way forgets a damaged ledger. */
  #forgets = false;

  constructor(options: FactorLedgerOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LEDGER_LIMITS;
  }

  /** The stored head, if it may be built upon. */
  usableHead(): LedgerHead | null {
    return this.#usable(this.#stored().head);
  }

  /**
   * Folds a run in; yields when others should get a chance. No candles: the ledger catches up with the store.
   * @param changedFrom time in seconds of the earliest candle of the run that lies between the ledger's origin and its head
   * and is not stored like this; undefined when there is none.
   */
  *fold(candles: readonly Candle[], changedFrom: number | undefined): Generator<void, FactorRun> {
    const { damage, id } = this.#options;
    try {
      if (!damage.isDamaged(id.text, "factor")) return yield* this.#foldRun(candles, changedFrom);
    } catch (error) {
      if (!(error instanceof LedgerDamage)) throw error;
      damage.note(id.text, error);
    }
    this.#standing = undefined;
    this.#forgets = true;
    return FORGOTTEN;
  }

  *#foldRun(candles: readonly Candle[], changedFrom: number | undefined): Generator<void, FactorRun> {
    const standing = this.#stand();
    const { head, origin } = standing;
    if (head !== null && changedFrom !== undefined) return yield* this.#foldAgain(head, changedFrom, candles);
    const since = head?.time ?? (origin ?? 0) - 1;
    const later = candles.filter(({ time }) => time > since);
    return yield* this.#foldOn(standing, since, later);
  }

  /** The run was committed, or nothing of it was. */
  settle(outcome: "committed" | "discarded"): void {
    this.#standing = outcome === "committed" ? (this.#prepared ?? this.#standing) : undefined;
    this.#standing?.fold.release();
    this.#prepared = undefined;
    if (this.#forgets && outcome === "committed") this.#options.damage.clear(this.#options.id.text, "factor");
    this.#forgets = false;
  }

  /** From the head on: what is stored beyond it, and the run. */
  *#foldOn(standing: Standing, since: number, candles: readonly Candle[]): Generator<void, FactorRun> {
    const { store, id } = this.#options;
    const { catchUpCandles } = this.#limits;
    const stored = store.read(id.text, { since, limit: catchUpCandles + 1 }).candles();
    const tooMany = stored.length > catchUpCandles;
    if (tooMany && candles.length > 0) return { ...NOTHING_FOLDED, behind: true };
    const page = tooMany ? stored.slice(0, catchUpCandles) : stored;
    const taken = normaliseCandles([...page, ...candles]);
    if (taken.length === 0) return NOTHING_FOLDED;
    const { standing: next, frames, blocks } = yield* this.#steps(standing, taken);
    const begun = standing.head === null;
    const { cutHead } = this.#stored();
    this.#prepared = next;
    return {
      change: { type: "advanced", head: next.head, blocks, from: begun ? 0 : undefined },
      frames,
      restart: { type: begun ? "beginning" : "none" },
      rebuilt: cutHead === null ? begun && this.#options.rebuildOnNewFingerprint : next.head.time >= cutHead.time,
      behind: tooMany,
    };
  }

  /** From the block of the first candle that is not as it was folded. */
  *#foldAgain(head: LedgerHead, changedFrom: number, candles: readonly Candle[]): Generator<void, FactorRun> {
    const { store, id, engine } = this.#options;
    const blockTime = store.ledgerBlockTime(id.text, "factor", changedFrom);
    const from = blockTime ?? changedFrom;
    const { maxRefoldCandles } = this.#limits;
    const stored = store.readBetween(id.text, from, Number.MAX_SAFE_INTEGER, maxRefoldCandles + 1);
    if (stored.count > maxRefoldCandles) {
      this.#standing = undefined;
      return { ...NOTHING_FOLDED, change: { type: "cut", at: changedFrom }, behind: true };
    }
    const fold =
      blockTime === undefined
        ? engine.begin(id.timeframeSeconds, storedCloses(store, id.text))
        : factorBefore(store, engine, id, blockTime);
    const standing: Standing = { fold, head, origin: head.origin, openTime: undefined };
    const taken = normaliseCandles([...stored.candles(), ...candles.filter(({ time }) => time >= from)]);
    const before = this.#rowsUntil(from, head.time);
    const { standing: next, frames, blocks } = yield* this.#steps(standing, taken);
    const after = blocks.flatMap(({ rows }) => linesOf(rows)).filter((line) => Number.parseInt(line, 10) <= head.time);
    this.#prepared = next;
    return {
      change: { type: "advanced", head: next.head, blocks, from: blockTime ?? 0 },
      frames,
      restart: blockTime === undefined ? { type: "beginning" } : { type: "block", time: blockTime },
      rebuilt: this.#stored().cutHead !== null || before.join("\n") !== after.join("\n"),
      behind: false,
    };
  }

  *#steps({ fold, origin, openTime }: Standing, candles: readonly Candle[]): Generator<void, Steps> {
    const { store, id, engine } = this.#options;
    const log = new BlockLog(store, id.text, "factor", openTime);
    const frames: FactorFrame[] = [];
    let blockTime = openTime;
    // The fold goes ahead of what is stored: if this run fails on the way, it must not be built upon.
    this.#standing = undefined;
    for (const candle of candles) {
      if (fold.isAtBlockStart) {
        blockTime = candle.time;
        const checkpoint = fold.count === 0 ? undefined : fold.save();
        log.begin({ time: candle.time, startCount: fold.count, startVersion: 0, checkpoint });
      }
      const frame = fold.step(candle);
      for (const event of frame.events) log.add(eventLine(event));
      frames.push(frame);
      if (frames.length % CANDLES_PER_SLICE === 0) yield;
    }
    const last = candles.at(-1) as Candle;
    const { fingerprint } = engine;
    const head = { time: last.time, count: fold.count, fingerprint, origin, lastVersion: 0 };
    return { standing: { fold, head, origin, openTime: blockTime }, frames, blocks: log.blocks() };
  }

  #stand(): Standing {
    this.#standing ??= this.#restored() ?? this.#anew();
    return this.#standing;
  }

  #restored(): Standing | undefined {
    const { store, id, engine } = this.#options;
    const head = this.usableHead();
    const openTime = head === null ? undefined : store.ledgerBlockTime(id.text, "factor", head.time);
    if (head === null || openTime === undefined) return undefined;
    const fold = factorBefore(store, engine, id, openTime);
    for (const candle of store.readBetween(id.text, openTime, head.time).candles()) fold.step(candle);
    fold.release();
    return { fold, head, origin: head.origin, openTime };
  }

  /** A ledger with nothing in it. */
  #anew(): Standing {
    const { store, id, engine, damage } = this.#options;
    if (this.#stored().isDamaged === true) damage.tell(id.text, new LedgerDamage("factor", "the head"));
    const fold = engine.begin(id.timeframeSeconds, storedCloses(store, id.text));
    return { fold, head: null, origin: this.#origin(), openTime: undefined };
  }

  /**
   * A ledger that was cut back to nothing begins where it began. One that failed ever since its first candle, or whose head
   * was lost, begins with the first candle; any other with the newest.
   */
  #origin(): number | null {
    const { store, id, rebuildKeepCandles } = this.#options;
    const { head, cutHead, generation } = this.#stored();
    const cut = this.#usable(cutHead);
    if (cut !== null) return cut.origin;
    if (head === null && cutHead === null && generation > 0) return null;
    const { count } = store.head(id.text);
    return count > rebuildKeepCandles ? store.read(id.text, { limit: rebuildKeepCandles }).firstTime : null;
  }

  #stored(): LedgerStanding {
    const { store, id } = this.#options;
    return store.ledger(id.text, "factor");
  }

  #usable(head: LedgerHead | null): LedgerHead | null {
    const { engine, rebuildOnNewFingerprint } = this.#options;
    return head?.fingerprint === engine.fingerprint || !rebuildOnNewFingerprint ? head : null;
  }

  /** The stored rows from the block at `from` on that readers up to `untilS` may have got. */
  #rowsUntil(from: number, untilS: number): readonly string[] {
    const { store, id } = this.#options;
    const blocks = [...store.ledgerRows(id.text, "factor", { fromS: from, toS: untilS })];
    return blocks.flatMap(({ rows }) => linesOf(rows));
  }
}

/** A run that leaves the ledger as it is. */
export const NOTHING_FOLDED: FactorRun = {
  change: undefined,
  frames: [],
  restart: { type: "none" },
  rebuilt: false,
  behind: false,
};

/** A run that forgets a damaged ledger. The next one begins it anew, and has the rebuild announced. */
const FORGOTTEN: FactorRun = { ...NOTHING_FOLDED, change: { type: "cut", at: 0 }, behind: true };
