/** Marks at candles, by the markers plug-in of lightweight-charts; they are handed over when they are others only. */
import {
  createSeriesMarkers,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
} from "lightweight-charts";
import type { MarkShape } from "../model/shapes.js";
import { type BarLook, chartTime } from "./bars.js";
import { inkOf } from "./palette.js";

export class Marks {
  readonly #plugin: ISeriesMarkersPluginApi<Time>;
  #shown: readonly MarkShape[] = [];

  constructor(candles: ISeriesApi<"Candlestick">) {
    this.#plugin = createSeriesMarkers(candles, [], { autoScale: true });
  }

  /** @param from Unix seconds: what is before the first candle has no place. @param anew also if they are the same. */
  show(marks: readonly MarkShape[], from: number, look: BarLook, anew: boolean): void {
    const seen = marks.filter(({ mark }) => mark.time >= from).sort((a, b) => a.mark.time - b.mark.time);
    if (!anew && isSame(seen, this.#shown)) return;
    this.#shown = seen;
    this.#plugin.setMarkers(seen.map((shape) => markerOf(shape, look)));
  }
}

function markerOf({ id, mark }: MarkShape, look: BarLook): SeriesMarker<Time> {
  const { time, position, color, shape, text, size } = mark;
  // Marks of pivots are many: small ones say as much.
  const scale = shape === "circle" ? 0.6 : 0.9;
  return {
    ...{ id, position, shape, size: size * scale, time: chartTime(time, look), color: inkOf(color, look.palette) },
    ...(text === "" ? {} : { text }),
  };
}

function isSame(a: readonly MarkShape[], b: readonly MarkShape[]): boolean {
  return a.length === b.length && a.every((one, i) => one.mark === b[i]?.mark);
}
