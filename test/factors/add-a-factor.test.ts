/** The factor of docs/add-a-factor.md, added through public parts only. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CloseSource } from "../../src/factors/close-history.js";
import type { AnyFactor } from "../../src/factors/definition.js";
import { type FactorCheckpoint, FactorEngine, type FactorFold, type FactorFrame } from "../../src/factors/engine.js";
import { FactorGraphError } from "../../src/factors/graph.js";
import { penFactor } from "../../src/factors/pen.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";
import type { Candle } from "../../src/market/candle.js";
import { type Gap, gapFactor } from "./example/gap.js";

const START = 1_746_403_200;
const MINUTE = 60;
/** Candles from a low to the next high. */
const HALF_WAVE = 4;

/** A price that goes up and down without ever opening beyond the candle before; tops at 104, lows at 100. */
function zigzag(count: number): Candle[] {
  const price = (index: number): number => {
    const phase = index % (2 * HALF_WAVE);
    return 100 + (phase <= HALF_WAVE ? phase : 2 * HALF_WAVE - phase);
  };
  return Array.from({ length: count }, (_, index) => {
    const [open, close] = [price(index), price(index + 1)];
    const [high, low] = [Math.max(open, close) + 0.5, Math.min(open, close) - 0.5];
    return { time: START + index * MINUTE, open, high, low, close, volume: 1 };
  });
}

/** The same candles, one of which opens elsewhere. */
function opening(candles: readonly Candle[], at: number, open: number): Candle[] {
  return candles.map((candle, index) => {
    if (index !== at) return candle;
    return { ...candle, open, high: Math.max(candle.high, open), low: Math.min(candle.low, open) };
  });
}

function closesOf(candles: readonly Candle[]): CloseSource {
  return (firstTime, count) => {
    const first = candles.findIndex(({ time }) => time === firstTime);
    const asked = candles.slice(first, first + count);
    return {
      times: Float64Array.from(asked, ({ time }) => time),
      closes: Float64Array.from(asked, ({ close }) => close),
    };
  };
}

function engineWith(...factors: readonly AnyFactor[]): FactorEngine {
  return new FactorEngine({
    factors: [...STANDARD_FACTORS, ...factors],
    pivotWindowMajor: 2,
    pivotWindowMinor: 1,
    logicVersion: "",
  });
}

function foldAll(candles: readonly Candle[], engine = engineWith(gapFactor)) {
  const fold = engine.begin(MINUTE, closesOf(candles));
  const frames = candles.map((candle) => fold.step(candle));
  return { fold, frames, gaps: gapsOf(frames) };
}

function gapsOf(frames: readonly FactorFrame[]): readonly Gap[] {
  return frames
    .flatMap(({ events }) => events.filter(({ factor }) => factor === "gap"))
    .map(({ payload }) => payload as Gap);
}

const headOf = (frame: FactorFrame): object => gapFactor.head(frame.factsOf(gapFactor), frame);

describe("the page", () => {
  const page = readFileSync("docs/add-a-factor.md", "utf8");
  const [factor = "", standard = "", check = ""] = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  const squeezed = (text: string): string => text.replace(/\s+/g, " ");

  test("shows the factor that is tested here, as it would stand in src/factors", () => {
    const tested = readFileSync("test/factors/example/gap.ts", "utf8");
    expect(factor).toBe(tested.replaceAll('"../../../src/factors/', '"./'));
    expect(factor.split("\n").length).toBeLessThan(60);
  });

  test("names the list as it is, and shows lines of this test", () => {
    const [declaration = ""] = standard.split(" [/*");
    expect(readFileSync("src/factors/standard.ts", "utf8")).toContain(declaration);
    const own = squeezed(readFileSync("test/factors/add-a-factor.test.ts", "utf8"));
    const lines = check.slice(check.indexOf("for (")).trim().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(own).toContain(squeezed(line));
  });

  test("shows the history and the head of a slice as they are", () => {
    const candles = opening(zigzag(21), 20, 107);
    const example = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? "");
    const gap: Gap = example.head.last;
    const fold = engineWith(gapFactor).begin(60, closesOf(candles));
    for (const candle of candles) fold.step(candle);
    const frame = fold.frame as FactorFrame;
    expect(frame.events).toContainEqual({ time: gap.gap_time, factor: "gap", kind: "gap.opened", payload: gap });
    expect(gapFactor.head(frame.factsOf(gapFactor), frame)).toEqual({ last: gap });
    expect(example).toEqual({ history: { opened: gapsOf([frame]) }, head: { last: gap } });
    expect(Object.keys(gap)).toEqual(Object.keys(gapsOf([frame])[0] as Gap));
  });
});

