/** The live instructions of a picture from bar to bar, each version written out once. */
import { liveRow } from "../../ledger/draw.js";
import type { InstructionRow } from "../../ledger/rows.js";
import type { Picture } from "../../overlays/engine.js";
import type { Instruction } from "../../overlays/instruction.js";

/** Rows that change together. */
interface Group {
  /** While it is the same object, so are the rows; undefined: they may differ with every bar. */
  readonly key: object | undefined;
  readonly rows: ReadonlyMap<string, InstructionRow>;
}

const NO_ROWS: Group = { key: undefined, rows: new Map() };

/** How the live instructions of a bar differ from those of the bar before. */
export interface LiveChange {
  /** New instructions, and new versions. */
  readonly changed: readonly InstructionRow[];
  readonly gone: readonly string[];
}

export class LiveRows {
  #groups: readonly Group[] = [];

  next(picture: Picture): LiveChange {
    const changed: InstructionRow[] = [];
    const gone: string[] = [];
    const parts = [{ key: undefined, make: () => picture.moving() }, ...picture.settled()];
    this.#groups = parts.map(({ key, make }, place): Group => {
      const before = this.#groups[place] ?? NO_ROWS;
      if (key !== undefined && key === before.key) return before;
      const rows = new Map(make().map((one) => [one.instruction_id, rowOf(one, before)]));
      for (const [id, row] of rows) if (row !== before.rows.get(id)) changed.push(row);
      for (const id of before.rows.keys()) if (!rows.has(id)) gone.push(id);
      return { key, rows };
    });
    return { changed, gone };
  }

  get(id: string): InstructionRow | undefined {
    for (const { rows } of this.#groups) {
      const row = rows.get(id);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  all(): readonly InstructionRow[] {
    return this.#groups.flatMap(({ rows }) => [...rows.values()]);
  }
}

function rowOf(instruction: Instruction, before: Group): InstructionRow {
  const known = before.rows.get(instruction.instruction_id);
  return known?.version === instruction.version_id ? known : liveRow(instruction);
}
