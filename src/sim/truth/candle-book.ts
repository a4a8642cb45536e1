/**
 * What the exchange holds of one symbol: its source, less what a halt or a delisting took away, in every interval and at
 * every moment. Longer candles are folded from the minutes; whole hours are remembered, because they make up the rest.
 */
import { hash32, textKey } from "../noise.js";
import {
  INTERVAL_HOUR_MS,
  INTERVAL_MINUTE_MS,
  type Interval,
  nextOpenTime,
  openTimeAt,
  previousOpenTime,
} from "./intervals.js";
import { foldKlines, type Kline, type Precision } from "./kline.js";
import type { CandleSource } from "./source.js";
import { nextTradeMs, stateAt, type TradePath, type TradePathSettings, tradePath } from "./trade-path.js";

/** Minutes that are missing although the source has them. */
export interface Holes {
  /** Grows whenever {@link isHole} may answer differently than before. */
  readonly version: number;
  isHole(symbol: string, minuteOpenMs: number): boolean;
}

export interface CandleBookOptions {
  readonly symbol: string;
  readonly source: CandleSource;
  readonly seed: number;
  readonly path: TradePathSettings;
  readonly holes: Holes;
}

/** Minutes of the source remembered per symbol: those that streams and reads are at ask again and again. */
const REMEMBERED_MINUTES = 512;
/** Folded hours remembered per symbol (a month has 744). */
const REMEMBERED_HOURS = 2_048;
/** Trade paths remembered per symbol: the minute at hand and its neighbours. */
const REMEMBERED_PATHS = 4;
/** The next trade is looked for this far ahead at most, in milliseconds. */
export const TRADE_SEARCH_MS = 10 * INTERVAL_MINUTE_MS;

export class CandleBook {
  readonly symbol: string;
  readonly precision: Precision;
  readonly #source: CandleSource;
  readonly #pathSeed: number;
  readonly #path: TradePathSettings;
  readonly #holes: Holes;
  readonly #minutes = new Map<number, Kline | undefined>();
  readonly #hours = new Map<number, Kline | undefined>();
  readonly #paths = new Map<number, TradePath | undefined>();
  #version: number;

  constructor(options: CandleBookOptions) {
    this.symbol = options.symbol;
    this.precision = options.source.precision;
    this.#source = options.source;
    this.#pathSeed = hash32(options.seed, textKey(options.symbol));
    this.#path = options.path;
    this.#holes = options.holes;
    this.#version = options.holes.version;
  }

