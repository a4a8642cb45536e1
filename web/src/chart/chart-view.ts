/** Shows pictures with lightweight-charts. */
import { createChart, type IChartApi } from "lightweight-charts";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { emptyPicture, type Hole, lastTime, type Picture } from "../model/picture.js";
import { shapesOf } from "../model/shapes.js";
import { holesIn, type Slot, slotsOf } from "../model/slots.js";
import { type TimeFormats, timeFormats, type Zone } from "./axis-time.js";
import { type BarLook, Bars } from "./bars.js";
import { DrawingLayer } from "./drawing-layer.js";
import { HolesLayer } from "./holes-layer.js";
import { Legend } from "./legend.js";
import { Marks } from "./marks.js";
import { decimalsOf } from "./numbers.js";
import { chartOptions } from "./options.js";
import { PALETTES, type Palette, type Theme } from "./palette.js";
import { Scale } from "./scale.js";

/** A chart on the page. Whoever has a picture shows it; the chart does not ask where it came from. */
export interface ChartView {
  /** Shows a picture in place of the one before. Does what changed only: a close costs a close, not a chart. */
  show(picture: Picture): void;
  /** Features of the factor catalog that are not to be seen. */
  hide(features: ReadonlySet<string>): void;
  /** Takes the chart off the page; nothing may be called afterwards. */
  end(): void;
}

export interface ChartParts {
  /** Is filled, and told by its `data-` attributes what is shown. */
  readonly host: HTMLElement;
  readonly legend: HTMLElement;
  readonly theme: Theme;
  readonly zone: Zone;
  /** Told which hole the pointer is over, and where, in pixels from the left; undefined: over none. */
  readonly onHole: (hole: Hole | undefined, x: number) => void;
  /** Told whether the newest candle can be seen. */
  readonly onNewest: (visible: boolean) => void;
  /** Told when the user comes near the first candle. */
  readonly onOldest: () => void;
}

/** Width of a candle and its distance from the next when a series is opened, in pixels. */
const PIXELS_AT_FIRST = 7;

/** Places that can be seen then at least, however few candles there are. */
const LEAST_AT_FIRST = 40;

/** The user comes near the first candle when it is so many candles away. */
const NEAR_FIRST = 20;

/** Room behind the newest candle, in candles. */
const ROOM_BEHIND = 8;

/** The chart of the page, with what only the page itself asks of it. */
export class LiveChart implements ChartView {
  readonly #parts: ChartParts;
  readonly #chart: IChartApi;
  readonly #bars: Bars;
  readonly #marks: Marks;
  readonly #scale: Scale;
  readonly #drawing: DrawingLayer;
  readonly #holes: HolesLayer;
  readonly #legend: Legend;
  #picture: Picture = emptyPicture("");
  #slots: readonly Slot[] = [];
  #hidden: ReadonlySet<string> = new Set();
  #palette: Palette;
  #formats: TimeFormats;
  #offsetSeconds = 0;
  #decimals = 0;
  #hovered: number | null = null;