describe("a step", () => {
  const flat = (time: number, open: number): Candle => ({ time, open, high: 1_000, low: 990, close: 995, volume: 1 });
  const opened = (open: number, second = START + MINUTE) => foldAll([flat(START, 995), flat(second, open)]).gaps;

  test("reports an open beyond the candle before, up and down, with the edge it left", () => {
    expect(opened(1_001.5)).toEqual([
      {
        gap_time: START + MINUTE,
        from_price: 1_000,
        to_price: 1_001.5,
        direction: 1,
        with_pen: null,
        visible_time: START + MINUTE,
      },
    ]);
    expect(opened(980)).toMatchObject([{ from_price: 990, to_price: 980, direction: -1 }]);
  });

  test("reports nothing inside the range, nor up to a thousandth of the price beyond it", () => {
    for (const open of [990, 995, 1_000, 1_001]) expect(opened(open)).toEqual([]);
    expect(opened(1_001.01)).toHaveLength(1);
  });

  test("takes a missing candle for no jump", () => {
    expect(opened(1_100, START + 2 * MINUTE)).toEqual([]);
  });

  test("reads the facts of the factor that it depends on: with the last pen, or against it", () => {
    const candles = zigzag(40);
    const { frames } = foldAll(candles);
    const known = frames.findIndex((frame) => frame.factsOf(penFactor).last !== null);
    const way = (at: number, open: number) => foldAll(opening(candles, at, open)).gaps[0]?.with_pen;
    expect(way(known - 1, 120)).toBeNull();
    expect(frames[known + 1]?.factsOf(penFactor)).toMatchObject({ confirmed: [], last: { direction: -1 } });
    expect(way(known + 1, 120)).toBe(false);
    expect(way(known + 1, 80)).toBe(true);
  });
});

describe("the ledger", () => {
  const candles = opening(opening(zigzag(30), 12, 120), 20, 80);
  const { fold, frames, gaps } = foldAll(candles);

  test("has a head that stands until the next gap, and shows the factor from the first on", () => {
    expect(gaps).toHaveLength(2);
    expect(frames.slice(0, 12).map(headOf)).toEqual(Array(12).fill({ last: null }));
    expect(frames.slice(12, 20).map(headOf)).toEqual(Array(8).fill({ last: gaps[0] }));
    expect(frames.slice(20).map(headOf)).toEqual(Array(10).fill({ last: gaps[1] }));
    expect(fold.isPresent(gapFactor)).toBe(true);
    expect(foldAll(candles.slice(0, 12)).fold.isPresent(gapFactor)).toBe(false);
  });

  test("keys its events apart, and leaves the standard factors as they were", () => {
    const kind = engineWith(gapFactor).kind("gap.opened");
    expect(kind.bucket).toBe("opened");
    expect(gaps.map((gap) => kind.key(gap))).toEqual([`opened:${START + 720}`, `opened:${START + 1_200}`]);
    const standard = foldAll(candles, engineWith()).frames.map(({ events }) => events);
    const others = frames.map(({ events }) => events.filter(({ factor }) => factor !== "gap"));
    expect(others).toEqual(standard);
    expect(standard.flat().length).toBeGreaterThan(20);
  });

  test("goes on from a checkpoint as if it had never stopped", () => {
    const long = [255, 256, 300, 511, 512, 540].reduce((all, at) => opening(all, at, 110 + (at % 7)), zigzag(560));
    const whole = foldAll(long);
    for (const blockStart of [256, 512]) {
      const engine = engineWith(gapFactor);
      const before: FactorFold = engine.begin(MINUTE, closesOf(long));
      for (const candle of long.slice(0, blockStart)) before.step(candle);
      const checkpoint = JSON.parse(before.save()) as FactorCheckpoint;
      const recent = long.slice(blockStart - engine.recentCandles, blockStart);
      const restored = engine.restore(MINUTE, closesOf(long), checkpoint, recent);
      expect(restored.isPresent(gapFactor)).toBe(true);
      const frames = long.slice(blockStart).map((candle) => restored.step(candle));
      expect(frames.map(({ events }) => events)).toEqual(whole.frames.slice(blockStart).map(({ events }) => events));
      expect(frames.map(headOf)).toEqual(whole.frames.slice(blockStart).map(headOf));
      expect(gapsOf(frames).length).toBeGreaterThan(1);
    }
  });
});

describe("the engine", () => {
  test("steps it after what it depends on, and has it in the catalog", () => {
    const engine = engineWith(gapFactor);
    expect(engine.factors.map(({ name }) => name)).toEqual(["pivot", "pen", "zhongshu", "anchor", "gap", "sr"]);
    expect(engine.catalog.factors.find(({ key }) => key === "gap")).toEqual({
      key: "gap",
      label: "Gap",
      default_visible: true,
      sub_features: [{ key: "gap.opened", label: "Gaps", default_visible: true }],
    });
  });

  test("makes a catalog entry for a factor that says nothing of itself", () => {
    const { catalog: _, ...silent } = gapFactor;
    expect(engineWith(silent).catalog.factors.find(({ key }) => key === "gap")).toEqual({
      key: "gap",
      label: "Gap",
      default_visible: true,
      sub_features: [{ key: "gap.opened", label: "Opened", default_visible: true }],
    });
  });

  test("has another fingerprint with it, and yet another when its logic grows", () => {
    const prints = [engineWith(), engineWith(gapFactor), engineWith({ ...gapFactor, logic: 2 })].map(
      ({ fingerprint }) => fingerprint,
    );
    expect(new Set(prints).size).toBe(3);
    expect(engineWith(gapFactor).fingerprint).toBe(prints[1]);
  });

  test("refuses it without what it depends on, and twice", () => {
    const settings = { pivotWindowMajor: 2, pivotWindowMinor: 1, logicVersion: "" };
    const alone = () => new FactorEngine({ ...settings, factors: [gapFactor] });
    expect(alone).toThrow(FactorGraphError);
    expect(alone).toThrow("missing_deps:[gap->pen]");
    expect(() => engineWith(gapFactor, gapFactor)).toThrow("duplicate_factor:gap");
  });
});
