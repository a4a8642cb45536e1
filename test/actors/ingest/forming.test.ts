import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormingThrottle } from "../../../src/actors/ingest/forming.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { candleAt } from "../../support/candles.js";

/** A throttle of half a second; what it lets through is noted with the time, in milliseconds. */
function throttle() {
  const clock = new SimulatedClock(1_000_000);
  const shown: { readonly atMs: number; readonly time: number; readonly close: number }[] = [];
  const forming = new FormingThrottle({
    clock,
    minIntervalMs: 500,
    publish: ({ time, close }) => shown.push({ atMs: clock.monotonic(), time, close }),
  });
  const offer = (time: number, close: number, closedTime: number | null = null, eventTimeMs = close): void =>
    forming.offer({ candle: candleAt(time, close), final: false, eventTimeMs }, closedTime);
  return { clock, shown, forming, offer, closes: () => shown.map(({ close }) => close) };
}

describe("forming throttle", () => {
  test("RS-F18 shows the first update at once, later ones at most every interval, and always the latest", () => {
    const { clock, shown, offer } = throttle();
    offer(60, 1);
    for (const close of [2, 3, 4]) {
      clock.advance(100);
      offer(60, close);
    }
    clock.advance(199);
    expect(shown.map(({ close }) => close)).toEqual([1]);
    clock.advance(1);
    expect(shown).toEqual([
      { atMs: 0, time: 60, close: 1 },
      { atMs: 500, time: 60, close: 4 },
    ]);
    clock.advance(10_000);
    expect(shown).toHaveLength(2);
  });

  test("an update after a quiet interval is shown at once", () => {
    const { clock, offer, closes } = throttle();
    offer(60, 1);
    clock.advance(500);
    offer(60, 2);
    expect(closes()).toEqual([1, 2]);
  });

  test("an older state that is stamped anew is not shown: the volume of a candle only grows", () => {
    const { clock, forming, shown } = throttle();
    const offer = (close: number, volume: number, eventTimeMs: number): void =>
      forming.offer({ candle: { ...candleAt(60, close), volume }, final: false, eventTimeMs }, null);
    offer(1, 10, 1_000);
    clock.advance(500);
    offer(2, 4, 2_000);
    clock.advance(500);
    expect(shown.map(({ close }) => close)).toEqual([1]);
    offer(3, 10, 3_000);
    expect(shown.map(({ close }) => close)).toEqual([1, 3]);
  });

  test("a new candle is shown at once, and what waited for the old one is forgotten", () => {
    const { clock, offer, shown } = throttle();
    offer(60, 1);
    offer(60, 2);
    offer(120, 3);
    clock.advance(1_000);
    expect(shown).toEqual([
      { atMs: 0, time: 60, close: 1 },
      { atMs: 0, time: 120, close: 3 },
    ]);
  });

  test("RS-F19 shows nothing of a candle that has closed, waiting updates included", () => {
    const { clock, offer, closes, forming } = throttle();
    offer(60, 1);
    offer(60, 2);
    forming.closed(60);
    clock.advance(1_000);
    offer(60, 3, 60);
    offer(60, 4, 120);
    clock.advance(1_000);
    expect(closes()).toEqual([1]);
    offer(120, 5, 60);
    expect(closes()).toEqual([1, 5]);
  });

  test("the close of an older candle leaves the waiting update of the open one alone", () => {
    const { clock, offer, closes, forming } = throttle();
    offer(120, 1);
    offer(120, 2);
    forming.closed(60);
    clock.advance(500);
    expect(closes()).toEqual([1, 2]);
  });

  test("an update that the exchange sent earlier than the one shown is left out", () => {
    const { clock, offer, closes } = throttle();
    offer(60, 1, null, 1_000);
    clock.advance(500);
    offer(60, 2, null, 999);
    clock.advance(500);
    offer(60, 3, null, 1_000);
    expect(closes()).toEqual([1, 3]);
  });

  test("shows nothing after a stop, and leaves no timer", () => {
    const { clock, offer, closes, forming } = throttle();
    offer(60, 1);
    offer(60, 2);
    forming.stop();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(1_000);
    expect(closes()).toEqual([1]);
  });

  test("whatever comes, what is shown was sent, is not too frequent, and never goes back in time (B22)", () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 700 }),
      minute: fc.integer({ min: 1, max: 5 }),
      event: fc.integer({ min: 0, max: 50 }),
      closed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, shown, offer, forming } = throttle();
        let closedTime = 0;
        const sent = new Map<number, { time: number; event: number }>();
        steps.forEach(({ waitMs, minute, event, closed }, index) => {
          clock.advance(waitMs);
          if (closed) {
            closedTime = Math.max(closedTime, minute * 60);
            forming.closed(closedTime);
          } else {
            sent.set(index, { time: minute * 60, event });
            offer(minute * 60, index, closedTime, event);
          }
        });
        clock.advance(1_000);
        shown.forEach(({ time, close, atMs }, index) => {
          const { time: sentTime, event } = sent.get(close) ?? { time: Number.NaN, event: Number.NaN };
          expect(time).toBe(sentTime);
          const previous = shown[index - 1];
          if (previous === undefined) return;
          expect(time).toBeGreaterThanOrEqual(previous.time);
          if (time > previous.time) return;
          expect(event).toBeGreaterThanOrEqual(sent.get(previous.close)?.event ?? Number.NaN);
          expect(atMs - previous.atMs).toBeGreaterThanOrEqual(500);
        });
      }),
    );
  });
});
