/** The REST routes of both markets: parameters, weights, answers. Spec: binance-protocol §1, §4. */
import type { MarketKind } from "../settings.js";
import { type RestError, restErrors } from "./errors.js";
import { exchangeInfo } from "./exchange-info.js";
import { klines, klinesWeight } from "./klines.js";
import { checkSymbolText, type Query, requireKnown, requireText } from "./query.js";
import { queryableBook, type RestWorld } from "./rest-world.js";
import { ticker24h, tickerWeight } from "./ticker.js";

export interface RestRoute {
  readonly parameters: readonly string[];
  readonly weight: (world: RestWorld, query: Query) => number;
  /** @throws RestError */
  readonly answer: (world: RestWorld, query: Query, microseconds: boolean) => unknown;
}

const one = (): number => 1;

const ping: RestRoute = { parameters: [], weight: one, answer: () => ({}) };

const time: RestRoute = {
  parameters: [],
  weight: one,
  answer: ({ agenda }, _query, microseconds) => ({
    serverTime: microseconds ? Math.floor(agenda.now() * 1_000) : Math.floor(agenda.now()),
  }),
};

const KLINES_PARAMETERS = ["symbol", "interval", "startTime", "endTime", "limit"];

function klinesRoute(parameters: readonly string[]): RestRoute {
  return {
    parameters,
    weight: klinesWeight,
    answer: (world, query, microseconds) => {
      const book = queryableBook(world, checkSymbolText("symbol", requireText(query, "symbol")));
      if (book === undefined) throw restErrors.invalidSymbol();
      return klines(world, book, query, microseconds);
    },
  };
}

/** Perpetuals only: their pair is their symbol. */
const continuousKlines: RestRoute = {
  parameters: ["pair", "contractType", "interval", "startTime", "endTime", "limit"],
  weight: klinesWeight,
  answer: (world, query) => {
    const book = queryableBook(world, checkSymbolText("pair", requireText(query, "pair")));
    if (book === undefined) throw restErrors.invalidSymbol();
    if (requireText(query, "contractType") !== "PERPETUAL") throw restErrors.invalidValue("contractType");
    return klines(world, book, query, false);
  },
};

const ticker: RestRoute = { parameters: ["symbol", "type"], weight: tickerWeight, answer: ticker24h };

const ROUTES: Readonly<Record<MarketKind, Readonly<Record<string, RestRoute>>>> = {
  spot: {
    "/api/v3/ping": ping,
    "/api/v3/time": time,
    "/api/v3/exchangeInfo": { parameters: ["symbol", "symbols"], weight: () => 20, answer: exchangeInfo },
    "/api/v3/klines": klinesRoute([...KLINES_PARAMETERS, "timeZone"]),
    "/api/v3/uiKlines": klinesRoute([...KLINES_PARAMETERS, "timeZone"]),
    "/api/v3/ticker/24hr": ticker,
  },
  futures: {
    "/fapi/v1/ping": ping,
    "/fapi/v1/time": time,
    "/fapi/v1/exchangeInfo": { parameters: [], weight: one, answer: exchangeInfo },
    "/fapi/v1/klines": klinesRoute(KLINES_PARAMETERS),
    "/fapi/v1/continuousKlines": continuousKlines,
    "/fapi/v1/ticker/24hr": ticker,
  },
};

/** Spot's first generation of routes, retired on 2026-03-25. */
const RETIRED = /^\/api\/v1\//;

/** The route of a request, or the error that says there is none (404) or no longer (410). */
export function findRoute(market: MarketKind, method: string, path: string): RestRoute | RestError {
  const routes = ROUTES[market];
  const route = method === "GET" && Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route !== undefined) return route;
  return market === "spot" && RETIRED.test(path)
    ? restErrors.retiredRoute(method, path)
    : restErrors.noRoute(method, path);
}

/** @throws RestError */
export function answerRoute(world: RestWorld, route: RestRoute, query: Query, microseconds: boolean): unknown {
  requireKnown(query, route.parameters);
  return route.answer(world, query, microseconds);
}
