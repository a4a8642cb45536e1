/**
 * Truth without a recording: a price that wanders for ever, the same for the same seed. The price at any minute is a sum
 * of noises of growing period, so no minute needs the minutes before it; a minute's candle spans the prices at its two
 * ends, and longer candles are folded from minutes as for any source.
 */
import { hash32, uniform } from "../noise.js";
import { INTERVAL_MINUTE_MS } from "./intervals.js";
import { type Kline, type Precision, quoteDecimals, roundTo, tickDecimals } from "./kline.js";
import type { CandleSource } from "./source.js";

export interface WalkOptions {
  readonly seed: number;
  /** The price the walk wanders around. */
  readonly startPrice: number;
  /** Typical relative move of one minute. Default 0.0005. */
  readonly volatility?: number;
  /** Typical base-asset volume of one minute. Default 20. */
  readonly volumePerMinute?: number;
  /** Typical number of trades of one minute, at least 10. Default 300. */
  readonly tradesPerMinute?: number;
  /** Share of the minutes without any trade, 0 to below 1. Default 0. */
  readonly quietShare?: number;
  /** Default: price 2, volume 3. */
  readonly precision?: Precision;
  /** Open time (ms, UTC) of the first candle. Default: no beginning. */
  readonly listedMs?: number;
  /** The symbol has no candle from this open time (ms, UTC) on. Default: no end. */
  readonly delistedMs?: number;
}

/** Periods in minutes of the noises that make the path; sizes grow with the root of the period, as in a random walk. */
const PERIODS_MINUTES = [1, 3, 11, 47, 240, 1_440, 10_080, 43_200] as const;
const FEWEST_TRADES_PER_MINUTE = 10;
/** A quiet minute repeats the last close; no more than this many minutes are searched for it. */
const LONGEST_QUIET_MINUTES = 1_000;

/** What a hash is drawn for; keeps the draws of one minute independent. */
const DRAW = { quiet: 101, openGap: 102, high: 103, low: 104, volume: 105, taker: 106, trades: 107 } as const;

/**
 * A source of a seeded, endless walk.
 * @throws RangeError naming the option that is out of range.
 */
export function walkSource(options: WalkOptions): CandleSource {
  const walk = resolve(options);
  return {
    precision: walk.precision,
    firstMs: walk.listedMs,
    endMs: walk.delistedMs,
    minute: (openMs) =>
      openMs >= walk.listedMs && openMs < walk.delistedMs ? minuteOf(walk, openMs / INTERVAL_MINUTE_MS) : undefined,
  };
}

type Walk = Required<WalkOptions>;

function resolve(options: WalkOptions): Walk {
  const walk: Walk = {
    volatility: 0.0005,
    volumePerMinute: 20,
    tradesPerMinute: 300,
    quietShare: 0,
    precision: { price: 2, volume: 3 },
    listedMs: Number.NEGATIVE_INFINITY,
    delistedMs: Number.POSITIVE_INFINITY,
    ...options,
  };
  const refuse = (name: keyof Walk, bounds: string): never => {
    throw new RangeError(`walk option ${name}: ${walk[name]} is out of range; give ${bounds}`);
  };
  if (!(walk.startPrice > 0)) refuse("startPrice", "a price above 0");
  if (!(walk.volatility >= 0 && walk.volatility < 0.1)) refuse("volatility", "0 to below 0.1");
  if (!(walk.volumePerMinute > 0)) refuse("volumePerMinute", "a volume above 0");
  if (!(walk.tradesPerMinute >= FEWEST_TRADES_PER_MINUTE)) refuse("tradesPerMinute", "at least 10");
  if (!(walk.quietShare >= 0 && walk.quietShare < 1)) refuse("quietShare", "0 to below 1");
  return walk;
}

