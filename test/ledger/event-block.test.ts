import fc from "fast-check";
import { expect, test } from "vitest";
import type { AnyFactor } from "../../src/factors/definition.js";
import { type EventSpan, eventBlockParser, spanBetween, textsOf, wireOf } from "../../src/ledger/event-block.js";
import type { EventRow } from "../../src/ledger/rows.js";

/** The second kind is sent as something longer than what is stored, with characters of several bytes. */
const FACTOR = {
  events: [{ kind: "tape.a" }, { kind: "tape.b", wireText: (text: string) => `["µ",${text}]` }],
} as unknown as AnyFactor;
const KINDS = ["tape.a", "tape.b", "tape.undeclared"] as const;

const parse = eventBlockParser({ factors: [FACTOR] });
const textOf = (rows: readonly EventRow[]) =>
  rows.map(({ time, kind, text }) => `${time}\t${kind}\t${text}`).join("\n");
const shown = (span: EventSpan, kind: string) => wireOf(span, kind)?.toString();

test("a window of a block shows of each kind what lies in it, for any window", () => {
  const row = fc.record({ step: fc.nat(2), kind: fc.constantFrom(...KINDS), value: fc.nat() });
  const rows = fc.array(row, { maxLength: 20 }).map((steps) => {
    let time = 0;
    return steps.map(({ step, kind, value }): EventRow => {
      time += step * 60;
      return { time, kind, text: `{"v":${value}}` };
    });
  });
  const time = fc.integer({ min: -1, max: 21 * 120 });
  fc.assert(
    fc.property(rows, time, time, (all, from, to) => {
      const span = spanBetween(parse(textOf(all)), from, to);
      const inside = all.filter((one) => one.time >= from && one.time <= to);
      const texts = (kind: string) => inside.filter((one) => one.kind === kind).map(({ text }) => text);
      expect(Math.max(0, span.to - span.from)).toBe(inside.length);
      expect(textsOf(span, "tape.a")).toEqual(texts("tape.a"));
      expect(textsOf(span, "tape.b")).toEqual(texts("tape.b"));
      expect(shown(span, "tape.a") ?? "").toBe(texts("tape.a").join());
      const wires = texts("tape.b").map((text) => `["µ",${text}]`);
      expect(shown(span, "tape.b") ?? "").toBe(wires.join());
    }),
  );
});

test("a kind that no factor declares is counted, and not shown", () => {
  const block = parse(textOf([{ time: 60, kind: "tape.undeclared", text: "1" }]));
  const span = spanBetween(block, 0, 60);
  expect(span).toMatchObject({ from: 0, to: 1 });
  expect([wireOf(span, "tape.undeclared"), textsOf(span, "tape.undeclared")]).toEqual([undefined, []]);
});

test("the memory of a block holds what is sent of it", () => {
  const [stored, sent] = [{ time: 60, kind: "tape.a", text: `"${"x".repeat(1_000)}"` }, { kind: "tape.b" }];
  expect(parse("").bytes).toBe(0);
  const [small, large] = [parse(textOf([stored])), parse(textOf([stored, { ...stored, ...sent }]))];
  expect(small.bytes).toBeGreaterThan(1_000);
  expect(large.bytes - 2 * small.bytes).toBe(Buffer.byteLength('["µ",]'));
});

test("windows of a block share its bytes", () => {
  const block = parse(textOf([60, 120, 180].map((time) => ({ time, kind: "tape.a", text: `{"t":${time}}` }))));
  const [one, other] = [spanBetween(block, 60, 120), spanBetween(block, 120, 500)].map((span) =>
    wireOf(span, "tape.a"),
  );
  expect([one?.toString(), other?.toString()]).toEqual(['{"t":60},{"t":120}', '{"t":120},{"t":180}']);
  expect(one?.buffer).toBe(other?.buffer);
});
