/** Candles and volume on the chart; only what changed is handed over. */
import {
  type CandlestickData,
  CandlestickSeries,
  type HistogramData,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
  type WhitespaceData,
} from "lightweight-charts";
import type { WireCandle } from "../../../src/client/answers/market.js";
import { changeOf, type Slot } from "../model/slots.js";
import { priceText, volumeText } from "./numbers.js";
import type { Palette } from "./palette.js";

const VOLUME_PANE = 1;

/** How the two panes share the height. */
const PANE_SHARES = [5, 1] as const;

type Bar = CandlestickData<UTCTimestamp> | WhitespaceData<UTCTimestamp>;
type VolumeBar = HistogramData<UTCTimestamp> | WhitespaceData<UTCTimestamp>;

/** What the bars depend on besides the slots. */
export interface BarLook {
  readonly palette: Palette;
  /** Open time of the candle that is forming; null without one. */
  readonly formingTime: number | null;
  /** From a time to the one that the chart is given: see `TimeFormats.offset`. */
  readonly offsetSeconds: number;
}

export class Bars {
  readonly candles: ISeriesApi<"Candlestick">;
  readonly #volume: ISeriesApi<"Histogram">;
  /** The newest price, also while the user looks at older candles: the library's own label is of the last candle in sight. */
  readonly #price: IPriceLine;
  #shown: readonly Slot[] = [];

  constructor(chart: IChartApi) {
    this.candles = chart.addSeries(CandlestickSeries, { lastValueVisible: false, priceLineVisible: false });
    this.#price = this.candles.createPriceLine({
      price: 0,
      lineStyle: LineStyle.Dotted,
      lineWidth: 1,
      axisLabelVisible: false,
    });
    const priceFormat = { type: "custom", formatter: volumeText, minMove: 1e-8 } as const;
    this.#volume = chart.addSeries(
      HistogramSeries,
      { priceFormat, lastValueVisible: false, priceLineVisible: false },
      VOLUME_PANE,
    );
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: 0 } });
    for (const [i, pane] of chart.panes().entries()) pane.setStretchFactor(PANE_SHARES[i] ?? 1);
  }

  /** @returns whether the bars were made anew, and not only added to. */
  show(slots: readonly Slot[], look: BarLook): boolean {
    const change = changeOf(this.#shown, slots);
    this.#shown = slots;
    if (change.kind !== "none") this.#showPrice(look);
    if (change.kind === "all") this.#showAll(look);
    if (change.kind !== "tail") return change.kind === "all";
    for (const slot of slots.slice(change.from)) {
      this.candles.update(barOf(slot, look));
      this.#volume.update(volumeOf(slot, look));
    }
    return false;
  }

  /** Draws the same bars in another look. */
  repaint(look: BarLook): void {
    const { up, down } = look.palette;
    this.candles.applyOptions({
      ...{ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: true },
      ...{ borderUpColor: up, borderDownColor: down },
    });
    this.#showAll(look);
  }

  setDecimals(decimals: number): void {
    const formatter = (price: number): string => priceText(price, decimals);
    this.candles.applyOptions({ priceFormat: { type: "custom", formatter, minMove: 10 ** -decimals } });
  }

  #showPrice({ palette }: BarLook): void {
    const newest = this.#shown.at(-1)?.candle ?? null;
    const visible = { lineVisible: newest !== null, axisLabelVisible: newest !== null };
    const color = newest === null || isUp(newest) ? palette.up : palette.down;
    this.#price.applyOptions({
      ...visible,
      price: newest?.close ?? 0,
      color,
      axisLabelColor: color,
      axisLabelTextColor: "#fff",
    });
  }

  #showAll(look: BarLook): void {
    this.#showPrice(look);
    this.candles.setData(this.#shown.map((slot) => barOf(slot, look)));
    this.#volume.setData(this.#shown.map((slot) => volumeOf(slot, look)));
  }
}

function barOf({ time, candle }: Slot, look: BarLook): Bar {
  const at = chartTime(time, look);
  if (candle === null) return { time: at };
  const { open, high, low, close } = candle;
  const bar = { time: at, open, high, low, close };
  if (time !== look.formingTime) return bar;
  const { upForming, downForming } = look.palette;
  return { ...bar, color: isUp(candle) ? upForming : downForming };
}

function volumeOf({ time, candle }: Slot, look: BarLook): VolumeBar {
  const at = chartTime(time, look);
  if (candle === null) return { time: at };
  const { upVolume, downVolume } = look.palette;
  return { time: at, value: candle.volume, color: isUp(candle) ? upVolume : downVolume };
}

/** The time that lightweight-charts is given for one. */
export function chartTime(time: number, { offsetSeconds }: Pick<BarLook, "offsetSeconds">): UTCTimestamp {
  return (time + offsetSeconds) as UTCTimestamp;
}

function isUp({ open, close }: WireCandle): boolean {
  return close >= open;
}
