/** Shows pictures with lightweight-charts. */
import { CandlestickSeries, createChart, type UTCTimestamp } from "lightweight-charts";
import type { Picture, WireCandle } from "../model/picture.js";

/** A chart on the page. Whoever has a picture shows it; the chart does not ask where it came from. */
export interface ChartView {
  /** Shows a picture in place of the one before. Does what changed only: a close costs a close, not a chart. */
  show(picture: Picture): void;
  /** Features of the factor catalog that are not to be seen. */
  hide(features: ReadonlySet<string>): void;
  /** Takes the chart off the page; nothing may be called afterwards. */
  end(): void;
}

/** @param host is filled, and told by its `data-` attributes what is shown. */
export function createChartView(host: HTMLElement): ChartView {
  const chart = createChart(host, { autoSize: true, layout: { attributionLogo: false } });
  const candles = chart.addSeries(CandlestickSeries);
  return {
    show: (picture) => {
      candles.setData(picture.candles.map(barOf));
      const last = picture.candles.at(-1);
      setData(host, "lastTime", last?.candle_time);
      setData(host, "lastClose", last?.close);
      setData(host, "formingTime", picture.forming?.candle_time);
      setData(host, "drawnTime", picture.drawnTime ?? undefined);
    },
    hide: () => {},
    end: () => chart.remove(),
  };
}

function barOf({ candle_time, open, high, low, close }: WireCandle) {
  return { time: candle_time as UTCTimestamp, open, high, low, close };
}

function setData(host: HTMLElement, name: string, value: number | undefined): void {
  if (value === undefined) delete host.dataset[name];
  else host.dataset[name] = String(value);
}
