/** Addresses of Binance's public market data, from the configured bases. Spec: binance-protocol §1, §1.1. */

/** The two markets that are read: spot, and USDT-margined futures. */
export type BinanceMarket = "spot" | "futures";

export type RestRoute = "klines" | "exchangeInfo" | "time" | "ticker/24hr";

/**
 * Futures klines flow on the `/market` route only: without it the exchange accepts the connection and every SUBSCRIBE,
 * and sends nothing.
 */
const COMBINED_STREAM_PATH: Readonly<Record<BinanceMarket, string>> = { spot: "/stream", futures: "/market/stream" };

const REST_PATH: Readonly<Record<BinanceMarket, string>> = { spot: "/api/v3", futures: "/fapi/v1" };

/** A configured base from which no address can be made. The message names the value and what is expected. */
export class BaseUrlError extends Error {
  override readonly name = "BaseUrlError";
  readonly code = "invalid_base_url";
}

/**
 * The combined-stream address to connect to before subscribing, `<base>/stream` or `<base>/market/stream`.
 * @param base for example `wss://stream.binance.com:9443`; may have a path, may end in `/`.
 * @throws BaseUrlError
 */
export function combinedStreamUrl(base: string, market: BinanceMarket): string {
  return parseBase(base, ["ws:", "wss:"], "wss://stream.binance.com:9443") + COMBINED_STREAM_PATH[market];
}

/**
 * The address of a REST request; absent parameters are left out.
 * @param base for example `https://api.binance.com`; may have a path, may end in `/`.
 * @throws BaseUrlError
 */
export function restUrl(
  base: string,
  market: BinanceMarket,
  route: RestRoute,
  parameters: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const url = `${parseBase(base, ["http:", "https:"], "https://api.binance.com")}${REST_PATH[market]}/${route}`;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? url : `${url}?${query}`;
}

function parseBase(base: string, protocols: readonly string[], example: string): string {
  const text = base.trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new BaseUrlError(
      `'${base}' is not a ${protocols.map((protocol) => `${protocol}//`).join(" or ")} address without query; expected for example ${example}`,
    );
  }
  return text.replace(/\/+$/, "");
}
