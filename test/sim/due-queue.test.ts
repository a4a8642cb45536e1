import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Due, DueQueue } from "../../src/sim/due-queue.js";

function drain(queue: DueQueue<string>): readonly string[] {
  const names: string[] = [];
  for (let due = queue.first; due !== undefined; due = queue.first) {
    queue.remove(due);
    names.push(due.item);
  }
  return names;
}

describe("a queue of what is due", () => {
  test("gives the earliest first, and of the same time the one added first", () => {
    const queue = new DueQueue<string>();
    for (const [dueMs, name] of [
      [20, "c"],
      [10, "a"],
      [10, "b"],
      [30, "d"],
    ] as const) {
      queue.add(dueMs, name);
    }
    expect([queue.size, queue.first?.dueMs]).toEqual([4, 10]);
    expect(drain(queue)).toEqual(["a", "b", "c", "d"]);
    expect([queue.size, queue.first]).toEqual([0, undefined]);
  });

  test("takes out what is removed or cleared once, and lets it be removed again", () => {
    const queue = new DueQueue<string>();
    const [first, second] = [queue.add(1, "first"), queue.add(2, "second")];
    queue.remove(first);
    queue.remove(first);
    expect(queue.first).toBe(second);
    queue.clear();
    queue.add(3, "third");
    queue.remove(second);
    expect(drain(queue)).toEqual(["third"]);
  });

  test("keeps the order of a sorted list, whatever is added and removed", () => {
    const step = fc.record({ dueMs: fc.integer({ min: 0, max: 20 }), removes: fc.option(fc.nat(50)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new DueQueue<string>();
        let model: Due<string>[] = [];
        for (const [index, { dueMs, removes }] of steps.entries()) {
          model.push(queue.add(dueMs, `${index}`));
          const gone = removes === null ? undefined : model[removes % model.length];
          if (gone === undefined) continue;
          queue.remove(gone);
          model = model.filter((due) => due !== gone);
        }
        const expected = model.toSorted((a, b) => a.dueMs - b.dueMs).map(({ item }) => item);
        expect(drain(queue)).toEqual(expected);
      }),
    );
  });
});
