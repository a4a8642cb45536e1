/** The simulated exchange on a scaled clock, and daemons in processes of their own that share it. */
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/clock/clock.js";
import { type ClockScale, createSystemClock, formatClockScale } from "../../src/clock/system-clock.js";
import { toWireCandle, type WireCandle } from "../../src/market/candle.js";
import { recordedFutures, settingsForSpeed, walkingSymbols } from "../../src/sim/presets.js";
import { type SimulatedExchange, startSimulatedExchange } from "../../src/sim/simulated-exchange.js";
import type { SymbolOptions } from "../../src/sim/symbols.js";
import { RECORDING_FROM_MS } from "../../src/sim/truth/recording.js";
import { walkSource } from "../../src/sim/truth/walk-source.js";
import { tempFolder } from "./temp.js";

/** Twelve hours into the recording, at the full minute. */
export const WORLD_START_MS = RECORDING_FROM_MS + 12 * 3_600_000;

export const BTC = "binance:futures:BTC/USDT:1m";
export const ETH = "binance:futures:ETH/USDT:1m";
export const SPOT_BTC = "binance:spot:BTC/USDT:1m";

export interface World {
  readonly clock: Clock;
  readonly scale: ClockScale;
  readonly exchange: SimulatedExchange;
  /** What points a daemon at this exchange and its clock, with a store of its own. */
  readonly env: Readonly<Record<string, string>>;
}

export interface WorldOptions {
  /** Seconds of the world per real second. */
  readonly speed: number;
  readonly whitelist?: readonly string[];
  /** Walking symbols of the futures market, besides the recorded ones. */
  readonly moreFutures?: readonly string[];
  /** Symbols of the futures market that nobody trades. */
  readonly quietFutures?: readonly string[];
}

/** A market in which next to no minute has a trade. */
function quietSymbol(symbol: string): SymbolOptions {
  const source = walkSource({ seed: 7, startPrice: 10, quietShare: 0.999_999, listedMs: RECORDING_FROM_MS });
  return { symbol, baseAsset: symbol.replace("USDT", ""), quoteAsset: "USDT", source };
}

export async function startWorld({ speed, moreFutures = [], quietFutures = [] }: WorldOptions): Promise<World> {
  const scale: ClockScale = { virtualMs: WORLD_START_MS, realMs: Date.now(), speed };
  const clock = createSystemClock(scale);
  const exchange = await startSimulatedExchange({
    clock,
    seed: 7,
    markets: {
      futures: {
        symbols: [
          ...recordedFutures(),
          ...walkingSymbols("futures", moreFutures, 7, RECORDING_FROM_MS),
          ...quietFutures.map(quietSymbol),
        ],
        settings: settingsForSpeed("futures", speed),
      },
      spot: {
        symbols: walkingSymbols("spot", ["BTCUSDT"], 7, RECORDING_FROM_MS),
        settings: settingsForSpeed("spot", speed),
      },
    },
  });
  onTestFinished(() => exchange.stop());
  return { clock, scale, exchange, env: worldEnv(exchange, scale) };
}

function worldEnv({ spot, futures }: SimulatedExchange, scale: ClockScale): Readonly<Record<string, string>> {
  return {
    TRADE_CANVAS_SIM_CLOCK: formatClockScale(scale),
    TRADE_CANVAS_BINANCE_SPOT_WS_URL: spot.wsUrl,
    TRADE_CANVAS_BINANCE_SPOT_BASE_URL: spot.restUrl,
    TRADE_CANVAS_BINANCE_FUTURES_WS_URL: futures.wsUrl,
    TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: futures.restUrl,
    TRADE_CANVAS_DB_PATH: tempFolder(),
    TRADE_CANVAS_ARTIFACTS_DIR: tempFolder(),
  };
}

/** Addresses where nothing listens: an exchange that cannot be reached. */
export function nowhereEnv(): Readonly<Record<string, string>> {
  const nowhere = "127.0.0.1:1";
  return {
    TRADE_CANVAS_BINANCE_SPOT_WS_URL: `ws://${nowhere}`,
    TRADE_CANVAS_BINANCE_SPOT_BASE_URL: `http://${nowhere}`,
    TRADE_CANVAS_BINANCE_FUTURES_WS_URL: `ws://${nowhere}`,
    TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: `http://${nowhere}`,
    TRADE_CANVAS_DB_PATH: tempFolder(),
    TRADE_CANVAS_ARTIFACTS_DIR: tempFolder(),
  };
}

/** The closed candles that the exchange holds, in wire form; times in seconds, `from` included, `to` not. */
export function truth(exchange: SimulatedExchange, series: string, fromS: number, toS: number): readonly WireCandle[] {
  const [, market, symbol = "", timeframe = ""] = series.split(":");
  const side = market === "spot" ? exchange.spot : exchange.futures;
  const name = symbol.replace("/", "");
  return side.journal.truth(name, timeframe, fromS * 1000, toS * 1000).map(toWireCandle);
}
