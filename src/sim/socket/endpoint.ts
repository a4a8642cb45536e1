/** What the target of a WebSocket handshake asks for. Spec: binance-protocol §1, §1.1, §2.1. */
import type { MarketKind } from "../settings.js";

export interface Endpoint {
  /** Messages wrapped in `{"stream","data"}`. */
  readonly combined: boolean;
  readonly streams: readonly string[];
  /** Times in microseconds (spot only). */
  readonly microseconds: boolean;
  /** False on a futures path without `/market`: the connection opens and acknowledges, but no kline ever comes. */
  readonly deliversKlines: boolean;
}

const FUTURES_ROUTES = ["market", "public", "private"];

/** The endpoint at a request target; undefined when there is none (HTTP 404). */
export function parseEndpoint(target: string, market: MarketKind): Endpoint | undefined {
  const url = parseTarget(target);
  if (url === undefined) return undefined;
  const parts = url.path.split("/").slice(1);
  const route = market === "futures" && FUTURES_ROUTES.includes(parts[0] ?? "") ? parts.shift() : undefined;
  const deliversKlines = market === "spot" || route === "market";
  const timeUnit = (url.query.get("timeUnit") ?? "").toUpperCase();
  const common = { deliversKlines, microseconds: market === "spot" && timeUnit === "MICROSECOND" };
  const [kind, ...rest] = parts;
  if (kind === "ws") return { ...common, combined: false, streams: names(rest) };
  if (kind === "stream" && names(rest).length === 0) {
    return { ...common, combined: true, streams: names((url.query.get("streams") ?? "").split("/")) };
  }
  return undefined;
}

function parseTarget(target: string): { readonly path: string; readonly query: URLSearchParams } | undefined {
  const [path = "", query = ""] = target.split("?", 2);
  if (!path.startsWith("/")) return undefined;
  try {
    return { path: decodeURIComponent(path), query: new URLSearchParams(query) };
  } catch {
    return undefined;
  }
}

function names(parts: readonly string[]): readonly string[] {
  return [...new Set(parts.filter((part) => part !== ""))];
}
