/** The client's side of `draw/delta`: definitions by id, what is active, the cursor. Pure. See docs/api/get-api-draw-delta.md. */
import type { DrawDeltaAnswer } from "../../../src/client/answers/drawing.js";
import type { Drawn } from "./picture.js";

/** Definitions that are kept; of more, those that ended before the window go. */
export const MAX_DEFINITIONS = 20_000;

/** What has come of the drawing of a series. */
export interface Drawing {
  /** With which to ask next; 0: nothing has come. */
  readonly cursor: number;
  /** The candle that it speaks of, Unix seconds; null before the first. */
  readonly toTime: number | null;
  /** The last definition of each id. */
  readonly definitions: ReadonlyMap<string, Drawn>;
  /** The active ones, by ascending id. */
  readonly drawn: readonly Drawn[];
}

export const NO_DRAWING: Drawing = { cursor: 0, toTime: null, definitions: new Map(), drawn: [] };

/** A drawing and what has changed of it. What did not change is the same object. */
export function withDelta(drawing: Drawing, delta: DrawDeltaAnswer): Drawing {
  const definitions = new Map(drawing.definitions);
  for (const { instruction_id: id, definition } of delta.instruction_catalog_patch) {
    definitions.set(id, { id, definition });
  }
  const drawn = delta.active_ids.flatMap((id) => definitions.get(id) ?? []);
  if (definitions.size > MAX_DEFINITIONS && drawn.length > 0) dropEnded(definitions, drawn);
  return { cursor: delta.next_cursor.version_id, toTime: delta.to_candle_time, definitions, drawn };
}

/** What is not active and ended before everything that is can never be active again: windows only go forward. */
function dropEnded(definitions: Map<string, Drawn>, drawn: readonly Drawn[]): void {
  const active = new Set(drawn.map(({ id }) => id));
  const oldest = drawn.reduce((least, one) => Math.min(least, endOf(one)), Infinity);
  for (const [id, one] of definitions) if (!active.has(id) && endOf(one) < oldest) definitions.delete(id);
}

function endOf({ definition }: Drawn): number {
  return definition.type === "marker" ? definition.time : (definition.points.at(-1)?.time ?? 0);
}
