/** The symbols of a simulated market. */
import type { MarketKind } from "./settings.js";
import type { CandleSource } from "./truth/source.js";

export interface SymbolOptions {
  /** As the exchange writes it: `BTCUSDT`. */
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  /** Spot `status` or futures contract status. Default `TRADING`. */
  readonly status?: string;
  /** Futures only. Default `PERPETUAL`. */
  readonly contractType?: string;
  readonly source: CandleSource;
}

export type ListedSymbol = Required<SymbolOptions>;

/** What production accepts as a symbol in a REST request. */
export const SYMBOL_PATTERN = /^[A-Z0-9\-_.]{1,20}$/;

/**
 * The symbols by name.
 * @throws RangeError naming a symbol that is malformed or given twice.
 */
export function listSymbols(market: MarketKind, symbols: readonly SymbolOptions[]): ReadonlyMap<string, ListedSymbol> {
  const listed = new Map<string, ListedSymbol>();
  for (const options of symbols) {
    const { symbol } = options;
    if (!SYMBOL_PATTERN.test(symbol)) {
      throw new RangeError(`${market} symbol '${symbol}' is malformed; write it as the exchange does, such as BTCUSDT`);
    }
    if (listed.has(symbol)) throw new RangeError(`${market} symbol '${symbol}' is given twice; give it once`);
    listed.set(symbol, { status: "TRADING", contractType: "PERPETUAL", ...options });
  }
  return listed;
}
