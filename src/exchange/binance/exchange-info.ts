/** What is read from exchangeInfo: the symbols, and the weight limit. Spec: binance-protocol §3.6. */
import type { ListedSymbol } from "../../market/top-markets.js";
import { RestError } from "./rest-errors.js";
import { isJsonObject, wholeNumber } from "./wire-values.js";

export interface ExchangeInfo {
  /** By exchange symbol, upper case. */
  readonly symbols: ReadonlyMap<string, ListedSymbol>;
  /** Request weight per address and minute; null when the answer has none. */
  readonly weightLimitPerMinute: number | null;
}

/**
 * Reads an exchangeInfo answer. Single entries that make no sense are left out; an answer without any symbol is refused,
 * because believing it would end every series.
 * @throws RestError `unexpected_shape`
 */
export function parseExchangeInfo(json: unknown): ExchangeInfo {
  if (!isJsonObject(json) || !Array.isArray(json.symbols)) {
    throw new RestError("unexpected_shape", "exchangeInfo answer has no array 'symbols'");
  }
  const symbols = new Map<string, ListedSymbol>();
  for (const entry of json.symbols) {
    if (!isJsonObject(entry)) continue;
    const status = entry.status ?? entry.contractStatus;
    if (typeof entry.symbol !== "string" || typeof status !== "string") continue;
    const contractType = typeof entry.contractType === "string" ? entry.contractType : null;
    const { baseAsset, quoteAsset } = entry;
    symbols.set(entry.symbol, { status, contractType, baseAsset: textOf(baseAsset), quoteAsset: textOf(quoteAsset) });
  }
  if (symbols.size === 0) throw new RestError("unexpected_shape", "exchangeInfo answer names no symbol");
  return { symbols, weightLimitPerMinute: findWeightLimit(json.rateLimits) };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function findWeightLimit(rateLimits: unknown): number | null {
  for (const entry of Array.isArray(rateLimits) ? rateLimits : []) {
    if (!isJsonObject(entry) || entry.rateLimitType !== "REQUEST_WEIGHT") continue;
    if (entry.interval !== "MINUTE" || wholeNumber(entry.intervalNum) !== 1) continue;
    const limit = wholeNumber(entry.limit);
    if (limit !== undefined && limit > 0) return limit;
  }
  return null;
}
