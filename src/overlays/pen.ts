/** The confirmed pens of the overlay window as one polyline. Spec: overlays §4, `pen.confirmed`. */
import { penFactor } from "../factors/pen.js";
import { instruction, type Point } from "./instruction.js";
import type { Renderer, Version } from "./renderer.js";

type Stroke = readonly [startTime: number, startPrice: number, endTime: number, endPrice: number];

interface PenPicture {
  /** Pens that end inside the window, ascending. */
  strokes: Stroke[];
  version: Version | null;
}

export const penRenderer: Renderer<PenPicture> = {
  name: "pen",
  initial: (): PenPicture => ({ strokes: [], version: null }),
  draw(state, frame, pencil, { timeframeSeconds, windowCandles }) {
    const { confirmed } = frame.factsOf(penFactor);
    const cutoff = Math.max(0, pencil.time - windowCandles * timeframeSeconds);
    const oldest = state.strokes[0];
    const drops = oldest !== undefined && oldest[2] < cutoff;
    if (confirmed.length === 0 && !drops) return;
    const added = confirmed.map((pen): Stroke => [pen.start_time, pen.start_price, pen.end_time, pen.end_price]);
    state.strokes = [...state.strokes, ...added].filter(([, , endTime]) => endTime >= cutoff);
    state.version = state.strokes.length === 0 ? null : pencil.version();
  },
  renew(state, later) {
    state.version &&= later(state.version);
  },
  live({ strokes, version }) {
    if (version === null) return [];
    const points: Point[] = [];
    for (const [startTime, startPrice, endTime, endPrice] of strokes) {
      if (points.at(-1)?.time !== startTime) points.push({ time: startTime, value: startPrice });
      points.push({ time: endTime, value: endPrice });
    }
    const definition = {
      type: "polyline",
      feature: "pen.confirmed",
      points,
      color: "#ffffff",
      lineWidth: 2,
    } as const;
    return [instruction("pen.confirmed", ...version, definition)];
  },
};
