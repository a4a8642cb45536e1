/**
 * Computes the ledgers of a series anew from its candles and compares them with what is stored: rows, checkpoints and
 * versions. What the store says of a series must be the fold of its candles, and nothing else. Design: C-1.
 */
import { createHash } from "node:crypto";
import type { FactorEngine, FactorFold } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { OverlayEngine, Picture } from "../overlays/engine.js";
import type { LedgerName } from "../storage/keys.js";
import type { LedgerHead } from "../storage/ledger-records.js";
import type { StoreReader } from "../storage/store.js";
import { storedCloses } from "./restore.js";
import { eventLine, instructionLine, linesOf } from "./rows.js";

/** Characters shown of what differs, and how many of them stand before the first that does. */
const EXCERPT = 200;
const EXCERPT_BEFORE = 60;

/** Candles read at a time. */
const PAGE_CANDLES = 2_048;

/** How one ledger compares. */
export type LedgerVerdict =
  /** Nothing is stored. */
  | { readonly type: "absent" }
  /** Computed by other logic or with other settings: there is nothing to compare with. */
  | { readonly type: "other_fingerprint"; readonly stored: string; readonly expected: string }
  /** `hash` is over the rows, without version ids. */
  | { readonly type: "same"; readonly candles: number; readonly rows: number; readonly hash: string }
  | { readonly type: "different"; readonly difference: Difference };

/** The first difference; long texts are cut to what is around it. */
export interface Difference {
  /** First candle's time, in seconds, of the block it lies in; null when it concerns the ledger as a whole. */
  readonly blockTime: number | null;
  readonly what: string;
  readonly stored: string;
  readonly computed: string;
}

export interface SeriesAudit {
  readonly series: string;
  readonly candles: number;
  readonly factor: LedgerVerdict;
  readonly overlay: LedgerVerdict;
}

export interface AuditOptions {
  readonly store: StoreReader;
  readonly factors: FactorEngine;
  readonly overlays: OverlayEngine;
  /** Called now and then with the number of candles folded so far. */
  readonly onProgress?: (candles: number) => void;
}

/** Audits one series. It does not give way: all reads see one state of the store. */
export function auditSeries(options: AuditOptions, id: SeriesId): SeriesAudit {
  const { store, factors, overlays, onProgress } = options;
  const factorHead = store.ledger(id.text, "factor").head;
  const overlayHead = store.ledger(id.text, "overlay").head;
  const factor = new Comparison(store, id.text, "factor", factorHead, factors.fingerprint);
  const overlay = new Comparison(store, id.text, "overlay", overlayHead, overlays.fingerprint);
  const { count } = store.head(id.text);
  if (factorHead !== null && factor.isComparable) {
    const fold = factors.begin(id.timeframeSeconds, storedCloses(store, id.text));
    const picture = overlays.begin(id.timeframeSeconds);
    for (const page of candlesOf(store, id, factorHead)) {
      for (const candle of page) step(fold, picture, candle, factor, overlay);
      fold.release();
      onProgress?.(fold.count);
    }
  }
  return { series: id.text, candles: count, factor: factor.verdict(), overlay: overlay.verdict() };
}

function* candlesOf(store: StoreReader, id: SeriesId, head: LedgerHead) {
  let since = (head.origin ?? 0) - 1;
  for (;;) {
    const page = store.readBetween(id.text, since + 1, head.time, PAGE_CANDLES).candles();
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    since = last.time;
  }
}

function step(
  fold: FactorFold,
  picture: Picture,
  candle: Parameters<FactorFold["step"]>[0],
  factor: Comparison,
  overlay: Comparison,
): void {
  if (fold.isAtBlockStart) {
    factor.beginBlock(candle.time, fold.count === 0 ? undefined : fold.save());
    overlay.beginBlock(candle.time, undefined);
  }
  const frame = fold.step(candle);
  factor.candle(candle.time, frame.events.map(eventLine));
  overlay.candle(candle.time, picture.draw(frame).map(instructionLine));
}

