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

/** 30 days of futures one-minute candles, of which the 29 whole UTC days are played: 2025-05-05 to 2025-06-02. */
const RECORDINGS: Readonly<Record<string, Recording>> = {
  BTCUSDT: {
    file: "binance-futures-BTCUSDT-1m-20250504-20250603.csv.gz",
    baseAsset: "BTC",
    quoteAsset: "USDT",
    precision: { price: 2, tick: 1, volume: 3 },
  },
  ETHUSDT: {
    file: "binance-futures-ETHUSDT-1m-20250504-20250603.csv.gz",
    baseAsset: "ETH",
    quoteAsset: "USDT",
    precision: { price: 2, volume: 3 },
  },
};

/** First open time of what is played and the end of its last candle: milliseconds since the Unix epoch, UTC. */
export const RECORDING_FROM_MS = 1_746_403_200_000;
export const RECORDING_TO_MS = 1_748_908_800_000;

/** What was read, by symbol, at most one per recording: 30 days take a while to read, and never change. */
const sources = new Map<string, CandleSource>();

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
  const { baseAsset, quoteAsset } = recording;
  const source = sources.get(symbol) ?? readSource(recording);
  sources.set(symbol, source);
  return { baseAsset, quoteAsset, source };
}

function readSource({ file, precision }: Recording): CandleSource {
  const text = gunzipSync(readFileSync(new URL(file, RECORDED_FOLDER))).toString("utf8");
  return recordedSource(parseRows(text, file).filter(isPlayed), precision);
}

function isPlayed({ openMs }: RecordedRow): boolean {
  return openMs >= RECORDING_FROM_MS && openMs < RECORDING_TO_MS;
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
