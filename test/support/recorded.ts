/** The recorded candles of the project, as they are stored. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Candle } from "../../src/market/candle.js";
import { ROOT } from "./root.js";

const FOLDER = new URL("data/recorded/", ROOT);

/** Every recorded candle of a symbol: 30 days of one-minute candles of the perpetual, ascending. */
export function recordedCandles(symbol: "BTCUSDT" | "ETHUSDT"): readonly Candle[] {
  return candlesOf(`binance-futures-${symbol}-1m-20250504-20250603.csv.gz`);
}

/** Candles of BTCUSDT on the spot market: 60 days in which its timeframes agree, or two days of 2021 in which they do not. */
export function recordedSpot(timeframe: "1m" | "5m" | "15m", days: "2025" | "2021"): readonly Candle[] {
  const range = days === "2025" ? "20250520-20250718" : "20210422-20210423";
  return candlesOf(`binance-spot-BTCUSDT-${timeframe}-${range}.csv.gz`);
}

function candlesOf(name: string): readonly Candle[] {
  const [, ...lines] = gunzipSync(readFileSync(new URL(name, FOLDER)))
    .toString("utf8")
    .trim()
    .split("\n");
  return lines.map((line) => {
    const [time, open, high, low, close, volume] = line.split(",").map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return { time, open, high, low, close, volume };
  });
}
