/**
 * The drawing of a package, bar by bar: which instructions are known, which of them are shown, and what changed. At every bar it
 * is the picture that a draw delta gives for a window that begins with the package. Spec: replay §4; design C-6, C-6b.
 */
import type { InstructionRow } from "../../ledger/rows.js";
import { isAnchorHistory, presentAnchorStarts } from "../../overlays/anchor.js";
import { ActiveIds, type IdChange } from "./active-ids.js";
import type { LedgerState } from "./ledger-walk.js";
import { LiveRows } from "./live-rows.js";

/** What a bar brought. */
export interface PictureChange extends IdChange {
  /** Versions that became visible, in the order of the catalogue. */
  readonly patch: readonly InstructionRow[];
}

const NO_CHANGE: PictureChange = { patch: [], added: [], removed: [] };

export class PictureLog {
  readonly #fromS: number;
  readonly #lasting: readonly InstructionRow[];
  #next = 0;
  /** Lasting instructions that are shown from then on, and lines of earlier anchors, which are not while that anchor is present. */
  readonly #steady = new Map<string, InstructionRow>();
  readonly #histories = new Map<string, InstructionRow>();
  #present: ReadonlySet<number> = new Set();
  readonly #live = new LiveRows();
  readonly #active = new ActiveIds();

  /**
   * @param fromS time of the package's first candle in seconds: what ends before it is no part of the package.
   * @param lasting instructions from then on, by version.
   */
  constructor(fromS: number, lasting: readonly InstructionRow[]) {
    this.#fromS = fromS;
    this.#lasting = lasting;
  }

  /** Goes on to a bar, of the given time in seconds. @param state undefined while nothing is drawn. */
  next(timeS: number, state: LedgerState | undefined): PictureChange {
    if (state?.picture === undefined) return NO_CHANGE;
    const touched = new Set<string>();
    const patch = this.#takeLasting(timeS, touched);
    this.#takePresent(presentAnchorStarts(state.frame), touched);
    const { changed, gone } = this.#live.next(state.picture);
    for (const id of [...gone, ...changed.map((row) => row.id)]) touched.add(id);
    // A version that was only given anew is as visible as the one before it, and shows the same.
    patch.push(...changed.filter((row) => row.time === timeS && this.#isRelevant(row)));
    return { patch: patch.sort(inCatalogueOrder), ...this.#active.update(touched, (id) => this.#isShown(id)) };
  }

  /** The newest version of each instruction that is shown or may be shown again without a new version. */
  catalogue(): readonly InstructionRow[] {
    const newest = new Map<string, InstructionRow>();
    for (const row of [...this.#steady.values(), ...this.#histories.values(), ...this.#live.all()]) {
      if (this.#isRelevant(row) && row.version > (newest.get(row.id)?.version ?? -1)) newest.set(row.id, row);
    }
    return [...newest.values()].sort(inCatalogueOrder);
  }

  /** The shown ids as a JSON array. */
  activeJson(): string {
    return this.#active.json();
  }

  #takeLasting(timeS: number, touched: Set<string>): InstructionRow[] {
    const taken: InstructionRow[] = [];
    for (let row = this.#lasting[this.#next]; row !== undefined && row.time <= timeS; row = this.#lasting[this.#next]) {
      this.#next += 1;
      const rows = isAnchorHistory(row.id) ? this.#histories : this.#steady;
      touched.add(row.id);
      if (this.#isRelevant(row)) {
        rows.set(row.id, row);
        taken.push(row);
      } else rows.delete(row.id);
    }
    return taken;
  }

  #takePresent(starts: ReadonlySet<number>, touched: Set<string>): void {
    const isSame = starts.size === this.#present.size && [...starts].every((start) => this.#present.has(start));
    if (isSame) return;
    this.#present = starts;
    for (const id of this.#histories.keys()) touched.add(id);
  }

  #isShown(id: string): boolean {
    if (this.#steady.has(id)) return true;
    const live = this.#live.get(id);
    if (live !== undefined && this.#isRelevant(live)) return true;
    const history = this.#histories.get(id);
    return history !== undefined && !this.#present.has(history.from);
  }

  #isRelevant({ to }: InstructionRow): boolean {
    return to >= this.#fromS;
  }
}

/** By visible time, version and id. Spec: replay §4, "Catalogue of a window". */
function inCatalogueOrder(a: InstructionRow, b: InstructionRow): number {
  return a.time - b.time || a.version - b.version || (a.id < b.id ? -1 : 1);
}