  /** Open time of the first (never before 1970) and end of the last candle that can exist, in ms UTC; may be Infinity. */
  get range(): { readonly fromMs: number; readonly toMs: number } {
    return { fromMs: Math.max(0, this.#source.firstMs), toMs: this.#source.endMs };
  }

  /** The complete candle that opens at `openMs`, whatever the time is; undefined when the exchange has none. */
  whole(interval: Interval, openMs: number): Kline | undefined {
    this.#forgetWhatHolesChanged();
    const endMs = nextOpenTime(interval, openMs);
    return interval === "1m"
      ? this.#minute(openMs)
      : foldKlines(openMs, endMs - 1, this.#parts(openMs, endMs), this.precision);
  }

  /**
   * The candle that opens at `openMs` as far as it has traded at `nowMs`: complete from its close on; undefined before
   * its first trade.
   */
  at(interval: Interval, openMs: number, nowMs: number): Kline | undefined {
    const endMs = nextOpenTime(interval, openMs);
    if (nowMs >= endMs) return this.whole(interval, openMs);
    if (nowMs < openMs) return undefined;
    this.#forgetWhatHolesChanged();
    const minuteMs = openTimeAt("1m", nowMs);
    const path = this.#pathOf(minuteMs);
    const current = path === undefined ? undefined : stateAt(path, nowMs, this.precision);
    if (interval === "1m") return current;
    const parts = this.#parts(openMs, minuteMs);
    if (current !== undefined) parts.push(current);
    const forming = foldKlines(openMs, endMs - 1, parts, this.precision);
    return forming === undefined || forming.trades === 0 ? undefined : forming;
  }

  /** Time of the first trade after `afterMs` and before `beforeMs`, looked for no further than {@link TRADE_SEARCH_MS}. */
  nextTrade(afterMs: number, beforeMs: number): number | undefined {
    this.#forgetWhatHolesChanged();
    const endMs = Math.min(beforeMs, afterMs + TRADE_SEARCH_MS);
    for (let minuteMs = openTimeAt("1m", afterMs); minuteMs < endMs; minuteMs += INTERVAL_MINUTE_MS) {
      const path = this.#pathOf(minuteMs);
      const tradeMs = path === undefined ? undefined : nextTradeMs(path, afterMs);
      if (tradeMs !== undefined) return tradeMs < endMs ? tradeMs : undefined;
    }
    return undefined;
  }

  /** Open times of this interval from `fromMs` to `toMs` (both inclusive, ms UTC), ascending, within the source's range. */
  *openTimes(interval: Interval, fromMs: number, toMs: number): Generator<number> {
    const lastMs = Math.min(toMs, this.range.toMs - 1);
    const startMs = Math.max(fromMs, this.#firstOpenTime(interval));
    if (!Number.isFinite(startMs) || startMs > lastMs) return;
    let openMs = openTimeAt(interval, startMs);
    if (openMs < startMs) openMs = nextOpenTime(interval, openMs);
    for (; openMs <= lastMs; openMs = nextOpenTime(interval, openMs)) yield openMs;
  }

  /** The same from newest to oldest. */
  *openTimesBackwards(interval: Interval, fromMs: number, toMs: number): Generator<number> {
    const lastMs = Math.min(toMs, this.range.toMs - 1);
    const startMs = Math.max(fromMs, this.#firstOpenTime(interval));
    if (!Number.isFinite(lastMs)) return;
    for (let openMs = openTimeAt(interval, lastMs); openMs >= startMs; openMs = previousOpenTime(interval, openMs)) {
      yield openMs;
    }
  }

  #firstOpenTime(interval: Interval): number {
    const { fromMs } = this.range;
    return Number.isFinite(fromMs) ? openTimeAt(interval, fromMs) : fromMs;
  }

  #minute(openMs: number): Kline | undefined {
    if (this.#holes.isHole(this.symbol, openMs)) return undefined;
    if (this.#minutes.has(openMs)) return this.#minutes.get(openMs);
    const minute = this.#source.minute(openMs);
    remember(this.#minutes, openMs, minute, REMEMBERED_MINUTES);
    return minute;
  }

  /** The candles between two minutes: whole hours where they fit, else minutes. */
  #parts(fromMs: number, toMs: number): Kline[] {
    const parts: Kline[] = [];
    let openMs = Math.max(fromMs, this.range.fromMs);
    const endMs = Math.min(toMs, this.#source.endMs);
    while (openMs < endMs) {
      const isWholeHour = openMs % INTERVAL_HOUR_MS === 0 && openMs + INTERVAL_HOUR_MS <= endMs;
      const part = isWholeHour ? this.#hour(openMs) : this.#minute(openMs);
      if (part !== undefined) parts.push(part);
      openMs += isWholeHour ? INTERVAL_HOUR_MS : INTERVAL_MINUTE_MS;
    }
    return parts;
  }

  #hour(openMs: number): Kline | undefined {
    if (this.#hours.has(openMs)) return this.#hours.get(openMs);
    const minutes: Kline[] = [];
    for (let minuteMs = openMs; minuteMs < openMs + INTERVAL_HOUR_MS; minuteMs += INTERVAL_MINUTE_MS) {
      const minute = this.#minute(minuteMs);
      if (minute !== undefined) minutes.push(minute);
    }
    const hour = foldKlines(openMs, openMs + INTERVAL_HOUR_MS - 1, minutes, this.precision);
    remember(this.#hours, openMs, hour, REMEMBERED_HOURS);
    return hour;
  }

  #pathOf(minuteMs: number): TradePath | undefined {
    if (this.#paths.has(minuteMs)) return this.#paths.get(minuteMs);
    const minute = this.#minute(minuteMs);
    const traded = minute !== undefined && minute.trades > 0;
    const path = traded ? tradePath(minute, this.precision, this.#pathSeed, this.#path) : undefined;
    remember(this.#paths, minuteMs, path, REMEMBERED_PATHS);
    return path;
  }

  #forgetWhatHolesChanged(): void {
    if (this.#version === this.#holes.version) return;
    this.#version = this.#holes.version;
    this.#hours.clear();
    this.#paths.clear();
  }
}

/** Keeps a map within `bound` by dropping its oldest entry. */
function remember<V>(map: Map<number, V>, key: number, value: V, bound: number): void {
  map.set(key, value);
  if (map.size <= bound) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
