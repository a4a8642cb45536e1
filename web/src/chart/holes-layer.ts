/** Marks where candles are missing: the places of the hole, from the top of the chart to its bottom. */
import type { Hole } from "../model/picture.js";
import { Layer } from "./layer.js";
import type { Palette } from "./palette.js";
import type { Scale } from "./scale.js";

interface PlacedHole {
  readonly hole: Hole;
  readonly from: number;
  readonly to: number;
}

const HATCH_PX = 9;

/** Half a place on each side, so that a hole of one candle is as wide as a candle. */
const HALF_A_SLOT = 0.5;

export class HolesLayer {
  readonly layer: Layer;
  readonly #scale: Scale;
  #palette: Palette;
  #holes: readonly PlacedHole[] = [];

  constructor(scale: Scale, palette: Palette) {
    this.#scale = scale;
    this.#palette = palette;
    this.layer = new Layer({ bottom: (context, _width, height) => this.#draw(context, height) });
  }

  show(holes: readonly Hole[]): void {
    const { lastPosition } = this.#scale;
    this.#holes = holes.map((hole) => {
      const from = this.#scale.position(hole.from_time);
      // One that is open has no end yet: it goes to the newest place, and is at least one place wide.
      const to = hole.to_time === null ? Math.max(from, lastPosition) : this.#scale.position(hole.to_time);
      return { hole, from: from - HALF_A_SLOT, to: to + HALF_A_SLOT };
    });
    this.layer.redraw();
  }

  paint(palette: Palette): void {
    this.#palette = palette;
    this.layer.redraw();
  }

  /** The hole at a position, if there is one. */
  at(position: number): Hole | undefined {
    return this.#holes.find(({ from, to }) => position >= from && position <= to)?.hole;
  }

  #draw(context: CanvasRenderingContext2D, height: number): void {
    const visible = this.#scale.visible();
    if (visible === null) return;
    for (const { from, to } of this.#holes) {
      if (to < visible.from || from > visible.to) continue;
      // Far outside of the pane nothing needs to be drawn.
      const left = Math.round(this.#scale.x(Math.max(from, visible.from - 2)));
      const right = Math.round(this.#scale.x(Math.min(to, visible.to + 2)));
      this.#drawOne(context, left, Math.max(2, right - left), height);
    }
  }

  #drawOne(context: CanvasRenderingContext2D, left: number, width: number, height: number): void {
    context.save();
    context.beginPath();
    context.rect(left, 0, width, height);
    context.clip();
    context.fillStyle = this.#palette.hole;
    context.fillRect(left, 0, width, height);
    context.strokeStyle = this.#palette.holeEdge;
    context.lineWidth = 1;
    context.globalAlpha = 0.35;
    context.beginPath();
    for (let x = left - height; x < left + width; x += HATCH_PX) {
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
    }
    context.stroke();
    context.globalAlpha = 1;
    context.setLineDash([2, 3]);
    context.strokeRect(left + 0.5, -1, width - 1, height + 2);
    context.restore();
  }
}
