/** What instructions look like: zones, lines and marks. Pure. */
import type { MarkerDefinition, PolylineDefinition } from "../../../src/client/answers/drawing.js";
import type { Drawn } from "./picture.js";

/** A line through points. */
export interface LineShape {
  readonly id: string;
  readonly line: PolylineDefinition;
}

/** The room between two edges: a zhongshu. */
export interface ZoneShape {
  readonly id: string;
  readonly feature: string;
  readonly color: string;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
}

/** A mark at a candle. */
export interface MarkShape {
  readonly id: string;
  readonly mark: MarkerDefinition;
}

export interface Shapes {
  readonly zones: readonly ZoneShape[];
  readonly lines: readonly LineShape[];
  readonly marks: readonly MarkShape[];
}

const TOP = ":top";
const BOTTOM = ":bottom";

/** Of what is drawn, that whose feature is not hidden. Two edges of one zone become the zone. */
export function shapesOf(drawn: readonly Drawn[], hidden: ReadonlySet<string>): Shapes {
  const zones: ZoneShape[] = [];
  const lines: LineShape[] = [];
  const marks: MarkShape[] = [];
  const edges = new Map<string, PolylineDefinition>();
  for (const { id, definition } of drawn) {
    if (hidden.has(definition.feature)) continue;
    if (definition.type === "marker") marks.push({ id, mark: definition });
    else if (id.endsWith(TOP) || id.endsWith(BOTTOM)) edges.set(id, definition);
    else lines.push({ id, line: definition });
  }
  for (const [id, edge] of edges) {
    const zoneId = id.slice(0, id.lastIndexOf(":"));
    const other = edges.get(zoneId + (id.endsWith(TOP) ? BOTTOM : TOP));
    if (other === undefined) lines.push({ id, line: edge });
    else if (id.endsWith(TOP)) zones.push(zone(zoneId, edge, other));
  }
  return { zones, lines, marks };
}

function zone(id: string, top: PolylineDefinition, bottom: PolylineDefinition): ZoneShape {
  const { feature, color, points } = top;
  const [first, last] = [points[0], points.at(-1)];
  return {
    id,
    feature,
    color,
    from: first?.time ?? 0,
    to: last?.time ?? 0,
    top: first?.value ?? 0,
    bottom: bottom.points[0]?.value ?? 0,
  };
}
