/** One stored ledger held against what the candles make of it, block by block. */
import { createHash } from "node:crypto";
import { LedgerDamage } from "../storage/errors.js";
import type { LedgerName } from "../storage/keys.js";
import type { LedgerHead } from "../storage/ledger-records.js";
import type { StoreReader } from "../storage/store.js";
import { linesOf } from "./rows.js";

/** Characters shown of what differs, and how many of them stand before the first that does. */
const EXCERPT = 200;
const EXCERPT_BEFORE = 60;

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

/** Compares one ledger block by block while it is computed. */
export class Comparison {
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
    try {
      this.#openBlock(time, checkpoint);
    } catch (error) {
      if (!(error instanceof LedgerDamage)) throw error;
      this.#differs("the block", error.message, "readable");
    }
  }

  #openBlock(time: number, checkpoint: string | undefined): void {
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
    if (this.#store.ledger(this.#series, this.#ledger).isDamaged === true) {
      this.#differs("the head", "damaged", "readable", null);
    }
    if (head === null)
      return this.#difference === undefined ? { type: "absent" } : { type: "different", difference: this.#difference };
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
