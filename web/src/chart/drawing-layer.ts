/** Draws zones and lines of the factors. They are drawn by position, so that one that begins before the first candle keeps its slope. */
import type { LineShape, Shapes, ZoneShape } from "../model/shapes.js";
import { Layer } from "./layer.js";
import { inkOf, type Palette, withOpacity } from "./palette.js";
import type { Scale } from "./scale.js";

interface PlacedZone {
  readonly zone: ZoneShape;
  readonly from: number;
  readonly to: number;
}

interface PlacedLine {
  readonly line: LineShape["line"];
  /** Position and price, ascending. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

const DASH = [5, 4];

/** A zone that lives is shown more strongly than one that is over. */
const ZONE_OPACITY = { alive: 0.16, dead: 0.08 } as const;

export class DrawingLayer {
  readonly layer: Layer;
  readonly #scale: Scale;
  #palette: Palette;
  #zones: readonly PlacedZone[] = [];
  #lines: readonly PlacedLine[] = [];

  constructor(scale: Scale, palette: Palette) {
    this.#scale = scale;
    this.#palette = palette;
    this.layer = new Layer({
      bottom: (context) => this.#drawZones(context),
      top: (context) => this.#drawLines(context),
    });
  }

  show({ zones, lines }: Shapes): void {
    const position = (time: number): number => this.#scale.position(time);
    this.#zones = zones.map((zone) => ({ zone, from: position(zone.from), to: position(zone.to) }));
    this.#lines = lines.map(({ line }) => ({
      line,
      points: line.points.map(({ time, value }) => ({ at: position(time), value })),
    }));
    this.layer.redraw();
  }

  paint(palette: Palette): void {
    this.#palette = palette;
    this.layer.redraw();
  }

  #drawZones(context: CanvasRenderingContext2D): void {
    const visible = this.#scale.visible();
    if (visible === null) return;
    for (const { zone, from, to } of this.#zones) {
      if (to < visible.from || from > visible.to) continue;
      const [left, right] = [this.#scale.x(from), this.#scale.x(to)];
      const [top, bottom] = [this.#scale.y(zone.top), this.#scale.y(zone.bottom)];
      const alive = zone.feature.endsWith(".alive");
      context.fillStyle = withOpacity(zone.color, ZONE_OPACITY[alive ? "alive" : "dead"]);
      context.fillRect(left, top, right - left, bottom - top);
      context.strokeStyle = withOpacity(zone.color, alive ? 0.85 : 0.5);
      context.lineWidth = 1;
      context.strokeRect(crisp(left), crisp(top), Math.round(right - left), Math.round(bottom - top));
    }
  }

  #drawLines(context: CanvasRenderingContext2D): void {
    const visible = this.#scale.visible();
    if (visible === null) return;
    context.lineJoin = "round";
    for (const { line, points } of this.#lines) {
      const seen = seenPart(points, visible.from, visible.to);
      if (seen.length < 2) continue;
      context.beginPath();
      for (const { at, value } of seen) context.lineTo(this.#scale.x(at), this.#scale.y(value));
      context.strokeStyle = inkOf(line.color, this.#palette);
      context.lineWidth = widthOf(line);
      context.setLineDash(line.lineStyle === "dashed" ? DASH : []);
      context.stroke();
    }
  }
}

/** Levels are many and long: they are drawn thin, so that the candles stay what is seen first. */
function widthOf({ feature, lineWidth }: LineShape["line"]): number {
  if (feature.startsWith("sr.")) return 1;
  return feature.startsWith("pen.") ? 1.5 : lineWidth;
}

/** The points that can be seen, with one more on each side. */
function seenPart(points: PlacedLine["points"], from: number, to: number): PlacedLine["points"] {
  const behind = points.findIndex(({ at }) => at >= from);
  if (behind === -1) return [];
  const beyond = points.findIndex(({ at }) => at > to);
  return points.slice(Math.max(0, behind - 1), beyond === -1 ? points.length : beyond + 1);
}

/** A line of one pixel is sharp between two pixels. */
function crisp(pixel: number): number {
  return Math.round(pixel) + 0.5;
}
