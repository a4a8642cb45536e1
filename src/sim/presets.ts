/** Ready-made markets, for the command line, the demo and tests. */

import { hash32, textKey } from "./noise.js";
import type { ConnectionSettings, MarketKind, MarketSettingsChange } from "./settings.js";
import { PRODUCTION_SETTINGS } from "./settings.js";
import type { SymbolOptions } from "./symbols.js";
import { loadRecording, recordedSymbols } from "./truth/recording.js";
import { walkSource } from "./truth/walk-source.js";

/** Quote assets that a symbol's name may end in; the longest match wins. */
const QUOTE_ASSETS = ["USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "EUR", "TRY"];
/** Where the walks of well-known symbols start; others start at a price from their name. */
const START_PRICES: Readonly<Record<string, number>> = { BTCUSDT: 95_000, ETHUSDT: 1_800, SOLUSDT: 150, BNBUSDT: 600 };
const LOWEST_START_PRICE = 5;
const START_PRICE_SPREAD = 200;

/** How late a frame may reach the exchange through the machine's own scheduling, in real milliseconds. */
const ARRIVAL_JITTER_REAL_MS = 50;

/**
 * Futures symbols that play the shipped recordings.
 * @throws RangeError naming a symbol without a recording.
 */
export function recordedFutures(symbols: readonly string[] = recordedSymbols()): readonly SymbolOptions[] {
  return symbols.map((symbol) => ({ symbol, ...loadRecording(symbol) }));
}

/**
 * Symbols that walk, each from the seed and its own name and market.
 * @param listedMs open time (ms, UTC) of their first candle.
 * @throws RangeError naming a symbol whose quote asset is not known.
 */
export function walkingSymbols(
  market: MarketKind,
  symbols: readonly string[],
  seed: number,
  listedMs = Number.NEGATIVE_INFINITY,
): readonly SymbolOptions[] {
  return symbols.map((symbol) => {
    const key = hash32(seed, textKey(symbol));
    return {
      symbol,
      ...assetsOf(symbol),
      source: walkSource({
        // Without the market in the key: a symbol has one price, on spot as on futures.
        seed: key,
        startPrice: START_PRICES[symbol] ?? LOWEST_START_PRICE + (key % START_PRICE_SPREAD),
        volumePerMinute: market === "futures" ? 60 : 20,
        listedMs,
      }),
    };
  });
}

/**
 * Settings for a clock that runs `speed` times as fast as the machine's. A second of such a clock is shorter than the
 * jitter of the machine, so the limit on incoming frames is widened by what jitter alone may push into one second.
 */
export function settingsForSpeed(market: MarketKind, speed: number): MarketSettingsChange {
  const { framesPerSecond } = PRODUCTION_SETTINGS[market].connection;
  const connection: Partial<ConnectionSettings> = {
    framesPerSecond: Math.ceil(framesPerSecond * (1 + Math.max(0, speed - 1) * (ARRIVAL_JITTER_REAL_MS / 1_000))),
  };
  return { connection };
}

function assetsOf(symbol: string): { readonly baseAsset: string; readonly quoteAsset: string } {
  const quoteAsset = QUOTE_ASSETS.filter((asset) => symbol.endsWith(asset) && symbol.length > asset.length).sort(
    (a, b) => b.length - a.length,
  )[0];
  if (quoteAsset === undefined) {
    throw new RangeError(`symbol '${symbol}' ends in no known quote asset; use one of ${QUOTE_ASSETS.join(", ")}`);
  }
  return { baseAsset: symbol.slice(0, -quoteAsset.length), quoteAsset };
}
