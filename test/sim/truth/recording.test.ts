import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  loadRecording,
  RECORDING_FROM_MS,
  RECORDING_TO_MS,
  recordedSymbols,
} from "../../../src/sim/truth/recording.js";
import { MINUTE } from "../support.js";

const FOLDER = new URL("../../../data/recorded/", import.meta.url);
const README = readFileSync(new URL("README.md", FOLDER), "utf8");
const FILES = readdirSync(FOLDER).filter((name) => name !== "README.md");

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("the recorded files", () => {
  it.each(FILES.map((name) => [name]))("%s is as its checksum says", (name) => {
    const [, stored, inner] = new RegExp(`\\| \`${name}\` \\| ([0-9a-f]{64}) \\| ([0-9a-f]{64})?`).exec(README) ?? [];
    const bytes = readFileSync(new URL(name, FOLDER));
    expect(sha256(bytes)).toBe(stored);
    if (name.endsWith(".gz")) expect(sha256(gunzipSync(bytes))).toBe(inner);
  });

  it("state source and licence of each", () => {
    for (const name of FILES) expect(README.split(`| \`${name}\` |`).length, name).toBe(3);
    expect(README.match(/\| MIT \|/g)).toHaveLength(2);
    expect(README).toContain("This product includes software developed by Bryant Moscon");
  });
});

describe.each(recordedSymbols().map((symbol) => [symbol]))("the recording of %s", (symbol) => {
  const { source } = loadRecording(symbol);

  it("covers 29 whole days, minute by minute", () => {
    expect([source.firstMs, source.endMs]).toEqual([RECORDING_FROM_MS, RECORDING_TO_MS]);
    expect(RECORDING_TO_MS - RECORDING_FROM_MS).toBe(29 * 1_440 * MINUTE);
    expect(new Date(RECORDING_FROM_MS).toISOString()).toBe("2025-05-05T00:00:00.000Z");
    for (let openMs = source.firstMs; openMs < source.endMs; openMs += MINUTE) {
      expect(source.minute(openMs)?.openMs).toBe(openMs);
    }
  });

  it("has sane candles within its precision", () => {
    const { price, tick = price, volume } = source.precision;
    for (let openMs = source.firstMs; openMs < source.endMs; openMs += MINUTE) {
      const k = source.minute(openMs)!;
      const isSane = k.low <= Math.min(k.open, k.close) && k.high >= Math.max(k.open, k.close) && k.volume > 0;
      const isExact =
        [k.open, k.high, k.low, k.close].every((value) => Number(value.toFixed(tick)) === value) &&
        Number(k.volume.toFixed(volume)) === k.volume;
      expect({ openMs, isSane, isExact }).toEqual({ openMs, isSane: true, isExact: true });
    }
  });
});

it("a known candle is as published", () => {
  expect(loadRecording("BTCUSDT").source.minute(RECORDING_FROM_MS)).toMatchObject({
    open: 94_230.2,
    high: 94_230.3,
    low: 94_159.7,
    close: 94_220,
    volume: 465.598,
  });
});

it("a recording is read once", () => {
  expect(loadRecording("ETHUSDT").source).toBe(loadRecording("ETHUSDT").source);
  expect(loadRecording("ETHUSDT").source).not.toBe(loadRecording("BTCUSDT").source);
});

it("a symbol without a recording is named, with those that have one", () => {
  expect(() => loadRecording("DOGEUSDT")).toThrow("'DOGEUSDT'; there are recordings of BTCUSDT, ETHUSDT");
});
