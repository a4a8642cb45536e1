/** From times and prices to pixels of a chart. */
import type { IChartApi, ISeriesApi, Logical } from "lightweight-charts";
import { positionOf, type Slot } from "../model/slots.js";

/** Where things are on the chart now. Pixels are CSS pixels of the pane. */
export class Scale {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  #slots: readonly Slot[] = [];
  #stepSeconds = 60;

  constructor(chart: IChartApi, candles: ISeriesApi<"Candlestick">) {
    this.#chart = chart;
    this.#candles = candles;
  }

  use(slots: readonly Slot[], stepSeconds: number): void {
    this.#slots = slots;
    this.#stepSeconds = stepSeconds;
  }

  /** Position among the slots of a time in Unix seconds; stays what it is while slots are only added. */
  position(time: number): number {
    return positionOf(this.#slots, time, this.#stepSeconds);
  }

  /** The slot at a position, if there is one. */
  slot(position: number): Slot | undefined {
    return this.#slots[Math.round(position)];
  }

  get lastPosition(): number {
    return this.#slots.length - 1;
  }

  /** Pixels from the left. The library knows whole positions only. */
  x(position: number): number {
    const whole = Math.floor(position);
    const left = this.#xOf(whole);
    return whole === position ? left : left + (position - whole) * (this.#xOf(whole + 1) - left);
  }

  /** Pixels from the top. */
  y(price: number): number {
    return this.#candles.priceToCoordinate(price) ?? 0;
  }

  /** The positions that can be seen; null without any. */
  visible(): { readonly from: number; readonly to: number } | null {
    return this.#chart.timeScale().getVisibleLogicalRange();
  }

  #xOf(whole: number): number {
    return this.#chart.timeScale().logicalToCoordinate(whole as Logical) ?? 0;
  }
}
