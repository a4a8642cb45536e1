/**
 * What happens inside a minute: the trades that lead from its open to its close. Made up, but bound by the recorded
 * candle: the first trade is at the open, high and low are both touched, volume and trades only grow, and the whole
 * path ends in exactly the recorded values. Spec: binance-protocol §5 items 2 and 3.
 */
import { uniform, uniformInteger } from "../noise.js";
import { INTERVAL_MINUTE_MS } from "./intervals.js";
import { type Kline, type Precision, quoteDecimals, roundTo, tickDecimals } from "./kline.js";

export interface TradePathSettings {
  /** Fewest and most moments of trading in a minute; a minute with fewer trades has fewer. */
  readonly fewestSteps: number;
  readonly mostSteps: number;
  /** Share of the minutes whose last trades are seen only in the closed candle. */
  readonly unseenTailShare: number;
}

/** One moment of trading: everything the candle shows from `atMs` on, until the next step. */
interface Step {
  readonly atMs: number;
  readonly close: number;
  readonly high: number;
  readonly low: number;
  /** Share of the minute's volume traded so far. */
  readonly share: number;
}

export interface TradePath {
  readonly minute: Kline;
  readonly steps: readonly Step[];
}

const DRAW = { steps: 1, time: 2, noise: 3, extremes: 4, share: 5, tail: 6 } as const;
/** How far a made-up trade strays from the line between two known prices, as a share of the minute's range. */
const STRAY_SHARE = 0.2;
/** Share of the volume at least seen before the close when there is an unseen tail. */
const LEAST_SEEN_SHARE = 0.8;

/** The path of a minute in which something traded. */
export function tradePath(minute: Kline, precision: Precision, seed: number, settings: TradePathSettings): TradePath {
  const key = minute.openMs / INTERVAL_MINUTE_MS;
  const wanted = uniformInteger(settings.fewestSteps, settings.mostSteps, seed, key, DRAW.steps);
  const anchors = anchorPrices(minute, seed, key);
  const count = Math.max(anchors.length, Math.min(wanted, minute.trades));
  const prices = stepPrices(anchors, count, minute, precision, seed, key);
  const tail = minute.trades > count && uniform(seed, key, DRAW.tail) < settings.unseenTailShare;
  const seen = tail ? LEAST_SEEN_SHARE + (0.99 - LEAST_SEEN_SHARE) * uniform(seed, key, DRAW.tail, 1) : 1;
  let high = minute.open;
  let low = minute.open;
  const steps = prices.map((close, index) => {
    high = Math.max(high, close);
    low = Math.min(low, close);
    const part = index === count - 1 ? 1 : (index + 0.5 + 0.5 * uniform(seed, key, DRAW.share, index)) / count;
    const offset = ((index + uniform(seed, key, DRAW.time, index)) / count) * INTERVAL_MINUTE_MS;
    return { atMs: minute.openMs + Math.floor(offset), close, high, low, share: seen * part };
  });
  return { minute, steps };
}

/** What the minute's candle shows at `nowMs`; undefined before its first trade. */
export function stateAt(path: TradePath, nowMs: number, precision: Precision): Kline | undefined {
  const index = lastStepAt(path.steps, nowMs);
  const step = path.steps[index];
  if (step === undefined) return undefined;
  const { minute, steps } = path;
  const spare = Math.max(0, minute.trades - steps.length);
  const trades = Math.min(minute.trades, index + 1 + Math.floor(spare * step.share));
  return {
    ...minute,
    high: step.high,
    low: step.low,
    close: step.close,
    volume: roundTo(minute.volume * step.share, precision.volume),
    quoteVolume: roundTo(minute.quoteVolume * step.share, quoteDecimals(precision)),
    takerVolume: roundTo(minute.takerVolume * step.share, precision.volume),
    takerQuoteVolume: roundTo(minute.takerQuoteVolume * step.share, quoteDecimals(precision)),
    trades,
    lastTradeId: minute.firstTradeId + trades - 1,
  };
}

/** Time of the first trade after `afterMs`, or undefined when the minute has none left. */
export function nextTradeMs(path: TradePath, afterMs: number): number | undefined {
  return path.steps[lastStepAt(path.steps, afterMs) + 1]?.atMs;
}

/** Index of the last step at or before `ms`; -1 when there is none. */
function lastStepAt(steps: readonly Step[], ms: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as Step).atMs <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The prices the path must pass, in order: open, the extremes that open and close do not touch, close. */
function anchorPrices(minute: Kline, seed: number, key: number): readonly number[] {
  const { open, high, low, close } = minute;
  const rising = uniform(seed, key, DRAW.extremes) < (close >= open ? 0.7 : 0.3);
  const extremes = rising ? [low, high] : [high, low];
  const inner = extremes.filter((price) => price !== open && price !== close);
  return inner.length === 0 && open === close ? [open] : [open, ...inner, close];
}

/** `count` prices through all anchors, between them along a line with some noise, on the tick and within the range. */
function stepPrices(
  anchors: readonly number[],
  count: number,
  minute: Kline,
  precision: Precision,
  seed: number,
  key: number,
): readonly number[] {
  const legs = anchors.length - 1;
  const stray = (minute.high - minute.low) * STRAY_SHARE;
  const decimals = tickDecimals(precision);
  const prices: number[] = [];
  for (let leg = 0; leg < legs; leg += 1) {
    const [from, to] = anchors.slice(leg, leg + 2) as [number, number];
    const start = anchorIndex(leg, legs, count);
    const length = anchorIndex(leg + 1, legs, count) - start;
    prices.push(from);
    for (let index = 1; index < length; index += 1) {
      const noise = stray * (2 * uniform(seed, key, DRAW.noise, start + index) - 1);
      const price = roundTo(from + ((to - from) * index) / length + noise, decimals);
      prices.push(Math.min(minute.high, Math.max(minute.low, price)));
    }
  }
  const last = anchors[legs] as number;
  while (prices.length < count) prices.push(last);
  return prices;
}

/** Step at which an anchor is passed; `count` exceeds `legs`, so no two anchors share a step. */
function anchorIndex(anchor: number, legs: number, count: number): number {
  return Math.floor((anchor * (count - 1)) / legs);
}
