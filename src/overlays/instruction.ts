/** Draw instructions: what a chart shows, as markers and polylines. Spec: overlays §4. */

export interface Marker {
  readonly type: "marker";
  readonly feature: string;
  /** Seconds. */
  readonly time: number;
  readonly position: "aboveBar" | "belowBar";
  readonly color: string;
  readonly shape: "circle" | "arrowUp" | "arrowDown";
  readonly text: string;
  readonly size: number;
}

export interface Polyline {
  readonly type: "polyline";
  readonly feature: string;
  readonly points: readonly Point[];
  readonly color: string;
  readonly lineWidth: number;
  readonly lineStyle?: "dashed";
  readonly entryDirection?: 1 | -1;
}

export interface Point {
  /** Seconds. */
  readonly time: number;
  readonly value: number;
}

export type Definition = Marker | Polyline;

/** One version of an instruction, as clients get it. */
export interface Instruction {
  /** Counts up within a series; never given twice. */
  readonly version_id: number;
  readonly instruction_id: string;
  readonly kind: Definition["type"];
  /** Open time in seconds of the candle at which this version came to be. */
  readonly visible_time: number;
  readonly definition: Definition;
}

export function instruction(id: string, version: number, visibleTime: number, definition: Definition): Instruction {
  return {
    version_id: version,
    instruction_id: id,
    kind: definition.type,
    visible_time: visibleTime,
    definition,
  };
}

/** First and last time, in seconds, that an instruction touches. */
export function spanOf(definition: Definition): { readonly from: number; readonly to: number } {
  if (definition.type === "marker") return { from: definition.time, to: definition.time };
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { time } of definition.points) {
    if (time < from) from = time;
    if (time > to) to = time;
  }
  return { from, to };
}

export function line(
  feature: string,
  from: Point,
  to: Point,
  style: Pick<Polyline, "color" | "lineWidth" | "lineStyle" | "entryDirection">,
): Polyline {
  return { type: "polyline", feature, points: [from, to], ...style };
}
