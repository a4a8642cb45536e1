/** What the store promises of a ledger, in its simplest form, to compare the real one with. */
import type { LedgerBlock, LedgerHead, LedgerStanding } from "../../src/storage/ledger-records.js";
import { NO_LEDGER } from "../../src/storage/ledger-records.js";
import type { LedgerChange } from "../../src/storage/ledger-store.js";

interface ModelBlock extends Omit<LedgerBlock, "checkpoint"> {}

export class ModelLedger {
  standing: LedgerStanding = NO_LEDGER;
  readonly #rows = new Map<number, ModelBlock>();
  readonly #checkpoints = new Map<number, string>();

  get blocks(): readonly ModelBlock[] {
    return [...this.#rows.values()].sort((a, b) => a.time - b.time);
  }

  checkpoint(time: number): string | undefined {
    return this.#checkpoints.get(time);
  }

  blockTime(timeS: number): number | undefined {
    return this.blocks.findLast(({ time }) => time <= timeS)?.time;
  }

  /** @param candleTimes stored before the commit, ascending. */
  apply(change: LedgerChange, candleTimes: readonly number[]): void {
    const { standing } = this;
    const again = { ...standing, generation: standing.generation + 1 };
    switch (change.type) {
      case "reset":
        this.#forget(() => true);
        this.standing = { ...again, head: null, cutHead: null };
        return;
      case "cut":
        if (standing.head === null || standing.head.time < change.at) return;
        this.standing = {
          ...again,
          head: this.#cut(change.at, standing.head, candleTimes),
          cutHead: standing.cutHead ?? standing.head,
        };
        return;
      case "advanced": {
        const { head, blocks, from } = change;
        if (from !== undefined) {
          this.#rows.delete(from);
          this.#forget((time) => time > from);
        }
        for (const { checkpoint, ...rows } of blocks) {
          this.#rows.set(rows.time, rows);
          if (checkpoint !== undefined) this.#checkpoints.set(rows.time, checkpoint);
        }
        const caughtUp = standing.cutHead !== null && head.time >= standing.cutHead.time;
        this.standing = {
          head,
          generation: standing.generation + (from === undefined ? 0 : 1),
          lastVersion: Math.max(standing.lastVersion, head.lastVersion),
          cutHead: caughtUp ? null : standing.cutHead,
        };
      }
    }
  }

  #cut(at: number, head: LedgerHead, candleTimes: readonly number[]): LedgerHead | null {
    const blockTime = this.blockTime(at) ?? 0;
    const count = this.#rows.get(blockTime)?.startCount ?? 0;
    this.#forget((time) => time >= blockTime);
    const time = count === 0 ? undefined : candleTimes.findLast((candleTime) => candleTime < blockTime);
    return time === undefined ? null : { ...head, time, count };
  }

  #forget(which: (time: number) => boolean): void {
    for (const map of [this.#rows, this.#checkpoints]) {
      for (const time of [...map.keys()]) if (which(time)) map.delete(time);
    }
  }
}
