/** What is stored of a series' ledgers, held against a fold over the stored candles from their beginning. */
import { expect } from "vitest";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import type { FactorEngine, FactorFold, FactorFrame } from "../../src/factors/engine.js";
import { factorBefore, pictureBefore, storedCloses } from "../../src/ledger/restore.js";
import { eventLine, instructionLine, linesOf, parseInstructionLine } from "../../src/ledger/rows.js";
import { type Candle, sameCandle } from "../../src/market/candle.js";
import type { SeriesId } from "../../src/market/series-id.js";
import type { OverlayEngine, Picture } from "../../src/overlays/engine.js";
import type { Instruction } from "../../src/overlays/instruction.js";
import type { LedgerName } from "../../src/storage/keys.js";
import type { StoredRows } from "../../src/storage/ledger-records.js";
import type { StoreReader } from "../../src/storage/store.js";

export interface Engines {
  readonly factor: FactorEngine;
  readonly overlay: OverlayEngine;
}

export function storedBlocks(store: StoreReader, series: string, ledger: LedgerName): StoredRows[] {
  return [...store.ledgerRows(series, ledger, { fromS: 0, toS: Number.MAX_SAFE_INTEGER })];
}

export function storedLines(store: StoreReader, series: string, ledger: LedgerName): string[] {
  return storedBlocks(store, series, ledger).flatMap(({ rows }) => linesOf(rows));
}

/** A fold from the first candle of a ledger on; kept from check to check as long as the candles are the same. */
interface Fresh {
  readonly fold: FactorFold;
  readonly picture: Picture;
  readonly candles: Candle[];
  readonly frames: FactorFrame[];
  readonly events: (readonly string[])[];
  readonly instructions: (readonly Instruction[])[];
  /** State before each block. */
  readonly saved: string[];
}

export class LedgerCheck {
  readonly #store: StoreReader;
  readonly #id: SeriesId;
  readonly #engines: Engines;
  #fresh: Fresh | undefined;

  constructor(store: StoreReader, id: SeriesId, engines: Engines) {
    this.#store = store;
    this.#id = id;
    this.#engines = engines;
  }

  /** Fails unless both ledgers are, as far as they have come, what the stored candles make them. */
  rowsHold(): void {
    const fresh = this.#factorRowsHold();
    if (fresh !== undefined) this.#drawingHolds(fresh);
  }

  /** Also from each checkpoint on the ledgers are what they are. */
  everythingHolds(): void {
    this.rowsHold();
    this.#checkpointsHold();
  }

