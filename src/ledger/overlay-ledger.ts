/**
 * The drawing of one series while it is written: follows the frames of the factor fold, and folds itself up to them when
 * it is behind. It computes ahead of the commit. Design: docs/ledgers.md, C-6.
 */

import { BLOCK_CANDLES } from "../factors/close-history.js";
import type { FactorEngine, FactorFrame } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { OverlayEngine, Picture, PictureCheckpoint } from "../overlays/engine.js";
import type { Instruction } from "../overlays/instruction.js";
import { LedgerDamage } from "../storage/errors.js";
import type { LedgerHead } from "../storage/ledger-records.js";
import type { LedgerChange } from "../storage/ledger-store.js";
import type { StoreReader } from "../storage/store.js";
import { BlockLog } from "./block-log.js";
import type { DamageNotes } from "./damage.js";
import { type DrawingTally, NO_TALLY, tallyOf } from "./drawing-tally.js";
import { type FactorRun, LEDGER_LIMITS, type LedgerLimits, type Restart } from "./factor-ledger.js";
import { factorBefore, pictureBefore } from "./restore.js";
import { instructionLine } from "./rows.js";

/** Frames between two chances for others to run. */
const FRAMES_PER_SLICE = 256;

export interface OverlayLedgerOptions {
  readonly id: SeriesId;
  readonly store: StoreReader;
  readonly engine: OverlayEngine;
  readonly factors: FactorEngine;
  readonly damage: DamageNotes;
  /** {@link LEDGER_LIMITS} unless given. */
  readonly limits?: LedgerLimits | undefined;
}

/** What drawing made of a run. Nothing is stored yet. */
export interface OverlayRun {
  readonly change: LedgerChange | undefined;
  /** The factor ledger has candles that are not drawn yet. */
  readonly behind: boolean;
  readonly drawn: DrawingTally;
}

interface Standing {
  readonly picture: Picture;
  /** Frames drawn. */
  readonly count: number;
  readonly openTime: number | undefined;
}

/** A run that leaves the drawing as it is. */
export const NOTHING_DRAWN: OverlayRun = { change: undefined, behind: false, drawn: NO_TALLY };

/** A run that leaves the drawing as it is, and the rest to the next. */
const NOTHING_DRAWN_YET: OverlayRun = { ...NOTHING_DRAWN, behind: true };

/** A run that forgets a damaged drawing; the next one draws it anew. */
const FORGOTTEN: OverlayRun = { ...NOTHING_DRAWN, change: { type: "cut", at: 0 }, behind: true };

interface Missing {
  readonly frames: readonly FactorFrame[];
  /** More is missing than one run makes again. */
  readonly behind: boolean;
}

export class OverlayLedger {
  readonly #options: OverlayLedgerOptions;
  readonly #limits: LedgerLimits;
  #standing: Standing | undefined;
  #prepared: Standing | undefined;
  /** The run under way forgets a damaged drawing. */
  #forgets = false;

  constructor(options: OverlayLedgerOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LEDGER_LIMITS;
  }

  /** The stored head, if it may be built upon. */
  usableHead(): LedgerHead | null {
    const { store, id, engine } = this.#options;
    const { head } = store.ledger(id.text, "overlay");
    return head?.fingerprint === engine.fingerprint ? head : null;
  }

  /** Draws what the factor fold made of a run; yields when others should get a chance. */
  *draw(run: Pick<FactorRun, "frames" | "restart">): Generator<void, OverlayRun> {
    const { damage, id } = this.#options;
    try {
      if (!damage.isDamaged(id.text, "overlay")) return yield* this.#drawRun(run);
    } catch (error) {
      if (!(error instanceof LedgerDamage)) throw error;
      damage.note(id.text, error);
      // The factor ledger is forgotten by its own next run, and the drawing with it.
      if (error.ledger === "factor") return NOTHING_DRAWN_YET;
    }
    this.#standing = undefined;
    this.#forgets = true;
    return FORGOTTEN;
  }

  *#drawRun({ frames, restart }: Pick<FactorRun, "frames" | "restart">): Generator<void, OverlayRun> {
    const nextIndex = frames[0]?.index;
    const standing = this.#stand(restart, nextIndex ?? 0);
    const missing = yield* this.#missing(standing.count, nextIndex);
    if (missing.behind && frames.length > 0) return NOTHING_DRAWN_YET;
    const all = [...missing.frames, ...frames];
    const last = all.at(-1);
    if (last === undefined) return NOTHING_DRAWN;
    // The picture goes ahead of what is stored: if this run fails on the way, it must not be built upon.
    this.#standing = undefined;
    const log = new BlockLog(this.#options.store, this.#options.id.text, "overlay", standing.openTime);
    const lasting: Instruction[] = [];
    const openTime = yield* drawAll(standing, all, log, lasting);
    const { picture } = standing;
    const count = last.index + 1;
    const factorRows = all.reduce((sum, { events }) => sum + events.length, 0);
    const drawn = tallyOf(factorRows, [...lasting, ...picture.live()]);
    this.#prepared = { picture, count, openTime };
    const { fingerprint } = this.#options.engine;
    const head = { time: last.candle.time, count, fingerprint, origin: null, lastVersion: picture.lastVersion };
    const from = standing.count === 0 ? 0 : restart.type === "block" ? restart.time : undefined;
    return { change: { type: "advanced", head, blocks: log.blocks(), from }, behind: missing.behind, drawn };
  }

