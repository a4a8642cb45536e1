/** What holds of the fold over every series: it is what the plain reading of the rules says, and its invariants. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AnchorRef, anchorFactor } from "../../src/factors/anchor.js";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import type { FactorEngine, FactorFold } from "../../src/factors/engine.js";
import { penFactor } from "../../src/factors/pen.js";
import type { Leg } from "../../src/factors/pen-legs.js";
import { type AnySeries, candlesFrom, poolOf, shortSeriesOf, walksOf } from "./any-series.js";
import {
  beginFold,
  framesOf,
  headOf,
  headsOf,
  restoreFold,
  standardEngine,
  TIMEFRAME_SECONDS,
  type WireEvent,
  wireEvent,
} from "./fold.js";
import { type Folded, folded, seriesForInvariants } from "./folded.js";
import { type ModelEvent, modelLedger } from "./model/index.js";

const series = seriesForInvariants();
const holdsForAll = poolOf(series, 60, folded);

describe("the fold and the plain reading of the rules", () => {
  /** Our key of a snapshot is its time alone, of which there is one: the digest of its levels tells nothing more. */
  function comparable({ time, factor, kind, key, payload }: WireEvent | ModelEvent): string {
    return JSON.stringify([time, factor, kind, kind === "sr.snapshot" ? `snapshot:${time}` : key, payload]);
  }

  /** With a window of one candle some 240 pivots on either side; levels are made of the newest 200. */
  const MANY_PIVOTS_CANDLES = 950;

  function compare(given: AnySeries, headsEvery: number): void {
    const candles = candlesFrom(given);
    const { major, minor } = given;
    const model = modelLedger(candles, { timeframeSeconds: TIMEFRAME_SECONDS, major, minor });
    const engine = standardEngine(major, minor);
    const fold = beginFold(engine, candles);
    const events: string[] = [];
    for (const [index, candle] of candles.entries()) {
      events.push(...fold.step(candle).events.map((event) => comparable(wireEvent(engine, event))));
      if (index % headsEvery > 0) continue;
      const expected = JSON.stringify(model.headsAt(candle.time)?.heads);
      expect(JSON.stringify(headsOf(engine, fold)), `at ${candle.time}`).toBe(expected);
    }
    expect(events).toEqual(model.events.map(comparable));
  }

  test("agree on every event, and at every candle on every head", () => {
    fc.assert(
      fc.property(shortSeriesOf(120), (given) => compare(given, 1)),
      { numRuns: 80 },
    );
  });

  test("agree over hundreds of candles, across blocks, with more pivots than levels are made of", () => {
    const long = walksOf(MANY_PIVOTS_CANDLES).map((given) => ({ ...given, major: 1 }));
    fc.assert(
      fc.property(long, (given) => compare(given, 23)),
      { numRuns: 1 },
    );
  });
});

