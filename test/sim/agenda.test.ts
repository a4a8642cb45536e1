import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Agenda, type AgendaItem } from "../../src/sim/agenda.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

describe("the agenda", () => {
  it("runs things at their times, in order, with one timer of the clock", () => {
    const clock = new SimulatedClock(1_000);
    const agenda = new Agenda(clock);
    const ran: string[] = [];
    for (const [dueMs, name] of [
      [1_300, "c"],
      [1_100, "a"],
      [1_100, "b"],
    ] as const) {
      agenda.at(dueMs, () => ran.push(`${name}@${agenda.now()}`));
    }
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1_000);
    expect(ran).toEqual(["a@1100", "b@1100", "c@1300"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("runs what is added for now or the past, even by what runs", () => {
    const clock = new SimulatedClock(0);
    const agenda = new Agenda(clock);
    const ran: string[] = [];
    agenda.at(10, () => {
      agenda.at(5, () => ran.push("late"));
      agenda.after(10, () => ran.push("chained"));
      ran.push("first");
    });
    clock.advance(10);
    expect(ran).toEqual(["first", "late"]);
    clock.advance(10);
    expect(ran).toEqual(["first", "late", "chained"]);
  });

  it("is ahead of the clock by its offset", () => {
    const clock = new SimulatedClock(1_000);
    const agenda = new Agenda(clock, 250);
    let ranAt = 0;
    agenda.at(1_300, () => {
      ranAt = clock.now();
    });
    clock.advance(100);
    expect(agenda.now()).toBe(1_350);
    expect(ranAt).toBe(1_050);
  });

  it("goes on after something that ran has thrown", () => {
    const clock = new SimulatedClock(0);
    const agenda = new Agenda(clock);
    let ran = false;
    agenda.at(1, () => {
      throw new Error("broken");
    });
    agenda.at(2, () => {
      ran = true;
    });
    expect(() => clock.advance(1)).toThrow("broken");
    clock.advance(1);
    expect(ran).toBe(true);
  });

  it("forgets everything when stopped", () => {
    const clock = new SimulatedClock(0);
    const agenda = new Agenda(clock);
    const item = agenda.at(5, () => expect.unreachable());
    agenda.stop();
    agenda.cancel(item);
    clock.advance(10);
    expect(agenda.size).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("equals a sorted list under any mix of additions and cancellations", () => {
    const step = fc.record({ dueMs: fc.integer({ min: 0, max: 50 }), cancels: fc.option(fc.nat(40)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new SimulatedClock(0);
        const agenda = new Agenda(clock);
        const ran: number[] = [];
        const items: AgendaItem[] = [];
        const cancelled = new Set<number>();
        for (const [index, { dueMs, cancels }] of steps.entries()) {
          items.push(agenda.at(dueMs, () => ran.push(index)));
          if (cancels !== null && cancels < items.length) {
            agenda.cancel(items[cancels]);
            cancelled.add(cancels);
          }
        }
        clock.advance(100);
        const expected = steps
          .map(({ dueMs }, index) => ({ dueMs, index }))
          .filter(({ index }) => !cancelled.has(index))
          .sort((a, b) => a.dueMs - b.dueMs || a.index - b.index);
        expect(ran).toEqual(expected.map(({ index }) => index));
        expect(agenda.size).toBe(0);
      }),
    );
  });
});
