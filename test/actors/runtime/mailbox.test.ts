import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Mailbox } from "../../../src/actors/runtime/mailbox.js";

interface Note {
  readonly key?: string;
  readonly value: number;
}

function mailbox(capacity: number) {
  return new Mailbox<Note, { readonly message: Note }>({ capacity, coalesce: (note) => note.key });
}

const values = (list: readonly { message: Note }[]) => list.map(({ message }) => message.value);

describe("mailbox", () => {
  test("RS-M1 keeps the order of arrival and refuses what does not fit", () => {
    const box = mailbox(2);
    expect([1, 2, 3].map((value) => box.push({ message: { value } }))).toEqual([true, true, false]);
    expect(box.shift()?.message.value).toBe(1);
    expect(box.push({ message: { value: 4 } })).toBe(true);
    expect(values(box.drain())).toEqual([2, 4]);
    expect(box.shift()).toBeUndefined();
  });

  test("RS-M2 a coalesced message takes the place of the waiting one, even when full", () => {
    const box = mailbox(2);
    box.push({ message: { key: "forming", value: 1 } });
    box.push({ message: { value: 2 } });
    expect(box.push({ message: { key: "forming", value: 3 } })).toBe(true);
    expect(box.size).toBe(2);
    expect(values(box.drain())).toEqual([3, 2]);
  });

  test("a coalesced message finds room in a full mailbox, and takes none from the others", () => {
    const box = mailbox(1);
    box.push({ message: { value: 1 } });
    expect(box.push({ message: { key: "a", value: 2 } })).toBe(true);
    expect(box.push({ message: { key: "b", value: 3 } })).toBe(true);
    expect(box.push({ message: { value: 4 } })).toBe(false);
    box.shift();
    expect(box.push({ message: { value: 5 } })).toBe(true);
    expect(values(box.drain())).toEqual([2, 3, 5]);
  });

  test("a coalesced message that was taken out does not swallow the next one", () => {
    const box = mailbox(2);
    box.push({ message: { key: "forming", value: 1 } });
    box.shift();
    box.push({ message: { key: "forming", value: 2 } });
    expect(values(box.drain())).toEqual([2]);
  });

  test("RS-M3 never holds more than its capacity, never loses or reorders what it accepted", () => {
    const step = fc.oneof(fc.constant("take" as const), fc.constant("put" as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 10 }), (steps, capacity) => {
        const box = mailbox(capacity);
        const expected: number[] = [];
        steps.forEach((what, value) => {
          if (what === "take") expect(box.shift()?.message.value).toBe(expected.shift());
          else if (box.push({ message: { value } })) expected.push(value);
          else expect(expected.length).toBe(capacity);
          expect(box.size).toBe(expected.length);
        });
      }),
    );
  });
});
