/** The markets that trade most, once and as a stream. Spec: http-api §3.6, §3.7. */
import { vi } from "vitest";
import { TopMarkets, UpstreamError } from "../../../src/actors/markets/top-markets.js";
import { HttpError } from "../../../src/http/errors.js";
import { EventStreams } from "../../../src/http/event-streams.js";
import { call } from "../../http/request.js";
import type { ErrorCase, RouteContract, Values } from "../support/contract.js";
import type { Members } from "../support/member.js";
import { count, flag, listOf, members, number, only, orNull, text } from "../support/shape.js";

const LIST: Members = {
  exchange: { kind: "text", min: 1, need: { default: "binance" }, sample: "binance" },
  market: { kind: "choice", choices: ["spot", "futures"], need: "required", sample: "spot" },
  quote_asset: { kind: "text", min: 1, max: 12, need: { default: "USDT" }, sample: "USDT" },
  limit: { kind: "integer", min: 1, max: 200, need: { default: 20 }, sample: 1 },
};

const ITEM = {
  ...{ exchange: "binance", market: "spot", symbol: "BTC/USDT", symbol_id: "BTCUSDT", base_asset: "BTC" },
  ...{ quote_asset: "USDT", last_price: 1.5, quote_volume: 100, price_change_percent: null },
};

const payload = members({
  exchange: only("binance"),
  market: only("spot", "futures"),
  quote_asset: text,
  limit: count,
  generated_at_ms: count,
  cached: flag,
  items: listOf(
    members({
      exchange: only("binance"),
      market: only("spot", "futures"),
      symbol: text,
      symbol_id: text,
      base_asset: text,
      quote_asset: text,
      last_price: orNull(number),
      quote_volume: orNull(number),
      price_change_percent: orNull(number),
    }),
  ),
});

/** An exchange that has one market, as there is none to be asked. */
const given = async (): Promise<Values> => {
  vi.spyOn(TopMarkets.prototype, "top").mockResolvedValue({ items: [ITEM], cached: false });
  return {};
};

const foreignExchange: ErrorCase = { status: 400, detail: "unsupported exchange", values: { exchange: "kraken" } };

export const TOP_MARKETS: readonly RouteContract[] = [
  {
    method: "GET",
    path: "/api/market/top_markets",
    gate: "open",
    members: { ...LIST, force: { kind: "boolean", need: { default: false }, sample: true } },
    given,
    examples: [{}, { market: "futures", quote_asset: " ", limit: 1 }],
    answer: payload,
    errors: [
      foreignExchange,
      {
        status: 429,
        detail: "rate_limited",
        arrange: async ({ url }) => void (await call(url, "/api/market/top_markets?market=spot&force=1")),
        values: { force: true },
      },
      {
        status: 502,
        detail: "upstream_error:{text}",
        filled: "upstream_error:not now",
        arrange: () => void vi.spyOn(TopMarkets.prototype, "top").mockRejectedValue(new UpstreamError("not now")),
      },
    ],
  },
  {
    method: "GET",
    path: "/api/market/top_markets/stream",
    gate: "open",
    isStream: true,
    members: {
      ...LIST,
      interval_s: { kind: "number", min: 0.2, max: 30, need: { default: 2 }, sample: 1 },
      max_events: { kind: "integer", min: 0, max: 1_000, need: { default: 0 }, sample: 1 },
    },
    given,
    examples: [{}, { max_events: 1 }],
    answer: payload,
    errors: [
      foreignExchange,
      {
        status: 503,
        detail: "too_many_streams",
        arrange: () => {
          vi.spyOn(EventStreams.prototype, "answer").mockImplementationOnce(() => {
            throw new HttpError("http.too_many_streams");
          });
        },
      },
    ],
  },
];
