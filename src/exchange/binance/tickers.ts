/** What is read from `ticker/24hr`. Spec: binance-protocol §3.6; http-api §3.6. */
import type { Ticker } from "../../market/top-markets.js";
import { RestError } from "./rest-errors.js";
import { decimal, isJsonObject } from "./wire-values.js";

/**
 * Reads the tickers of a whole market. Single entries that make no sense are left out.
 * @throws RestError `unexpected_shape`
 */
export function parseTickers(json: unknown): readonly Ticker[] {
  if (!Array.isArray(json)) throw new RestError("unexpected_shape", "ticker/24hr answer is no array");
  return json.flatMap((entry) => {
    if (!isJsonObject(entry) || typeof entry.symbol !== "string") return [];
    return [
      {
        symbol: entry.symbol,
        lastPrice: decimal(entry.lastPrice) ?? null,
        quoteVolume: decimal(entry.quoteVolume) ?? null,
        priceChangePercent: decimal(entry.priceChangePercent) ?? null,
      },
    ];
  });
}
