/** An exchange of which nothing is to be had but its lists of markets, over HTTP on loopback. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface MarketLists {
  /** What points both markets of a daemon here; the streams go nowhere. */
  readonly env: Readonly<Record<string, string>>;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** What is answered; to be changed by the test. */
  readonly answers: { status: number; symbols: readonly object[]; tickers: readonly object[] };
}

const symbol = (base: string, quote = "USDT", change = {}) => ({
  symbol: `${base}${quote}`,
  status: "TRADING",
  contractType: "PERPETUAL",
  baseAsset: base,
  quoteAsset: quote,
  ...change,
});
export const ticker = (symbolId: string, quoteVolume: string, lastPrice = "1.5") => ({
  symbol: symbolId,
  lastPrice,
  quoteVolume,
  priceChangePercent: "-2.5",
});

/** Two markets in USDT that trade, ETH more than BTC; one in BTC; one that does not trade, one that is delivered. */
export async function startMarketLists(): Promise<MarketLists> {
  const asked: string[] = [];
  const answers: MarketLists["answers"] = {
    status: 200,
    symbols: [
      symbol("BTC"),
      symbol("ETH"),
      symbol("ETH", "BTC"),
      symbol("OLD", "USDT", { status: "BREAK" }),
      symbol("BTCQ", "USDT", { contractType: "CURRENT_QUARTER" }),
    ],
    tickers: [
      ticker("BTCUSDT", "100.5"),
      ticker("ETHUSDT", "200"),
      ticker("ETHBTC", "3"),
      ticker("OLDUSDT", "900"),
      ticker("BTCQUSDT", "800"),
    ],
  };
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    if (answers.status !== 200) return send(response, answers.status, { code: -1, msg: "not now" });
    if (path.endsWith("/exchangeInfo")) return send(response, 200, { symbols: answers.symbols });
    if (path.endsWith("/ticker/24hr")) return send(response, 200, answers.tickers);
    return send(response, 404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { TRADE_CANVAS_BINANCE_SPOT_BASE_URL: base, TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: base };
  return { env, asked, answers };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "x-mbx-used-weight-1m": "1" });
  response.end(JSON.stringify(body));
}