  constructor(parts: ChartParts) {
    this.#parts = parts;
    this.#palette = PALETTES[parts.theme];
    this.#formats = timeFormats(parts.zone);
    const options = chartOptions(this.#palette, this.#formats, () => this.#offsetSeconds);
    this.#chart = createChart(parts.host, { ...options, autoSize: true });
    this.#bars = new Bars(this.#chart);
    this.#marks = new Marks(this.#bars.candles);
    this.#scale = new Scale(this.#chart, this.#bars.candles);
    this.#drawing = new DrawingLayer(this.#scale, this.#palette);
    this.#holes = new HolesLayer(this.#scale, this.#palette);
    this.#legend = new Legend(parts.legend);
    this.#bars.candles.attachPrimitive(this.#holes.layer);
    this.#bars.candles.attachPrimitive(this.#drawing.layer);
    this.#chart.subscribeCrosshairMove(({ point, logical }) => this.#hover(point?.x, logical));
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null) this.#see(range);
    });
    this.#applyLook();
  }

  show(picture: Picture): void {
    const before = this.#picture;
    this.#picture = picture;
    const isOther = picture.series !== before.series;
    const step = parseSeriesId(picture.series).timeframeSeconds;
    if (picture.candles !== before.candles || picture.forming !== before.forming || isOther) {
      this.#slots = slotsOf(picture.candles, picture.forming, step);
      this.#scale.use(this.#slots, step);
    }
    if (isOther || before.candles.length === 0) this.#begin();
    const anew = this.#bars.show(this.#slots, this.#look());
    if (isOther || before.candles.length === 0) this.#goToNewest();
    const moved = anew || isOther;
    if (moved || picture.drawn !== before.drawn) this.#showDrawing(moved);
    if (picture.candles !== before.candles || picture.gaps !== before.gaps || moved) this.#showHoles(step);
    this.#tell();
    this.#showLegend();
  }

  hide(features: ReadonlySet<string>): void {
    this.#hidden = features;
    this.#showDrawing(true);
  }

  setTheme(theme: Theme): void {
    this.#palette = PALETTES[theme];
    this.#applyLook();
  }

  setZone(zone: Zone): void {
    this.#formats = timeFormats(zone);
    this.#offsetSeconds = this.#formats.offset(lastTime(this.#picture) ?? 0);
    this.#applyLook();
  }

  /** Scrolls to the newest candle. */
  scrollToNewest(): void {
    this.#chart.timeScale().scrollToRealTime();
  }

  end(): void {
    this.#chart.remove();
  }

  /** Another series has come, or the first candles of this one. */
  #begin(): void {
    this.#offsetSeconds = this.#formats.offset(lastTime(this.#picture) ?? 0);
    this.#decimals = decimalsOf(this.#picture.candles);
    this.#bars.setDecimals(this.#decimals);
    this.#chart.priceScale("right").applyOptions({ autoScale: true });
    this.#hovered = null;
  }

  #goToNewest(): void {
    const last = this.#slots.length - 1;
    const room = Math.min(Math.floor(this.#parts.host.clientWidth / PIXELS_AT_FIRST), last + 2 * ROOM_BEHIND);
    const from = last + ROOM_BEHIND - Math.max(LEAST_AT_FIRST, room);
    this.#chart.timeScale().setVisibleLogicalRange({ from, to: last + ROOM_BEHIND });
  }

  #showDrawing(anew: boolean): void {
    const shapes = shapesOf(this.#picture.drawn, this.#hidden);
    this.#drawing.show(shapes);
    this.#marks.show(shapes.marks, this.#slots[0]?.time ?? 0, this.#look(), anew);
  }

  #showHoles(step: number): void {
    this.#holes.show([...this.#picture.gaps, ...holesIn(this.#picture.candles, step, this.#picture.gaps)]);
  }

  #look(): BarLook {
    const formingTime = this.#picture.forming?.candle_time ?? null;
    return { palette: this.#palette, formingTime, offsetSeconds: this.#offsetSeconds };
  }

  #applyLook(): void {
    const formats = this.#formats;
    this.#chart.applyOptions(chartOptions(this.#palette, formats, () => this.#offsetSeconds));
    this.#bars.repaint(this.#look());
    this.#drawing.paint(this.#palette);
    this.#holes.paint(this.#palette);
    this.#showDrawing(true);
    this.#showLegend();
  }

  #see({ from, to }: { readonly from: number; readonly to: number }): void {
    const last = this.#slots.length - 1;
    this.#parts.onNewest(to >= last);
    // A short series that is seen whole is not one whose beginning somebody looks for.
    if (from < NEAR_FIRST && last > LEAST_AT_FIRST && to - from < last + ROOM_BEHIND) this.#parts.onOldest();
  }

  #hover(x: number | undefined, position: number | undefined): void {
    this.#hovered = position === undefined ? null : Math.round(position);
    const hole = position === undefined ? undefined : this.#holes.at(position);
    this.#parts.onHole(hole, x ?? 0);
    this.#showLegend();
  }

  /** Of the candle under the pointer, or else of the newest. */
  #showLegend(): void {
    const { forming, candles } = this.#picture;
    const slot = this.#hovered === null ? undefined : this.#slots[this.#hovered];
    const candle = slot === undefined ? (forming ?? candles.at(-1)) : slot.candle;
    if (candle === undefined) this.#legend.clear();
    else if (candle === null) this.#legend.showMissing(this.#formats.full(slot?.time ?? 0));
    else this.#legend.show(candle, this.#formats.full(candle.candle_time), this.#decimals, candle === forming);
  }

  /** What is shown, for whoever looks at the page with a program. */
  #tell(): void {
    const { candles, forming, drawnTime, series } = this.#picture;
    const last = candles.at(-1);
    const told = {
      ...{ series, candles: candles.length, lastTime: last?.candle_time, lastClose: last?.close },
      ...{ formingTime: forming?.candle_time, drawnTime: drawnTime ?? undefined },
    };
    const { dataset } = this.#parts.host;
    for (const [name, value] of Object.entries(told)) {
      if (value === undefined) delete dataset[name];
      else dataset[name] = String(value);
    }
  }
}
