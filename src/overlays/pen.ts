/** The confirmed pens of the overlay window as one polyline. Spec: overlays §4, `pen.confirmed`. */
import { penFactor } from "../factors/pen.js";
import { type Instruction, instruction, type Point } from "./instruction.js";
import type { Renderer, Version } from "./renderer.js";

type Stroke = readonly [startTime: number, startPrice: number, endTime: number, endPrice: number];

/** Numbers of a stroke, and where among them the time of its end is. */
const STROKE = 4;
const END_TIME = 2;

interface PenPicture {
  /** Strokes of the pens that end inside the window, ascending, one behind the other: as arrays they take thrice as much. */
  strokes: readonly number[];
  version: Version | null;
}

/** As it is stored. */
interface SavedPicture extends Pick<PenPicture, "version"> {
  readonly strokes: readonly Stroke[];
}

export const penRenderer: Renderer<PenPicture> = {
  name: "pen",
  initial: (): PenPicture => ({ strokes: [], version: null }),
  draw(state, frame, pencil, { timeframeSeconds, windowCandles }) {
    const { confirmed } = frame.factsOf(penFactor);
    const cutoff = Math.max(0, pencil.time - windowCandles * timeframeSeconds);
    const oldest = state.strokes[END_TIME];
    const drops = oldest !== undefined && oldest < cutoff;
    if (confirmed.length === 0 && !drops) return;
    const added = confirmed.map((pen): Stroke => [pen.start_time, pen.start_price, pen.end_time, pen.end_price]);
    const kept = [...strokesOf(state), ...added].filter((stroke) => stroke[END_TIME] >= cutoff);
    state.strokes = kept.flat();
    state.version = state.strokes.length === 0 ? null : pencil.version();
  },
  renew(state, later) {
    state.version &&= later(state.version);
    state.strokes = [...state.strokes];
  },
  live: () => [],
  settled: (state) => ({ key: state.strokes, make: () => confirmedPens(state) }),
  save: (state): SavedPicture => ({ strokes: strokesOf(state), version: state.version }),
  load(saved): PenPicture {
    const { strokes, version } = saved as SavedPicture;
    return { strokes: strokes.flat(), version };
  },
};

function confirmedPens(state: PenPicture): readonly Instruction[] {
  const { version } = state;
  if (version === null) return [];
  const points: Point[] = [];
  for (const [startTime, startPrice, endTime, endPrice] of strokesOf(state)) {
    if (points.at(-1)?.time !== startTime) points.push({ time: startTime, value: startPrice });
    points.push({ time: endTime, value: endPrice });
  }
  const definition = { type: "polyline", feature: "pen.confirmed", points, color: "#ffffff", lineWidth: 2 } as const;
  return [instruction("pen.confirmed", ...version, definition)];
}

function strokesOf({ strokes }: PenPicture): readonly Stroke[] {
  return Array.from({ length: strokes.length / STROKE }, (_, at) => {
    const stroke = strokes.slice(at * STROKE, (at + 1) * STROKE);
    return stroke as readonly number[] as Stroke;
  });
}
