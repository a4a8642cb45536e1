import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FinalSequencer, MAX_HELD_FINALS } from "../../../src/actors/ingest/sequencer.js";
import { candleAt } from "../../support/candles.js";

/** Releases what may be released, as the ingest actor does, and returns the times. */
function release(sequencer: FinalSequencer): number[] {
  const ready = sequencer.releasable();
  const last = ready.at(-1);
  if (last !== undefined) sequencer.released(last.time);
  return ready.map((candle) => candle.time);
}

const times = (sequencer: FinalSequencer) => sequencer.held.map((candle) => candle.time);

describe("final sequencer", () => {
  test("contiguous finals pass at once", () => {
    const sequencer = new FinalSequencer(60, 60);
    expect(sequencer.offer(candleAt(120))).toBe("accepted");
    expect(release(sequencer)).toEqual([120]);
    sequencer.offer(candleAt(180));
    expect(release(sequencer)).toEqual([180]);
    expect(sequencer.hole).toBeUndefined();
  });

  test("the first final of an empty series passes, whatever its time", () => {
    const sequencer = new FinalSequencer(60, null);
    sequencer.offer(candleAt(1_700_000_000));
    expect(release(sequencer)).toEqual([1_700_000_000]);
  });

  test("a series that begins now misses its first candle if that does not come", () => {
    const sequencer = new FinalSequencer(60, null);
    sequencer.beginAfter(60);
    sequencer.offer(candleAt(180));
    expect(release(sequencer)).toEqual([]);
    expect(sequencer.hole).toEqual({ afterTime: 60, beforeTime: 180 });
    const known = new FinalSequencer(60, 600);
    known.beginAfter(60);
    expect(known.releasedTime).toBe(600);
  });

  test("a series that was begun by a clock that is ahead begins with its first final (F24)", () => {
    const sequencer = new FinalSequencer(60, null);
    sequencer.beginAfter(6_000);
    expect(sequencer.offer(candleAt(6_000))).toBe("duplicate");
    expect(sequencer.offer(candleAt(600))).toBe("accepted");
    expect(release(sequencer)).toEqual([600]);
    expect(sequencer.offer(candleAt(540))).toBe("duplicate");
    expect(sequencer.offer(candleAt(660))).toBe("accepted");
  });

  test("a step longer than the timeframe opens a hole and holds what is behind it", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.offer(candleAt(240));
    expect(release(sequencer)).toEqual([]);
    expect(sequencer.hole).toEqual({ afterTime: 60, beforeTime: 240 });
    sequencer.offer(candleAt(300));
    expect(release(sequencer)).toEqual([]);
    sequencer.released(180); // fetched
    sequencer.closeHole(180);
    expect(release(sequencer)).toEqual([240, 300]);
  });

  test("a hole that is empty at the source lets the final behind it pass, and only that one", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.offer(candleAt(600));
    release(sequencer);
    sequencer.offer(candleAt(900));
    sequencer.closeHole(540);
    expect(release(sequencer)).toEqual([600]);
    expect(release(sequencer)).toEqual([]);
    expect(sequencer.hole).toEqual({ afterTime: 600, beforeTime: 900 });
  });

  test("a hole that was looked for too short a way does not let pass what lies behind the rest of it (F25)", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.openHole(60);
    sequencer.released(120); // fetched, and all that there is up to 180
    sequencer.closeHole(180);
    sequencer.offer(candleAt(600));
    expect(release(sequencer)).toEqual([]);
    expect(sequencer.hole).toEqual({ afterTime: 120, beforeTime: 600 });
  });

  test("what is proven empty stays so: the next final may come right behind it", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.openHole(60);
    sequencer.closeHole(540);
    sequencer.offer(candleAt(600));
    expect(release(sequencer)).toEqual([600]);
  });

  test("a late final narrows an open hole", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.offer(candleAt(240));
    release(sequencer);
    sequencer.offer(candleAt(180));
    expect(sequencer.hole).toEqual({ afterTime: 60, beforeTime: 180 });
    expect(times(sequencer)).toEqual([180, 240]);
  });

  test("a late final that is all that was missing closes the hole", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.offer(candleAt(180));
    release(sequencer);
    sequencer.offer(candleAt(120));
    expect(sequencer.hole).toBeUndefined();
    expect(release(sequencer)).toEqual([120, 180]);
  });

  test("duplicates and stale finals are told apart from new ones; among held ones the last counts", () => {
    const sequencer = new FinalSequencer(60, 120);
    expect([60, 120].map((time) => sequencer.offer(candleAt(time)))).toEqual(["duplicate", "duplicate"]);
    sequencer.openHole(120);
    sequencer.offer(candleAt(180, 1));
    expect(sequencer.offer(candleAt(180, 2))).toBe("accepted");
    expect(sequencer.held).toEqual([candleAt(180, 2)]);
  });

  test("what was fetched is not held any longer", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.openHole(60);
    sequencer.offer(candleAt(180));
    sequencer.offer(candleAt(240));
    sequencer.released(180);
    expect(times(sequencer)).toEqual([240]);
    sequencer.closeHole(180);
    expect(release(sequencer)).toEqual([240]);
  });

  test("an open-ended hole is bounded by the first final that comes; opening it twice changes nothing", () => {
    const sequencer = new FinalSequencer(60, 60);
    sequencer.openHole(30);
    expect(sequencer.hole).toEqual({ afterTime: 30, beforeTime: null });
    sequencer.offer(candleAt(600));
    sequencer.openHole(60);
    expect(sequencer.hole).toEqual({ afterTime: 30, beforeTime: 600 });
  });

  test("held finals are bounded: beyond it they are let go and the hole is open-ended again", () => {
    const sequencer = new FinalSequencer(60, 0);
    sequencer.openHole(0);
    for (let index = 2; index < MAX_HELD_FINALS + 2; index += 1) {
      expect(sequencer.offer(candleAt(index * 60))).toBe("accepted");
    }
    expect(sequencer.offer(candleAt(1e6))).toBe("overflow");
    expect(sequencer.held).toEqual([]);
    expect(sequencer.hole).toEqual({ afterTime: 0, beforeTime: null });
  });
});

test("RS-F23 in any order, with losses and repeats, candles are released ascending, once, and never past an open hole", () => {
  const arrival = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 80 });
  fc.assert(
    fc.property(arrival, fc.infiniteStream(fc.boolean()), (slots, repairNow) => {
      const sequencer = new FinalSequencer(60, 0);
      const out: number[] = [];
      for (const slot of slots) {
        sequencer.offer(candleAt(slot * 60));
        out.push(...release(sequencer));
        if (sequencer.hole !== undefined && repairNow.next().value) {
          const { afterTime, beforeTime } = sequencer.hole;
          for (let time = afterTime + 60; time < (beforeTime ?? 0); time += 60) {
            out.push(time);
            sequencer.released(time);
          }
          sequencer.closeHole((beforeTime ?? 0) - 60);
          out.push(...release(sequencer));
        }
      }
      // Everything released is the run 60, 120, … without a step: the holes were filled before what was behind them.
      expect(out).toEqual(out.map((_, index) => (index + 1) * 60));
    }),
  );
});
