/** What a chart shows at one moment, and how candles, drawing and holes go into it. Pure. */
import type { MarkerDefinition, PolylineDefinition } from "../../../src/client/answers/drawing.js";
import type { WireCandle } from "../../../src/client/answers/market.js";

/** Candles on a chart at most; older ones go. */
export const MAX_CANDLES = 20_000;

/** So many go at once, so that a long session does not make the chart anew with every close. */
export const CANDLES_DROPPED_AT_ONCE = 1_000;

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
  /** `binance:futures:BTC/USDT:1m`. */
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

/** Open time of the newest closed candle, Unix seconds; null without one. */
export function lastTime({ candles }: Picture): number | null {
  return candles.at(-1)?.candle_time ?? null;
}

/** With closed candles, ascending: later ones are added, and ones of a time that is there already take its place. */
export function withClosed(picture: Picture, closed: readonly WireCandle[]): Picture {
  const first = closed[0];
  const last = closed.at(-1);
  if (first === undefined || last === undefined) return picture;
  const known = lastTime(picture);
  const candles =
    known === null || first.candle_time > known
      ? [...picture.candles, ...closed]
      : mergedByTime(picture.candles, closed);
  const { forming } = picture;
  const passed = forming !== null && forming.candle_time <= last.candle_time;
  return { ...picture, candles: bounded(candles), forming: passed ? null : forming };
}

/** With the forming candle; one that has closed already is left out. */
export function withForming(picture: Picture, forming: WireCandle): Picture {
  const known = lastTime(picture);
  return known !== null && forming.candle_time <= known ? picture : { ...picture, forming };
}

/** With another drawing, unless it speaks of a later candle than the picture has. */
export function withDrawing(picture: Picture, drawn: readonly Drawn[], drawnTime: number | null): Picture {
  const known = lastTime(picture);
  if (drawnTime !== null && (known === null || drawnTime > known)) return picture;
  return { ...picture, drawn, drawnTime };
}

/** What stays the same object keeps its place on the chart without being drawn anew. */
function mergedByTime(before: readonly WireCandle[], changed: readonly WireCandle[]): readonly WireCandle[] {
  const byTime = new Map(before.map((candle) => [candle.candle_time, candle]));
  let isSame = true;
  for (const candle of changed) {
    const known = byTime.get(candle.candle_time);
    if (known !== undefined && isEqual(known, candle)) continue;
    byTime.set(candle.candle_time, candle);
    isSame = false;
  }
  if (isSame) return before;
  return [...byTime.values()].sort((a, b) => a.candle_time - b.candle_time);
}

function isEqual(a: WireCandle, b: WireCandle): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume;
}

function bounded(candles: readonly WireCandle[]): readonly WireCandle[] {
  return candles.length <= MAX_CANDLES ? candles : candles.slice(-(MAX_CANDLES - CANDLES_DROPPED_AT_ONCE));
}
