/** What holds of every picture of every series. Spec: overlays §13. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AnchorRef, type AnchorSwitch, anchorFactor } from "../../src/factors/anchor.js";
import { healSwitches } from "../../src/factors/anchor-history.js";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import { zhongshuFactor } from "../../src/factors/zhongshu.js";
import { isHistoryOfPresent } from "../../src/overlays/anchor.js";
import { OverlayEngine, type PictureCheckpoint } from "../../src/overlays/engine.js";
import { type Instruction, spanOf } from "../../src/overlays/instruction.js";
import { deadZoneId } from "../../src/overlays/zhongshu.js";
import { candlesFrom, poolOf, shortSeriesOf, walksOf } from "../factors/any-series.js";
import { beginFold, headOf, restoreFold, standardEngine, TIMEFRAME_SECONDS } from "../factors/fold.js";
import { type Drawn, drawOne, drawSeries } from "./drawing.js";

// Small enough that pens fall out of it.
const windowCandles = fc.integer({ min: 3, max: 80 });
const series = fc.record({
  windowCandles,
  given: fc.oneof({ weight: 3, arbitrary: shortSeriesOf(140) }, { weight: 1, arbitrary: walksOf(300) }),
});
type Series = typeof series extends fc.Arbitrary<infer T> ? T : never;

function drawnOf({ windowCandles, given }: Series, candles = candlesFrom(given)): Drawn[] {
  return drawSeries(standardEngine(given.major, given.minor), windowCandles, candles);
}

const holdsForAll = poolOf(series, 50, (given: Series) => drawnOf(given));

function isHistory({ instruction_id }: Instruction): boolean {
  return instruction_id.startsWith("anchor.history:");
}

describe("versions", () => {
  test("only grow: what a candle adds comes after everything before it", () => {
    holdsForAll((drawn) => {
      let before = 0;
      for (const { lasting, live, lastVersion } of drawn) {
        const added = [...lasting, ...live].map(({ version_id }) => version_id).filter((version) => version > before);
        expect(new Set(added).size).toBe(added.length);
        expect(Math.max(before, ...added)).toBeLessThanOrEqual(lastVersion);
        const ids = lasting.map(({ version_id }) => version_id);
        expect(ids).toEqual(ids.filter((version) => version > before).sort((a, b) => a - b));
        before = lastVersion;
      }
    });
  });

  test("never change: one version is one definition, however much later it is looked at", () => {
    holdsForAll((drawn) => {
      const known = new Map<number, string>();
      for (const { lasting, live } of drawn) {
        for (const version of [...lasting, ...live]) {
          const text = JSON.stringify(version);
          const before = known.get(version.version_id) ?? text;
          if (before !== text) expect(text).toBe(before);
          known.set(version.version_id, text);
        }
      }
      for (const version of drawn.flatMap(({ lasting }) => lasting)) {
        expect(JSON.stringify(version)).toBe(known.get(version.version_id));
      }
    });
  });

  test("belong to the candle at which they came to be, and show nothing later than it", () => {
    holdsForAll((drawn) => {
      let before = 0;
      for (const { time, lasting, live, lastVersion } of drawn) {
        const isOfNow = ({ visible_time }: Instruction) => visible_time === time;
        const isOfPast = ({ visible_time, version_id }: Instruction) => visible_time < time && version_id <= before;
        expect(lasting.filter((one) => !isOfNow(one))).toEqual([]);
        expect(live.filter((one) => !isOfNow(one) && !isOfPast(one))).toEqual([]);
        expect([...lasting, ...live].filter(({ definition }) => spanOf(definition).to > time)).toEqual([]);
        before = lastVersion;
      }
    });
  });

  test("are the same for the same candles", () => {
    fc.assert(
      fc.property(series, (given) => {
        expect(JSON.stringify(drawnOf(given))).toBe(JSON.stringify(drawnOf(given)));
      }),
      { numRuns: 10 },
    );
  });

  test("of a prefix are a prefix: no candle changes what was drawn before it", () => {
    fc.assert(
      fc.property(series, fc.nat(), (given, cut) => {
        const candles = candlesFrom(given.given);
        const count = cut % (candles.length + 1);
        const prefix = drawnOf(given, candles.slice(0, count));
        expect(JSON.stringify(prefix)).toBe(JSON.stringify(drawnOf(given).slice(0, count)));
      }),
      { numRuns: 25 },
    );
  });
});

test("live ids are unique, and the version is later than a lasting one of the same id", () => {
  holdsForAll((drawn) => {
    const lastOf = new Map<string, number>();
    for (const { lasting, live } of drawn) {
      for (const { instruction_id, version_id } of lasting) lastOf.set(instruction_id, version_id);
      expect(new Set(live.map(({ instruction_id }) => instruction_id)).size).toBe(live.length);
      const older = live.filter(({ instruction_id, version_id }) => version_id <= (lastOf.get(instruction_id) ?? 0));
      expect(older).toEqual([]);
    }
  });
});

test("who reads increments knows of every instruction what a snapshot says, whenever they read", () => {
  const reads = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(series, reads, (given, pauses) => {
      const client = new Map<string, Instruction>();
      const lasting = new Map<string, Instruction>();
      let unread: Instruction[] = [];
      let cursor = 0;
      let pause = 0;
      for (const [index, { frame, lasting: added, live, lastVersion }] of drawnOf(given).entries()) {
        unread.push(...added);
        for (const one of added) lasting.set(one.instruction_id, one);
        if (index < pause) continue;
        pause = index + (pauses[index % pauses.length] ?? 1);
        const increment = [...unread, ...live].filter(({ version_id }) => version_id > cursor);
        for (const one of increment.sort((a, b) => a.version_id - b.version_id)) client.set(one.instruction_id, one);
        unread = [];
        cursor = lastVersion;
        const shown = [...lasting].filter(([id, one]) => !isHistoryOfPresent(id, spanOf(one.definition).from, frame));
        const snapshot = new Map([...shown, ...live.map((one) => [one.instruction_id, one] as const)]);
        const wrong = [...snapshot].filter(([id, one]) => JSON.stringify(client.get(id)) !== JSON.stringify(one));
        expect(wrong).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});

describe("the picture and the slices", () => {
  test("name one anchor: the current one begins where the head's ref does", () => {
    holdsForAll((drawn) => {
      for (const { frame, live } of drawn) {
        const head = headOf(anchorFactor, frame) as { current_anchor_ref: AnchorRef | null };
        const line = live.find(({ instruction_id }) => instruction_id === "anchor.current");
        const definition = line?.definition;
        const start = definition?.type === "polyline" ? definition.points[0]?.time : undefined;
        expect(start).toBe(head.current_anchor_ref?.start_time);
      }
    });
  });

  test("name the same zones: alive ones while they live, dead ones from their death on", () => {
    holdsForAll((drawn) => {
      for (const { frame, live, lasting } of drawn) {
        const { alive } = headOf(zhongshuFactor, frame) as { alive: unknown[] };
        const shown = live.map(({ instruction_id }) => instruction_id).filter((id) => id.startsWith("zhongshu"));
        expect(shown).toEqual(alive.length === 0 ? [] : ["zhongshu.alive:top", "zhongshu.alive:bottom"]);
        const dead = frame.factsOf(zhongshuFactor).died.flatMap(({ start_time, end_time, zg, zd }) => {
          const id = deadZoneId(start_time, end_time, zg, zd);
          return [`${id}:top`, `${id}:bottom`];
        });
        expect(lasting.map(({ instruction_id }) => instruction_id).filter((id) => id.startsWith("zhongshu"))).toEqual(
          dead,
        );
      }
    });
  });

  test("name the same earlier anchors: those of the healed history that are not present", () => {
    holdsForAll((drawn) => {
      const switches: string[] = [];
      const ever = new Map<string, number>();
      for (const { frame, lasting, live } of drawn) {
        const { shown, held, switches: added } = frame.factsOf(anchorFactor);
        switches.push(...added.map((one) => JSON.stringify(one)));
        const liveHistory = live.filter(isHistory);
        for (const one of [...lasting.filter(isHistory), ...liveHistory]) {
          ever.set(one.instruction_id, spanOf(one.definition).from);
        }
        const present = [shown?.start_time, held?.start_time];
        const drawnIds = [...ever].filter(([, from]) => !present.includes(from)).map(([id]) => id);
        const healed = (healSwitches(switches).get("switches") ?? [])
          .map((text) => JSON.parse(text) as AnchorSwitch)
          .filter(({ new_anchor }) => !present.includes(new_anchor.start_time))
          .map(({ switch_time, new_anchor: { start_time, end_time, direction } }) => {
            return `anchor.history:${switch_time}:${start_time}:${end_time}:${direction}`;
          });
        expect(new Set(drawnIds)).toEqual(new Set(healed));
        // The held one has its line just while a live leg is shown in its place.
        const eclipsed = held !== null && shown?.start_time !== held.start_time ? [held.start_time] : [];
        expect(liveHistory.map(({ definition }) => spanOf(definition).from)).toEqual(eclipsed);
      }
    });
  });
});

test("pens are drawn as far back as the window reaches, joined where they meet", () => {
  holdsForAll((drawn, { windowCandles: window }) => {
    const ends: number[] = [];
    for (const { time, frame, live } of drawn) {
      for (const { payload, kind } of frame.events) {
        if (kind === "pen.confirmed") ends.push((payload as { end_time: number }).end_time);
      }
      const cutoff = Math.max(0, time - window * TIMEFRAME_SECONDS);
      const line = live.find(({ instruction_id }) => instruction_id === "pen.confirmed")?.definition;
      const points = line?.type === "polyline" ? line.points.map((point) => point.time) : [];
      expect(points.slice(1)).toEqual(ends.filter((end) => end >= cutoff));
    }
  });
});

test("saved at the start of any block and restored, fold and picture go on as if nothing had happened", () => {
  fc.assert(
    fc.property(walksOf(2 * BLOCK_CANDLES + 40), windowCandles, fc.boolean(), (given, window, releases) => {
      const candles = candlesFrom(given);
      const engine = standardEngine(given.major, given.minor);
      const overlay = new OverlayEngine({ windowCandles: window });
      const fold = beginFold(engine, candles);
      const picture = overlay.begin(TIMEFRAME_SECONDS);
      const saved: { at: number; fold: string; picture: string }[] = [];
      const texts = candles.map((candle, at) => {
        if (fold.isAtBlockStart) saved.push({ at, fold: fold.save(), picture: picture.save() });
        if (releases) fold.release();
        return textOf(drawOne(picture, fold.step(candle)));
      });
      expect(saved.map(({ at }) => at)).toEqual([0, 256, 512]);
      for (const { at, fold: foldText, picture: pictureText } of saved) {
        const restored = restoreFold(engine, candles, at, foldText);
        const repainted = overlay.restore(TIMEFRAME_SECONDS, JSON.parse(pictureText) as PictureCheckpoint);
        for (const [offset, candle] of candles.slice(at).entries()) {
          expect(textOf(drawOne(repainted, restored.step(candle)))).toBe(texts[at + offset]);
        }
      }
    }),
    { numRuns: 4 },
  );
});

function textOf({ frame, lasting, live, lastVersion }: Drawn): string {
  return JSON.stringify([frame.events, lasting, live, lastVersion]);
}
