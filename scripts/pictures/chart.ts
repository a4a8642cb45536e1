/** Candles between two times, with their axes. Other shapes are drawn over them through `x` and `y`. */
import type { Candle } from "../../src/market/candle.js";
import { type FoldedRecording, SYMBOL, TIMEFRAME_SECONDS } from "./recording.js";
import { area, line, path, round, text, WIDTH } from "./svg.js";

export interface View {
  /** Open times of the first and the last candle of the axis, seconds. */
  readonly from: number;
  readonly to: number;
  /** Nothing after this candle is drawn: it is not known yet. Seconds; `to` unless given. */
  readonly now?: number;
  readonly minutesPerBar: number;
  readonly top: number;
  readonly height: number;
  /** Room for words above and below the candles, as a share of their range; 0.12 unless given. */
  readonly headroom?: number;
}

export interface Chart {
  /** The middle of the candle with this open time (seconds). */
  x(time: number): number;
  y(price: number): number;
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
  /** Paper, axes and candles, to be drawn first. */
  readonly ground: string;
  /** A moment, with its name at the top or the bottom. */
  moment(time: number, label: string, at: "top" | "bottom", anchor?: "start" | "middle" | "end"): string;
}

const LEFT = 14;
const RIGHT = WIDTH - 66;
const HEADROOM = 0.12;
const PRICE_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500];
const TIME_STEPS_MINUTES = [5, 10, 15, 30, 60, 120, 180, 240];
const MOST_PRICES = 7;
const MOST_TIMES = 11;
const BAR_SHARE = 0.64;

/** @throws RangeError when the view reaches beyond the recording. */
export function chart({ candles, indexOf }: FoldedRecording, view: View): Chart {
  const { from, to, now = to, minutesPerBar, top, height, headroom = HEADROOM } = view;
  const all = candles.slice(indexOf(from), indexOf(to) + 1);
  const lowest = Math.min(...all.map(({ low }) => low));
  const highest = Math.max(...all.map(({ high }) => high));
  const room = (highest - lowest) * headroom;
  const low = lowest - room;
  const high = highest + room;
  const bottom = top + height;
  const span = to - from + TIMEFRAME_SECONDS;
  const x = (time: number): number => LEFT + ((time - from + TIMEFRAME_SECONDS / 2) / span) * (RIGHT - LEFT);
  const y = (price: number): number => bottom - ((price - low) / (high - low)) * height;
  const unknown = now < to ? area(x(now) + 1, top, RIGHT - x(now) - 1, height, "unknown", true) : "";
  const known = all.filter(({ time }) => time <= now);
  return {
    x,
    y,
    top,
    bottom,
    right: RIGHT,
    ground: unknown + priceAxis(low, high, y) + timeAxis(from, to, x, top, bottom) + bars(known, minutesPerBar, x, y),
    moment(time, label, at, anchor = "middle") {
      const labelY = at === "top" ? top + 12 : bottom - 5;
      const labelX = anchor === "start" ? x(time) + 4 : anchor === "end" ? x(time) - 4 : x(time);
      return line(x(time), top, x(time), bottom, "muted", "dotted") + text(labelX, labelY, label, { anchor });
    },
  };
}

/** Several candles to a bar: the first open, the extremes, the last close. */
function bars(
  candles: readonly Candle[],
  minutesPerBar: number,
  x: (time: number) => number,
  y: (price: number) => number,
): string {
  const width = round((x(minutesPerBar * TIMEFRAME_SECONDS) - x(0)) * BAR_SHARE);
  let wicks = "";
  let rising = "";
  let falling = "";
  for (let at = 0; at < candles.length; at += minutesPerBar) {
    const bar = candles.slice(at, at + minutesPerBar);
    const open = (bar[0] as Candle).open;
    const { close, time } = bar.at(-1) as Candle;
    const centre = round((x((bar[0] as Candle).time) + x(time)) / 2);
    const high = round(y(Math.max(...bar.map((candle) => candle.high))));
    const low = round(y(Math.min(...bar.map((candle) => candle.low))));
    const upper = round(y(Math.max(open, close)));
    const tall = round(Math.max(y(Math.min(open, close)) - upper, 0.5));
    wicks += `M${centre} ${high}V${low}`;
    const body = `M${round(centre - width / 2)} ${upper}h${width}v${tall}h-${width}z`;
    if (close > open) rising += body;
    else falling += body;
  }
  return path(wicks, "none", "candle") + path(rising, "paper", "candle") + path(falling, "candle", "candle");
}

function priceAxis(low: number, high: number, y: (price: number) => number): string {
  const step = PRICE_STEPS.find((size) => (high - low) / size <= MOST_PRICES) ?? high - low;
  let drawn = "";
  for (let price = Math.ceil(low / step) * step; price <= high; price += step) {
    drawn += line(LEFT, y(price), RIGHT, y(price), "grid");
    drawn += text(RIGHT + 6, y(price) + 4, String(price), { colour: "muted" });
  }
  return drawn;
}

function timeAxis(from: number, to: number, x: (time: number) => number, top: number, bottom: number): string {
  const minutes = TIME_STEPS_MINUTES.find((step) => (to - from) / (step * 60) <= MOST_TIMES) ?? 240;
  const step = minutes * 60;
  let drawn = "";
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    drawn += line(x(time), top, x(time), bottom, "grid");
    drawn += text(x(time), bottom + 15, clock(time), { colour: "muted", anchor: "middle" });
  }
  return drawn + line(LEFT, bottom, RIGHT, bottom, "grid");
}

/** `16:44`, UTC. @param time seconds. */
export function clock(time: number): string {
  return new Date(time * 1_000).toISOString().slice(11, 16);
}

/** `2025-05-21 16:44`, UTC. @param time seconds. */
export function dayAndClock(time: number): string {
  return new Date(time * 1_000).toISOString().slice(0, 16).replace("T", " ");
}

/** A price with the two decimals of the instrument. */
export function price(value: number): string {
  return value.toFixed(2);
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** What the candles of a picture are. */
export function candlesText({ from, to, minutesPerBar }: Pick<View, "from" | "to" | "minutesPerBar">): string {
  const bar = minutesPerBar === 1 ? "" : `, drawn ${minutesPerBar} to a bar`;
  return `${SYMBOL} perpetual, 1-minute candles${bar}, ${dayAndClock(from)} to ${dayAndClock(to)} UTC`;
}
