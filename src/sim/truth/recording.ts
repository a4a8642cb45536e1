/** The recordings that ship with the project (data/recorded; its README says where they come from). */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Precision } from "./kline.js";
import { type RecordedRow, recordedSource } from "./recorded-source.js";
import type { CandleSource } from "./source.js";

/** Found from this module, so that it works from src/ and, compiled, from dist/. */
const RECORDED_FOLDER = new URL("../../../data/recorded/", import.meta.url);

const HEADER = "candle_time,open,high,low,close,volume";

interface Recording {
  readonly file: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly precision: Precision;
}

/** Seven whole UTC days of futures one-minute candles, 2025-05-05 to 2025-05-11. */
const RECORDINGS: Readonly<Record<string, Recording>> = {
  BTCUSDT: {
    file: "binance-futures-BTCUSDT-1m-20250505-20250511.csv.gz",
    baseAsset: "BTC",
    quoteAsset: "USDT",
    precision: { price: 2, tick: 1, volume: 3 },
  },
  ETHUSDT: {
    file: "binance-futures-ETHUSDT-1m-20250505-20250511.csv.gz",
    baseAsset: "ETH",
    quoteAsset: "USDT",
    precision: { price: 2, volume: 3 },
  },
};

/** First open time of the recordings and the end of their last candle: milliseconds since the Unix epoch, UTC. */
export const RECORDING_FROM_MS = 1_746_403_200_000;
export const RECORDING_TO_MS = 1_747_008_000_000;

export function recordedSymbols(): readonly string[] {
  return Object.keys(RECORDINGS);
}

/**
 * Reads a shipped recording of USDT-M futures one-minute candles.
 * @throws RangeError naming the symbol when there is no recording of it, Error naming file and line when it is damaged.
 */
export function loadRecording(
  symbol: string,
): Pick<Recording, "baseAsset" | "quoteAsset"> & { readonly source: CandleSource } {
  const recording = Object.hasOwn(RECORDINGS, symbol) ? RECORDINGS[symbol] : undefined;
  if (recording === undefined) {
    throw new RangeError(`no recording of '${symbol}'; there are recordings of ${recordedSymbols().join(", ")}`);
  }
  const text = gunzipSync(readFileSync(new URL(recording.file, RECORDED_FOLDER))).toString("utf8");
  const { baseAsset, quoteAsset, precision } = recording;
  return { baseAsset, quoteAsset, source: recordedSource(parseRows(text, recording.file), precision) };
}

function parseRows(text: string, file: string): RecordedRow[] {
  const [header, ...lines] = text.trimEnd().split("\n");
  if (header !== HEADER) throw new Error(`${file}: the header is '${header}', expected '${HEADER}'`);
  return lines.map((line, index) => {
    const [seconds, open, high, low, close, volume] = line.split(",").map(Number);
    const values = [seconds, open, high, low, close, volume];
    if (!values.every((value) => value !== undefined && Number.isFinite(value))) {
      throw new Error(`${file}: line ${index + 2} is not six numbers: '${line}'`);
    }
    const [timeS, o, h, l, c, v] = values as [number, number, number, number, number, number];
    return { openMs: timeS * 1000, open: o, high: h, low: l, close: c, volume: v };
  });
}
