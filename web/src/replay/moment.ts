/**
 * What a chart shows at one moment of a replay. Pure: the same package and candle give the same picture, in whatever order they are
 * asked for, and nothing that came after the candle is in it. Format: docs/api/get-api-replay-overlay_package-window.md.
 */
import type { Instruction } from "../../../src/client/answers/drawing.js";
import type { WireCandle } from "../../../src/client/answers/market.js";
import type { OverlayWindow } from "../../../src/client/answers/replay.js";
import type { Drawn, Hole, Picture } from "../model/picture.js";

/** A stretch of a package; its candles are counted from the package's first, and `end_idx` is behind its last. */
export type ReplayWindow = Omit<OverlayWindow, "kline" | "event_catalog">;

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
  const versions = versionsAt(window, time);
  return {
    series: replayed.series,
    candles: replayed.candles.slice(0, index + 1),
    forming: null,
    drawn: activeAt(window, index).flatMap((id) => drawnOf(versions.get(id))),
    drawnTime: time,
    gaps: replayed.holes.filter(({ to_time }) => to_time !== null && to_time < time),
  };
}

/** Of each instruction its last version up to a time. */
function versionsAt(window: ReplayWindow, time: number): ReadonlyMap<string, Instruction> {
  const found = new Map<string, Instruction>();
  for (const version of window.catalog_base) found.set(version.instruction_id, version);
  for (const version of window.catalog_patch) {
    if (version.visible_time > time) break;
    found.set(version.instruction_id, version);
  }
  return found;
}

const DRAWN = new WeakMap<Instruction, Drawn>();

/** What a version draws: the same object every time, by which a chart sees that it has not changed. */
function drawnOf(version: Instruction | undefined): readonly Drawn[] {
  if (version === undefined) return [];
  const drawn = DRAWN.get(version) ?? { id: version.instruction_id, definition: version.definition };
  DRAWN.set(version, drawn);
  return [drawn];
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
