import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseSplices,
  SlidingList,
  type SplicedPart,
  SplicedTextWriter,
  Tape,
} from "../../../src/replay/package/spliced-text.js";

/** The text with everything in it. */
function whole(parts: readonly SplicedPart[], tapes: readonly Tape[]): string {
  const writer = new SplicedTextWriter();
  writer.add(parts);
  const { own, splices, wholeBytes } = writer.finish();
  let text = "";
  let at = 0;
  for (const splice of parseSplices(splices)) {
    text += own.subarray(at, splice.at).toString();
    text += (tapes[splice.tape] as Tape).bytes().subarray(splice.from, splice.to).toString();
    at = splice.at;
  }
  text += own.subarray(at).toString();
  expect(wholeBytes).toBe(Buffer.byteLength(text));
  return text;
}

test("a tape hands out any of its items, separated by commas", () => {
  const tape = new Tape(0);
  for (const item of ["1", "22", '"drei €"']) tape.add(item);
  expect(whole(tape.range(0, 3), [tape])).toBe('1,22,"drei €"');
  expect(whole(tape.range(1, 2), [tape])).toBe("22");
  expect(tape.range(2, 2)).toEqual([]);
});

test("a text has ranges of several tapes at their places", () => {
  const [a, b] = [new Tape(0), new Tape(1)];
  a.add("1");
  b.add("2");
  const parts = ["ä[", ...a.range(0, 1), "][", ...b.range(0, 1), ...a.range(0, 1), "]"];
  expect(whole(parts, [a, b])).toBe("ä[1][21]");
  expect(whole([], [])).toBe("");
});

describe("a sliding list", () => {
  const listed = (list: SlidingList, tape: Tape): string => whole(list.range(), [tape]);

  test("puts on its tape only what is new at its end", () => {
    const tape = new Tape(0);
    const list = new SlidingList(tape);
    expect(list.set(["1", "2", "3"])).toBe(true);
    expect(list.set(["1", "2", "3"])).toBe(false);
    expect(list.set(["2", "3", "4"])).toBe(true);
    expect([listed(list, tape), tape.count]).toEqual(["2,3,4", 4]);
    expect(list.set([])).toBe(true);
    expect(list.set([])).toBe(false);
    expect([listed(list, tape), tape.count]).toEqual(["", 4]);
  });

  test("is written anew when it changes in its middle", () => {
    const tape = new Tape(0);
    const list = new SlidingList(tape);
    list.set(["1", "2", "3"]);
    expect(list.set(["1", "3"])).toBe(true);
    expect([listed(list, tape), tape.count]).toEqual(["1,3", 5]);
  });

  test("is what it was set to, whatever it was before", () => {
    const items = fc.array(fc.constantFrom("1", "2", "3"), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(items, { maxLength: 12 }), (lists) => {
        const tape = new Tape(0);
        const list = new SlidingList(tape);
        let before = "";
        for (const next of lists) {
          expect(list.set(next)).toBe(next.join() !== before);
          before = next.join();
          expect(listed(list, tape)).toBe(before);
        }
      }),
    );
  });
});
