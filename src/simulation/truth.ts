/** What was true of a series in a run: which candles the exchange holds, and which of them could be had. */
import { type Candle, sameCandle } from "../market/candle.js";
import { fedBy, planDerivedTimeframes } from "../market/derived-timeframes.js";
import { type Interval, isInterval } from "../sim/truth/intervals.js";
import { candleOf } from "../sim/truth/kline.js";
import type { PlannedSeries } from "./plan.js";
import type { World } from "./world.js";

/** A final is published within this time of its close, in milliseconds. Feed bound B5. */
const PUBLISHED_WITHIN_MS = 115_000;

export class SeriesTruth {
  readonly series: PlannedSeries;
  /** Open time, in seconds, of the newest candle that must be stored by the end of the run. */
  readonly dueTime: number;
  readonly #world: World;

  constructor(world: World, series: PlannedSeries) {
    this.#world = world;
    this.series = series;
    const exchangeNowMs = world.atEnd.exchangeNowMs[series.market];
    const dueCloseS = Math.floor((exchangeNowMs - PUBLISHED_WITHIN_MS) / 1000);
    const { timeframeS } = series;
    this.dueTime = Math.floor(dueCloseS / timeframeS) * timeframeS - timeframeS;
  }

  /** Times in seconds of the candles that the exchange holds, both ends included. */
  times(fromS: number, toS: number): readonly number[] {
    const { market, symbol, timeframe } = this.series;
    const { journal } = this.#world.markets[market];
    return journal.truth(symbol, timeframe, fromS * 1000, toS * 1000 + 1).map(({ time }) => time);
  }

  /** Whether a candle is one that the exchange has, or had before it corrected it. */
  knows(candle: Candle): boolean {
    const { market, symbol, timeframe } = this.series;
    const { journal, books } = this.#world.markets[market];
    const openMs = candle.time * 1000;
    const [held] = journal.truth(symbol, timeframe, openMs, openMs + 1);
    if (held === undefined) return false;
    if (sameCandle(held, candle)) return true;
    const first = books.get(symbol)?.whole(interval(timeframe), openMs);
    return first !== undefined && sameCandle(candleOf(first), candle);
  }

  /** The symbol leaves the exchange during the run: what was missed before cannot be had after. */
  get isDelisted(): boolean {
    const { market, symbol } = this.series;
    return this.#world.plan.markets[market].truthFaults.some(
      (fault) => fault.kind === "delisting" && fault.symbols?.includes(symbol) === true,
    );
  }

  /** Whether the series was followed when the run ended. */
  get isFollowed(): boolean {
    const { clients, atEnd, plan } = this.#world;
    const { pinned, id } = this.series;
    const { timeframes } = planDerivedTimeframes("1m", plan.derived);
    return (
      pinned || clients.some((one) => fedBy(one.plan.series, timeframes) === id && atEnd.connected.has(one.plan.name))
    );
  }
}

function interval(timeframe: string): Interval {
  if (!isInterval(timeframe)) throw new RangeError(`timeframe '${timeframe}' is no interval of the exchange`);
  return timeframe;
}

/** Times in seconds as a short text: `12:04, 12:05, … (7)`. */
export function timesText(times: readonly number[]): string {
  const shown = times.slice(0, 5).join(", ");
  return times.length > 5 ? `${shown}, … ${times.at(-1)} (${times.length})` : shown;
}
