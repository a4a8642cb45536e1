/** What a chart shows at one moment, and how candles, drawing and holes go into it. Pure. */

/** Candles on a chart at most; older ones go. */
export const MAX_CANDLES = 20_000;

/** So many go at once, so that a long session does not make the chart anew with every close. */
export const CANDLES_DROPPED_AT_ONCE = 1_000;

/** A candle as the daemon sends it: `candle_time` is its open time in Unix seconds. */
export interface WireCandle {
  readonly candle_time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A point of a line: Unix seconds, and the price. */
export interface LinePoint {
  readonly time: number;
  readonly value: number;
}

/** A mark at a candle, as `draw/delta` defines it. */
export interface MarkerDefinition {
  readonly type: "marker";
  readonly feature: string;
  readonly time: number;
  readonly position: "aboveBar" | "belowBar";
  readonly color: string;
  readonly shape: string;
  readonly text: string;
  readonly size: number;
}

/** A line through points, as `draw/delta` defines it. */
export interface PolylineDefinition {
  readonly type: "polyline";
  readonly feature: string;
  readonly points: readonly LinePoint[];
  readonly color: string;
  readonly lineWidth: number;
  readonly lineStyle?: string;
  readonly entryDirection?: number;
}

/** Something that is drawn: an instruction and what it is defined as. */
export interface Drawn {
  readonly id: string;
  readonly definition: MarkerDefinition | PolylineDefinition;
}

/** Candles that are or were missing: from the open time of the first to that of the last, Unix seconds. */
export interface Hole {
  readonly from_time: number;
  /** Null while it is not known where it ends. */
  readonly to_time: number | null;
  /** What is known of it, in words. */
  readonly text: string;
}

/** Everything that a chart shows at one moment; the same picture gives the same chart, however it came about. */
export interface Picture {
  readonly series: string;
  /** Ascending by time, each once. */
  readonly candles: readonly WireCandle[];
  readonly forming: WireCandle | null;
  /** What is drawn: the active instructions, by ascending id. */
  readonly drawn: readonly Drawn[];
  /** The candle that the drawing speaks of, Unix seconds; null: nothing is drawn yet. */
  readonly drawnTime: number | null;
  /** Holes: entries of the gap ledger and gaps the feed told of, ascending. */
  readonly gaps: readonly Hole[];
}

/** A picture with nothing on it. */
export function emptyPicture(series: string): Picture {
  return { series, candles: [], forming: null, drawn: [], drawnTime: null, gaps: [] };
}
