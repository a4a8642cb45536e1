/** A layer of the chart's main pane that draws on the canvas itself. */
import type { IPrimitivePaneView, ISeriesPrimitive, PrimitivePaneViewZOrder, Time } from "lightweight-charts";

/** @param context in CSS pixels. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;

/** @param draws what is drawn, under the candles (`bottom`) or over them (`top`). */
export class Layer implements ISeriesPrimitive<Time> {
  readonly #views: readonly IPrimitivePaneView[];
  #requestUpdate: (() => void) | undefined;

  constructor(draws: Readonly<Partial<Record<PrimitivePaneViewZOrder, Draw>>>) {
    this.#views = Object.entries(draws).map(([order, draw]) => viewOf(order as PrimitivePaneViewZOrder, draw));
  }

  attached({ requestUpdate }: { requestUpdate: () => void }): void {
    this.#requestUpdate = requestUpdate;
  }

  detached(): void {
    this.#requestUpdate = undefined;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  /** Has the layer drawn again with the next frame. */
  redraw(): void {
    this.#requestUpdate?.();
  }
}

function viewOf(order: PrimitivePaneViewZOrder, draw: Draw): IPrimitivePaneView {
  const renderer: ReturnType<IPrimitivePaneView["renderer"]> = {
    draw: (target) =>
      target.useMediaCoordinateSpace(({ context, mediaSize }) => {
        context.save();
        draw(context, mediaSize.width, mediaSize.height);
        context.restore();
      }),
  };
  return { zOrder: () => order, renderer: () => renderer };
}
