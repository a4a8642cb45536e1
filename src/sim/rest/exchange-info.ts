/** `exchangeInfo`. Spec: binance-protocol §3.6. */
import type { ListedSymbol } from "../symbols.js";
import { tickDecimals } from "../truth/kline.js";
import { restErrors } from "./errors.js";
import { checkSymbolText, type Query } from "./query.js";
import { listedStatus, type RestWorld } from "./rest-world.js";

const RAW_REQUESTS = { rateLimitType: "RAW_REQUESTS", interval: "MINUTE", intervalNum: 5, limit: 300_000 } as const;
const SPOT_WIRE_DECIMALS = 8;
/** A perpetual is delivered in the year 2100, as the exchange has it. */
const NEVER_DELIVERED_MS = 4_133_404_800_000;
/** Listing time given for symbols whose source has no beginning: 2019-09-25. */
const ONBOARD_MS = 1_569_398_400_000;

/** @throws RestError -1121 when a symbol is asked for that is not listed. */
export function exchangeInfo(world: RestWorld, query: Query): object {
  const asked = askedSymbols(query);
  for (const symbol of asked ?? []) {
    if (listedStatus(world, checkSymbolText("symbol", symbol)) === undefined) throw restErrors.invalidSymbol();
  }
  const listed = [...world.symbols.values()].flatMap((entry) => {
    const status = listedStatus(world, entry.symbol);
    return status === undefined || asked?.includes(entry.symbol) === false ? [] : [{ entry, status }];
  });
  const weightLimit = {
    rateLimitType: "REQUEST_WEIGHT",
    interval: "MINUTE",
    intervalNum: 1,
    limit: world.settings.weightPerMinute,
  };
  const common = { timezone: "UTC", serverTime: Math.floor(world.agenda.now()) };
  if (world.market === "spot") {
    const symbols = listed.map(({ entry, status }) => spotSymbol(entry, status));
    return { ...common, rateLimits: [weightLimit, RAW_REQUESTS], exchangeFilters: [], symbols, sors: [] };
  }
  const symbols = listed.map(({ entry, status }) => futuresSymbol(entry, status));
  const assets = [...new Set(listed.map(({ entry }) => entry.quoteAsset))];
  return {
    ...common,
    futuresType: "U_MARGINED",
    rateLimits: [weightLimit],
    exchangeFilters: [],
    assets: assets.map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: "-10000" })),
    symbols,
  };
}

/** `symbol=X` or `symbols=["X","Y"]`; undefined: all. */
function askedSymbols(query: Query): readonly string[] | undefined {
  if (query.symbol !== undefined) return [query.symbol];
  if (query.symbols === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(query.symbols);
    if (Array.isArray(list) && list.every((symbol) => typeof symbol === "string")) return list;
  } catch {
    // Reported below, like a list of something else.
  }
  throw restErrors.invalidValue("symbols");
}

function spotSymbol({ symbol, baseAsset, quoteAsset, source }: ListedSymbol, status: string): object {
  const tick = tickDecimals(source.precision);
  return {
    symbol,
    status,
    baseAsset,
    baseAssetPrecision: SPOT_WIRE_DECIMALS,
    quoteAsset,
    quotePrecision: SPOT_WIRE_DECIMALS,
    quoteAssetPrecision: SPOT_WIRE_DECIMALS,
    orderTypes: ["LIMIT", "LIMIT_MAKER", "MARKET"],
    isSpotTradingAllowed: status === "TRADING",
    isMarginTradingAllowed: false,
    filters: [
      { filterType: "PRICE_FILTER", tickSize: step(tick, SPOT_WIRE_DECIMALS) },
      { filterType: "LOT_SIZE", stepSize: step(source.precision.volume, SPOT_WIRE_DECIMALS) },
    ],
    permissions: ["SPOT"],
  };
}

function futuresSymbol({ symbol, baseAsset, quoteAsset, contractType, source }: ListedSymbol, status: string): object {
  const { precision, firstMs } = source;
  const tick = tickDecimals(precision);
  return {
    symbol,
    pair: symbol,
    contractType,
    deliveryDate: NEVER_DELIVERED_MS,
    onboardDate: Number.isFinite(firstMs) ? firstMs : ONBOARD_MS,
    status,
    baseAsset,
    quoteAsset,
    marginAsset: quoteAsset,
    pricePrecision: precision.price,
    quantityPrecision: precision.volume,
    underlyingType: "COIN",
    filters: [
      { filterType: "PRICE_FILTER", tickSize: step(tick, tick) },
      { filterType: "LOT_SIZE", stepSize: step(precision.volume, precision.volume) },
    ],
  };
}

/** The smallest step with that many decimals, written with `written` decimals. */
function step(decimals: number, written: number): string {
  return (10 ** -decimals).toFixed(written);
}