describe("events", () => {
  test("are only ever added: those of a prefix are a prefix, field by field", () => {
    fc.assert(
      fc.property(series, fc.nat(), (given, cut) => {
        const { engine, candles, events } = folded(given);
        const prefix = candles.slice(0, cut % (candles.length + 1));
        const before = framesOf(engine, prefix).flatMap((frame) =>
          frame.events.map((event) => wireEvent(engine, event)),
        );
        expect(JSON.stringify(events.slice(0, before.length))).toBe(JSON.stringify(before));
        const next = events[before.length];
        if (next !== undefined) expect(next.time).toBeGreaterThan(prefix.at(-1)?.time ?? -1);
      }),
      { numRuns: 30 },
    );
  });

  test("have keys of their own", () => {
    holdsForAll(({ events }) => {
      const keys = events.map(({ factor, key }) => `${factor} ${key}`);
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  test("belong to the candle at which they are visible, and tell of nothing later", () => {
    holdsForAll(({ events, candles }) => {
      const times = new Set(candles.map(({ time }) => time));
      const wrong = events.filter(({ time, payload }) => {
        const isLater = ([name, value]: [string, unknown]) => name.endsWith("_time") && (value as number) > time;
        return (
          (payload as { visible_time: number }).visible_time !== time ||
          !times.has(time) ||
          Object.entries(payload as object).some(isLater)
        );
      });
      expect(wrong).toEqual([]);
    });
  });
});

describe("heads", () => {
  const headTexts = ({ engine, frames }: Pick<Folded, "engine" | "frames">): string[] =>
    frames.map((frame) => JSON.stringify(engine.factors.map((factor) => headOf(factor, frame))));

  test("are the same for the same candles, asked at once or when all candles are folded", () => {
    fc.assert(
      fc.property(shortSeriesOf(140), (given) => {
        const { engine, candles, frames, events } = folded(given);
        const fold = beginFold(engine, candles);
        const now = candles.flatMap((candle) => headTexts({ engine, frames: [fold.step(candle)] }));
        expect(headTexts({ engine, frames })).toEqual(now);
        expect(JSON.stringify(folded(given).events)).toBe(JSON.stringify(events));
      }),
      { numRuns: 30 },
    );
  });

  test("speak of nothing later than their candle", () => {
    holdsForAll(({ frames }) => {
      const wrong = frames.filter((frame) => {
        const { time } = frame.candle;
        const { current_anchor_ref } = headOf(anchorFactor, frame) as { current_anchor_ref: AnchorRef | null };
        const legs = Object.values(headOf(penFactor, frame) as Record<string, Leg>);
        const segments = [...legs, ...(current_anchor_ref === null ? [] : [current_anchor_ref])];
        return segments.some(({ start_time, end_time }) => start_time > end_time || end_time > time);
      });
      expect(wrong).toEqual([]);
    });
  });

  test("once a factor shows, it stays", () => {
    holdsForAll(({ engine, candles }) => {
      const fold = beginFold(engine, candles);
      let before = 0;
      for (const candle of candles) {
        fold.step(candle);
        const present = engine.factors.filter((factor) => fold.isPresent(factor)).length;
        if (present < before) expect.unreachable(`a factor has gone at ${candle.time}`);
        before = present;
      }
    });
  });
});

test("saved at the start of any block and restored, the fold goes on as if nothing had happened", () => {
  /** Heads cost most of the time; a difference in the state does not go away within so few candles. */
  const HEADS_EVERY = 13;

  function textAt(engine: FactorEngine, { frame }: FactorFold, index: number): string {
    const heads = index % HEADS_EVERY > 0 ? [] : engine.factors.map((factor) => headOf(factor, frame!));
    return JSON.stringify([frame!.events, heads]);
  }

  fc.assert(
    fc.property(walksOf(3 * BLOCK_CANDLES + 50), fc.boolean(), (given, releases) => {
      const engine = standardEngine(given.major, given.minor);
      const candles = candlesFrom(given);
      const fold = beginFold(engine, candles);
      const saved: { at: number; text: string }[] = [];
      const texts = candles.map((candle, at) => {
        if (fold.isAtBlockStart) saved.push({ at, text: fold.save() });
        // What is released is read back, what is not is in memory still: nobody must see the difference.
        if (releases) fold.release();
        fold.step(candle);
        return textAt(engine, fold, at);
      });
      expect(saved.map(({ at }) => at)).toEqual([0, 256, 512, 768]);
      for (const { at, text } of saved) {
        const restored = restoreFold(engine, candles, at, text);
        expect(restored.count).toBe(at);
        const again = candles.slice(at).map((candle, offset) => {
          if (restored.isAtBlockStart) {
            expect(restored.save()).toBe(saved.find((one) => one.at === at + offset)?.text);
          }
          restored.step(candle);
          return textAt(engine, restored, at + offset);
        });
        expect(again).toEqual(texts.slice(at));
      }
    }),
    { numRuns: 5 },
  );
});

test("a fold cannot be saved inside a block", () => {
  const { engine, candles } = folded({ major: 2, minor: 1, source: { walk: { seed: 1, count: 3 } } });
  const fold = beginFold(engine, candles);
  fold.step(candles[0]!);
  expect(fold.isAtBlockStart).toBe(false);
  expect(() => fold.save()).toThrow("block");
});
