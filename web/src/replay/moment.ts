/**
 * What a chart shows at one moment of a replay. Pure: the same package and candle give the same picture, in whatever order they are
 * asked for, and nothing that came after the candle is in it. Format: docs/api/get-api-replay-window.md.
 */
import type { Drawn, Hole, Picture, WireCandle } from "../model/picture.js";

/** A version of an instruction: what it is defined as from the candle at `visible_time` on, Unix seconds. */
export interface InstructionVersion {
  readonly instruction_id: string;
  readonly visible_time: number;
  readonly definition: Drawn["definition"];
}

/** A stretch of a package, as `GET /api/replay/overlay_package/window` answers. Candles are counted from the package's first. */
export interface ReplayWindow {
  readonly window_index: number;
  readonly start_idx: number;
  /** Behind the last candle. */
  readonly end_idx: number;
  readonly catalog_base: readonly InstructionVersion[];
  readonly catalog_patch: readonly InstructionVersion[];
  readonly checkpoints: readonly { readonly at_idx: number; readonly active_ids: readonly string[] }[];
  readonly diffs: readonly {
    readonly at_idx: number;
    readonly add_ids: readonly string[];
    readonly remove_ids: readonly string[];
  }[];
}

/** What is replayed: the candles of a package, and the holes between them. */
export interface Replayed {
  readonly series: string;
  /** All of them, ascending by time. */
  readonly candles: readonly WireCandle[];
  /** Every hole that is on record, ascending. */
  readonly holes: readonly Hole[];
}

/**
 * The picture of the moment at which a candle had just closed.
 * @param window holds the candle. @throws RangeError when it does not, or the package has no such candle.
 */
export function pictureAt(replayed: Replayed, window: ReplayWindow, index: number): Picture {
  const candle = replayed.candles[index];
  if (candle === undefined || index < window.start_idx || index >= window.end_idx) {
    throw new RangeError(`candle ${index} is not in window ${window.window_index}`);
  }
  const { candle_time: time } = candle;
  const definitions = definitionsAt(window, time);
  return {
    series: replayed.series,
    candles: replayed.candles.slice(0, index + 1),
    forming: null,
    drawn: activeAt(window, index).flatMap((id) => {
      const definition = definitions.get(id);
      return definition === undefined ? [] : [{ id, definition }];
    }),
    drawnTime: time,
    gaps: replayed.holes.filter(({ to_time }) => to_time !== null && to_time < time),
  };
}

/** Of each instruction its last version up to a time. */
function definitionsAt(window: ReplayWindow, time: number): ReadonlyMap<string, Drawn["definition"]> {
  const found = new Map<string, Drawn["definition"]>();
  for (const { instruction_id, definition } of window.catalog_base) found.set(instruction_id, definition);
  for (const { instruction_id, definition, visible_time } of window.catalog_patch) {
    if (visible_time > time) break;
    found.set(instruction_id, definition);
  }
  return found;
}

/** What is to be shown at a candle, ascending: the nearest checkpoint, and what changed since. */
function activeAt(window: ReplayWindow, index: number): readonly string[] {
  const checkpoint = window.checkpoints.findLast(({ at_idx }) => at_idx <= index);
  const ids = new Set(checkpoint?.active_ids);
  for (const { at_idx, add_ids, remove_ids } of window.diffs) {
    if (at_idx > index) break;
    if (at_idx <= (checkpoint?.at_idx ?? -1)) continue;
    for (const id of remove_ids) ids.delete(id);
    for (const id of add_ids) ids.add(id);
  }
  return [...ids].sort();
}
