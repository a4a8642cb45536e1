/** The recorded candles of the project, as they are stored. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Candle } from "../../src/market/candle.js";
import { ROOT } from "./root.js";

const FOLDER = new URL("data/recorded/", ROOT);

/** Every recorded candle of a symbol: 30 days of one-minute candles of the perpetual, ascending. */
export function recordedCandles(symbol: "BTCUSDT" | "ETHUSDT"): readonly Candle[] {
  const file = new URL(`binance-futures-${symbol}-1m-20250504-20250603.csv.gz`, FOLDER);
  const [, ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
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