function minuteOf(walk: Walk, minute: number): Kline {
  if (isQuiet(walk, minute)) return quietMinute(walk, minute);
  const { seed, precision } = walk;
  const decimals = tickDecimals(precision);
  const tick = 10 ** -decimals;
  const close = priceAt(walk, minute + 1);
  const gapTicks = uniform(seed, minute, DRAW.openGap) < 0.5 ? 0 : (hash32(seed, minute, DRAW.openGap, 1) % 5) - 2;
  const open = roundTo(Math.max(tick, priceAt(walk, minute) + gapTicks * tick), decimals);
  const reach = walk.volatility * close;
  const high = Math.max(open, close) + reach * uniform(seed, minute, DRAW.high) ** 2;
  const low = Math.max(tick, Math.min(open, close) - reach * uniform(seed, minute, DRAW.low) ** 2);
  const lot = 10 ** -precision.volume;
  const volume = roundTo(
    Math.max(lot, walk.volumePerMinute * (0.2 + 3 * uniform(seed, minute, DRAW.volume) ** 3)),
    precision.volume,
  );
  const takerShare = 0.3 + 0.4 * uniform(seed, minute, DRAW.taker);
  const quoteVolume = roundTo((volume * (open + high + low + close)) / 4, quoteDecimals(precision));
  const firstTradeId = tradesBefore(walk, minute);
  const trades = tradesBefore(walk, minute + 1) - firstTradeId;
  return {
    openMs: minute * INTERVAL_MINUTE_MS,
    closeMs: (minute + 1) * INTERVAL_MINUTE_MS - 1,
    open,
    high: Math.max(open, close, roundTo(high, decimals)),
    low: Math.min(open, close, roundTo(low, decimals)),
    close,
    volume,
    quoteVolume,
    takerVolume: roundTo(volume * takerShare, precision.volume),
    takerQuoteVolume: roundTo(quoteVolume * takerShare, quoteDecimals(precision)),
    trades,
    firstTradeId,
    lastTradeId: firstTradeId + trades - 1,
  };
}

function isQuiet(walk: Walk, minute: number): boolean {
  return walk.quietShare > 0 && uniform(walk.seed, minute, DRAW.quiet) < walk.quietShare;
}

/** Flat at the last close, without volume. */
function quietMinute(walk: Walk, minute: number): Kline {
  let last = minute - 1;
  while (isQuiet(walk, last) && minute - last < LONGEST_QUIET_MINUTES) last -= 1;
  const price = priceAt(walk, last + 1);
  return {
    openMs: minute * INTERVAL_MINUTE_MS,
    closeMs: (minute + 1) * INTERVAL_MINUTE_MS - 1,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 0,
    quoteVolume: 0,
    takerVolume: 0,
    takerQuoteVolume: 0,
    trades: 0,
    firstTradeId: -1,
    lastTradeId: -1,
  };
}

/** Price at the boundary before minute `minute`: the close of the minute before it. */
function priceAt(walk: Walk, minute: number): number {
  let drift = 0;
  for (const [octave, period] of PERIODS_MINUTES.entries()) {
    drift += Math.sqrt(period) * latticeNoise(walk.seed, octave, minute / period);
  }
  const decimals = tickDecimals(walk.precision);
  return roundTo(Math.max(10 ** -decimals, walk.startPrice * Math.exp(walk.volatility * drift)), decimals);
}

/** Smooth noise in [-1, 1]: random values at the whole numbers, eased in between. */
function latticeNoise(seed: number, octave: number, position: number): number {
  const cell = Math.floor(position);
  const part = position - cell;
  const from = 2 * uniform(seed, cell, octave) - 1;
  if (part === 0) return from;
  const to = 2 * uniform(seed, cell + 1, octave) - 1;
  return from + (to - from) * part * part * (3 - 2 * part);
}

/** Number of trades before minute `minute`: grows by 0.1 to 1.9 of the typical number, so ids are without holes. */
function tradesBefore(walk: Walk, minute: number): number {
  return Math.floor(walk.tradesPerMinute * (minute + 0.9 * uniform(walk.seed, minute, DRAW.trades)));
}