/** Compares one ledger block by block while it is computed. */
class Comparison {
  readonly #store: StoreReader;
  readonly #series: string;
  readonly #ledger: LedgerName;
  readonly #head: LedgerHead | null;
  readonly #fingerprint: string;
  readonly #hash = createHash("sha256");
  #difference: Difference | undefined;
  #blockTime: number | null = null;
  #stored: readonly string[] = [];
  #at = 0;
  #count = 0;
  #rows = 0;
  #version = 0;

  constructor(store: StoreReader, series: string, ledger: LedgerName, head: LedgerHead | null, fingerprint: string) {
    this.#store = store;
    this.#series = series;
    this.#ledger = ledger;
    this.#head = head;
    this.#fingerprint = fingerprint;
  }

  get isComparable(): boolean {
    return this.#head?.fingerprint === this.#fingerprint;
  }

  beginBlock(time: number, checkpoint: string | undefined): void {
    this.#endBlock();
    if (!this.#isWithin(time)) return;
    this.#blockTime = time;
    this.#at = 0;
    const [block] = [...this.#store.ledgerRows(this.#series, this.#ledger, { fromS: time, toS: time })];
    if (block === undefined) {
      this.#differs("the block", "absent", "present");
      return;
    }
    if (block.startCount !== this.#count) this.#differs("the block's start", `${block.startCount}`, `${this.#count}`);
    this.#stored = linesOf(block.rows);
    if (checkpoint === undefined) return;
    const stored = this.#store.checkpoint(this.#series, this.#ledger, time) ?? "absent";
    if (stored !== checkpoint) this.#differs("the checkpoint", stored, checkpoint);
  }

  candle(time: number, lines: readonly string[]): void {
    if (!this.#isWithin(time)) return;
    this.#count += 1;
    for (const line of lines) this.#row(line);
  }

  verdict(): LedgerVerdict {
    const head = this.#head;
    if (head === null) return { type: "absent" };
    if (!this.isComparable) {
      return { type: "other_fingerprint", stored: head.fingerprint, expected: this.#fingerprint };
    }
    this.#endBlock();
    if (head.count !== this.#count) this.#differs("the number of candles", `${head.count}`, `${this.#count}`, null);
    if (this.#difference !== undefined) return { type: "different", difference: this.#difference };
    return { type: "same", candles: this.#count, rows: this.#rows, hash: this.#hash.digest("hex") };
  }

  #isWithin(time: number): boolean {
    return this.isComparable && this.#head !== null && time <= this.#head.time;
  }

  #row(computed: string): void {
    const stored = this.#stored[this.#at];
    this.#at += 1;
    this.#rows += 1;
    const text = this.#ledger === "overlay" ? withoutVersion(computed) : computed;
    this.#hash.update(text).update("\n");
    const storedText = stored !== undefined && this.#ledger === "overlay" ? withoutVersion(stored) : stored;
    if (storedText !== text) this.#differs(`row ${this.#at}`, storedText ?? "absent", text);
    else if (this.#ledger === "overlay") this.#versionGrows(stored ?? "");
  }

  /** Ids are not compared: a picture that was drawn again goes on with higher ones. They must only grow. */
  #versionGrows(stored: string): void {
    const version = Number.parseInt(stored, 10);
    if (version <= this.#version) {
      this.#differs(`version of row ${this.#at}`, `${version}`, `more than ${this.#version}`);
    }
    this.#version = version;
  }

  #endBlock(): void {
    const left = this.#stored[this.#at];
    if (left !== undefined) this.#differs(`row ${this.#at + 1}`, left, "absent");
    this.#stored = [];
    this.#at = 0;
  }

  #differs(what: string, stored: string, computed: string, blockTime = this.#blockTime): void {
    let same = 0;
    while (same < stored.length && stored[same] === computed[same]) same += 1;
    const from = Math.max(0, same - EXCERPT_BEFORE);
    const excerpt = (text: string): string => `${from > 0 ? "…" : ""}${text.slice(from, from + EXCERPT)}`;
    this.#difference ??= { blockTime, what, stored: excerpt(stored), computed: excerpt(computed) };
  }
}

function withoutVersion(line: string): string {
  return line.slice(line.indexOf("\t") + 1).replace(/"version_id":\d+,/, "");
}