  /** The run was committed, or nothing of it was. */
  settle(outcome: "committed" | "discarded"): void {
    this.#standing = outcome === "committed" ? (this.#prepared ?? this.#standing) : undefined;
    this.#prepared = undefined;
    if (this.#forgets && outcome === "committed") this.#options.damage.clear(this.#options.id.text, "overlay");
    this.#forgets = false;
  }

  /** The picture before the first frame that is to be drawn, or as far as there is one. */
  #stand(restart: Restart, nextIndex: number): Standing {
    if (restart.type === "beginning") return this.#blank();
    const count = this.#standing?.count ?? this.usableHead()?.count ?? 0;
    if (restart.type === "block" && count > nextIndex) return this.#before(restart.time);
    this.#standing ??= this.#restored() ?? this.#blank();
    return this.#standing;
  }

  #blank(): Standing {
    const { store, id, engine, damage } = this.#options;
    const { lastVersion, isDamaged } = store.ledger(id.text, "overlay");
    if (isDamaged === true) damage.tell(id.text, new LedgerDamage("overlay", "the head"));
    return { picture: engine.begin(id.timeframeSeconds, lastVersion), count: 0, openTime: undefined };
  }

  /** The picture before a block that is drawn again. */
  #before(blockTime: number): Standing {
    const { store, id, engine } = this.#options;
    const { lastVersion } = store.ledger(id.text, "overlay");
    for (const { startCount } of store.ledgerRows(id.text, "overlay", { fromS: blockTime, toS: blockTime })) {
      const picture = pictureBefore(store, engine, id, blockTime, lastVersion);
      return { picture, count: startCount, openTime: undefined };
    }
    return this.#blank();
  }

  /** Frames between what is drawn and `beforeIndex`, or the factor ledger's head: made again from its checkpoints. */
  *#missing(count: number, beforeIndex: number | undefined): Generator<void, Missing> {
    const { store, id, factors } = this.#options;
    const head = store.ledger(id.text, "factor").head;
    const end = beforeIndex ?? head?.count ?? 0;
    const block = head === null || end <= count ? undefined : this.#factorBlockOf(count);
    if (block === undefined) return { frames: [], behind: false };
    const { catchUpCandles } = this.#limits;
    const fold = factorBefore(store, factors, id, block);
    const limit = Math.min(end, count + catchUpCandles) - fold.count;
    const frames: FactorFrame[] = [];
    for (const [at, candle] of store.readBetween(id.text, block, Number.MAX_SAFE_INTEGER, limit).candles().entries()) {
      const frame = fold.step(candle);
      if (frame.index >= count) frames.push(frame);
      if (at % FRAMES_PER_SLICE === FRAMES_PER_SLICE - 1) yield;
    }
    return { frames, behind: end > count + catchUpCandles };
  }

  /** First candle's time of the factor ledger's block that holds the candle at `index`, the next to be drawn. */
  #factorBlockOf(index: number): number | undefined {
    const { store, id } = this.#options;
    const start = index - (index % BLOCK_CANDLES);
    const drawnUntil = index === 0 ? 0 : (this.usableHead()?.time ?? 0);
    const fromS = store.ledgerBlockTime(id.text, "factor", drawnUntil) ?? 0;
    const range = { fromS, toS: Number.MAX_SAFE_INTEGER };
    for (const { time, startCount } of store.ledgerRows(id.text, "factor", range)) {
      if (startCount === start) return time;
    }
    return undefined;
  }

  #restored(): Standing | undefined {
    const { store, id, engine, factors } = this.#options;
    const head = this.usableHead();
    const openTime = head === null ? undefined : store.ledgerBlockTime(id.text, "overlay", head.time);
    if (head === null || openTime === undefined) return undefined;
    const fold = factorBefore(store, factors, id, openTime);
    const picture = pictureBefore(store, engine, id, openTime);
    for (const candle of store.readBetween(id.text, openTime, head.time).candles()) picture.draw(fold.step(candle));
    return { picture: this.#behindAllVersions(picture, head), count: head.count, openTime };
  }

  /**
   * A cut takes versions away that must not be given again. It leaves the head at a block's end, so the checkpoint of the
   * next block will remember where they go on; inside a block the picture stands behind all versions already.
   */
  #behindAllVersions(picture: Picture, { count }: LedgerHead): Picture {
    const { store, id, engine } = this.#options;
    if (count % BLOCK_CANDLES !== 0) return picture;
    const { lastVersion } = store.ledger(id.text, "overlay");
    return engine.restore(id.timeframeSeconds, JSON.parse(picture.save()) as PictureCheckpoint, lastVersion);
  }
}

/** Draws frames into the log, and gathers what is lasting of it. @returns the time of the block that the last of them lies in. */
function* drawAll(
  { picture, openTime }: Standing,
  frames: readonly FactorFrame[],
  log: BlockLog,
  lasting: Instruction[],
): Generator<void, number | undefined> {
  let blockTime = openTime;
  for (const [at, frame] of frames.entries()) {
    if (frame.index % BLOCK_CANDLES === 0) {
      blockTime = frame.candle.time;
      const { lastVersion } = picture;
      log.begin({ time: blockTime, startCount: frame.index, startVersion: lastVersion, checkpoint: picture.save() });
    }
    for (const instruction of picture.draw(frame)) {
      log.add(instructionLine(instruction));
      lasting.push(instruction);
    }
    if (at % FRAMES_PER_SLICE === FRAMES_PER_SLICE - 1) yield;
  }
  return blockTime;
}
