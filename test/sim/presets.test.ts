import { describe, expect, it } from "vitest";
import { recordedFutures, settingsForSpeed, walkingSymbols } from "../../src/sim/presets.js";
import { RECORDING_FROM_MS } from "../../src/sim/truth/recording.js";
import { MINUTE, T0 } from "./support.js";

describe("ready-made markets", () => {
  it("play the recordings", () => {
    const symbols = recordedFutures();
    expect(symbols.map(({ symbol, baseAsset, quoteAsset }) => [symbol, baseAsset, quoteAsset])).toEqual([
      ["BTCUSDT", "BTC", "USDT"],
      ["ETHUSDT", "ETH", "USDT"],
    ]);
    expect(symbols[1]?.source.minute(RECORDING_FROM_MS)?.open).toBe(1_807.87);
    expect(() => recordedFutures(["XUSDT"])).toThrow("no recording of 'XUSDT'");
  });

  it("walk by seed and name, from a listing on", () => {
    const closeOf = (symbol: string, seed: number, market: "spot" | "futures" = "spot") =>
      walkingSymbols(market, [symbol], seed, T0)[0]?.source.minute(T0 + MINUTE)?.close;
    expect(closeOf("SOLUSDT", 1)).toBe(closeOf("SOLUSDT", 1));
    expect(closeOf("SOLUSDT", 1)).toBe(closeOf("SOLUSDT", 1, "futures"));
    expect(closeOf("SOLUSDT", 1)).not.toBe(closeOf("SOLUSDT", 2));
    expect(closeOf("AAAUSDT", 1)).not.toBe(closeOf("AABUSDT", 1));
    expect(walkingSymbols("spot", ["SOLUSDT"], 1, T0)[0]?.source.minute(T0 - MINUTE)).toBeUndefined();
  });

  it("take a name apart at its quote asset", () => {
    const [symbol] = walkingSymbols("spot", ["ETHBTC"], 1);
    expect(symbol).toMatchObject({ baseAsset: "ETH", quoteAsset: "BTC" });
    for (const name of ["USDT", "ABCXYZ"]) {
      expect(() => walkingSymbols("spot", [name], 1)).toThrow(`'${name}' ends in no known quote asset`);
    }
  });

  it("widen the frame limit by what the machine's jitter is on a fast clock, and not on a real one", () => {
    expect(settingsForSpeed("spot", 1)).toEqual({ connection: { framesPerSecond: 5 } });
    expect(settingsForSpeed("spot", 0.5)).toEqual({ connection: { framesPerSecond: 5 } });
    expect(settingsForSpeed("futures", 61)).toEqual({ connection: { framesPerSecond: 40 } });
  });
});