  /** @returns what the factor ledger should be; undefined when there is none of this engine: then no drawing is read either. */
  #factorRowsHold(): Fresh | undefined {
    const { head, cutHead } = this.#store.ledger(this.#id.text, "factor");
    const blocks = storedBlocks(this.#store, this.#id.text, "factor");
    if (head === null) {
      expect(blocks).toEqual([]);
      return undefined;
    }
    if (head.fingerprint !== this.#engines.factor.fingerprint) return undefined;
    if (cutHead !== null) expect(cutHead.time).toBeGreaterThan(head.time);
    const fresh = this.#freshUntil(head.origin ?? 0, head.time);
    expect([fresh.candles.length, fresh.candles.at(-1)?.time]).toEqual([head.count, head.time]);
    expectBlocks(blocks, fresh.candles);
    expectSame(
      blocks.flatMap(({ rows }) => linesOf(rows)),
      fresh.events.flat(),
    );
    return fresh;
  }

  #drawingHolds(fresh: Fresh): void {
    const { head, lastVersion } = this.#store.ledger(this.#id.text, "overlay");
    const blocks = storedBlocks(this.#store, this.#id.text, "overlay");
    if (head === null) {
      expect(blocks).toEqual([]);
      return;
    }
    if (head.fingerprint !== this.#engines.overlay.fingerprint) return;
    expect(fresh.candles[head.count - 1]?.time).toBe(head.time);
    expectBlocks(blocks, fresh.candles.slice(0, head.count));
    const rows = blocks.flatMap(({ rows }) => linesOf(rows)).map(parseInstructionLine);
    const versions = rows.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(versions.at(-1) ?? 0).toBeLessThanOrEqual(head.lastVersion);
    expect(head.lastVersion).toBeLessThanOrEqual(lastVersion);
    const expected = fresh.instructions.slice(0, head.count).flat();
    expectSame(
      rows.map(unnumbered),
      expected.map((one) => unnumbered({ text: JSON.stringify(one) })),
    );
  }

  #checkpointsHold(): void {
    const { text: series } = this.#id;
    const { factor, overlay } = this.#engines;
    const fresh = this.#fresh;
    const drawn = this.#store.ledger(series, "overlay");
    if (fresh === undefined || this.#store.ledger(series, "factor").head === null) return;
    for (const [at, block] of storedBlocks(this.#store, series, "factor").entries()) {
      expect(this.#store.checkpoint(series, "factor", block.time)).toBe(at === 0 ? undefined : fresh.saved[at]);
      const fold = factorBefore(this.#store, factor, this.#id, block.time);
      const frames = blockOf(fresh.candles, at).map((candle) => fold.step(candle));
      expectSame(
        frames.flatMap(({ events }) => events.map(eventLine)),
        blockOf(fresh.events, at).flat(),
      );
    }
    if (drawn.head?.fingerprint !== overlay.fingerprint) return;
    for (const [at, block] of storedBlocks(this.#store, series, "overlay").entries()) {
      const picture = pictureBefore(this.#store, overlay, this.#id, block.time);
      expect(picture.lastVersion).toBe(block.startVersion);
      const frames = blockOf(fresh.frames.slice(0, drawn.head.count), at);
      // Exactly the same versions: the checkpoint remembers where they go on.
      const lines = frames.flatMap((frame) => picture.draw(frame)).map(instructionLine);
      expectSame(lines, linesOf(block.rows));
      const isLast = (at + 1) * BLOCK_CANDLES >= drawn.head.count;
      if (isLast) this.#liveHolds(picture, drawn.head.count);
    }
  }

  /**
   * At the head the live instructions look as in the fresh picture, and no version is given twice. Their versions may be
   * later than in a fresh one: a picture that was drawn again gave them new ones.
   */
  #liveHolds(picture: Picture, count: number): void {
    const fresh = this.#fresh as Fresh;
    if (count !== fresh.candles.length) return;
    const looks = (live: readonly Instruction[]): readonly string[] =>
      live.map((one) => JSON.stringify({ ...one, version_id: 0 })).sort();
    expectSame(looks(picture.live()), looks(fresh.picture.live()));
    const rows = storedLines(this.#store, this.#id.text, "overlay").map(parseInstructionLine);
    const versions = [...rows.map(({ version }) => version), ...picture.live().map(({ version_id }) => version_id)];
    expect(new Set(versions).size).toBe(versions.length);
    expect(Math.max(0, ...versions)).toBeLessThanOrEqual(picture.lastVersion);
  }

  #freshUntil(fromS: number, toS: number): Fresh {
    const candles = this.#store.readBetween(this.#id.text, fromS, toS, Number.MAX_SAFE_INTEGER).candles();
    const known = this.#fresh;
    const goesOn =
      known !== undefined &&
      known.candles.length <= candles.length &&
      known.candles.every((candle, at) => sameCandle(candle, candles[at] as Candle));
    const fresh = goesOn ? known : this.#begin();
    for (const candle of candles.slice(fresh.candles.length)) {
      if (fresh.fold.isAtBlockStart) fresh.saved.push(fresh.fold.save());
      const frame = fresh.fold.step(candle);
      fresh.candles.push(candle);
      fresh.frames.push(frame);
      fresh.events.push(frame.events.map(eventLine));
      fresh.instructions.push(fresh.picture.draw(frame));
    }
    fresh.fold.release();
    this.#fresh = fresh;
    return fresh;
  }

  #begin(): Fresh {
    const { timeframeSeconds, text } = this.#id;
    const fold = this.#engines.factor.begin(timeframeSeconds, storedCloses(this.#store, text));
    const picture = this.#engines.overlay.begin(timeframeSeconds);
    return { fold, picture, candles: [], frames: [], events: [], instructions: [], saved: [] };
  }
}

function blockOf<T>(list: readonly T[], at: number): readonly T[] {
  return list.slice(at * BLOCK_CANDLES, (at + 1) * BLOCK_CANDLES);
}

/** The blocks begin with every 256th candle, and nothing else is there. */
function expectBlocks(blocks: readonly StoredRows[], candles: readonly Candle[]): void {
  const starts = candles.filter((_, index) => index % BLOCK_CANDLES === 0);
  expect(blocks.map(({ time, startCount }) => [time, startCount])).toEqual(
    starts.map(({ time }, at) => [time, at * BLOCK_CANDLES]),
  );
}

/** Like `toEqual`, but shows the first difference only. */
function expectSame(actual: readonly string[], expected: readonly string[]): void {
  const at = actual.findIndex((text, index) => text !== expected[index]);
  if (at >= 0) expect({ at, text: actual[at] }).toEqual({ at, text: expected[at] });
  expect(actual).toHaveLength(expected.length);
}

/** An instruction without its version: its place among the others says as much. */
function unnumbered({ text }: { readonly text: string }): string {
  return text.replace(/^\{"version_id":\d+/, "");
}
