import { expect, test } from "vitest";
import type { AnyFactor } from "../../../src/factors/definition.js";
import { MAX_SLICE_EVENTS } from "../../../src/ledger/slices.js";
import { EventWindow } from "../../../src/replay/package/event-window.js";
import { Tape } from "../../../src/replay/package/spliced-text.js";

const factor = {
  name: "f",
  events: [
    { kind: "f.a", bucket: "a", key: String },
    { kind: "f.b", bucket: "b", key: String },
  ],
} as Partial<AnyFactor> as AnyFactor;

const event = (time: number, kind = "f.a") => ({ time, kind, text: `${time}` });

function windowOf(events: readonly ReturnType<typeof event>[]) {
  const window = new EventWindow([factor], events, () => new Tape(0));
  const spans = () => window.lanesOf(factor).map(({ from, to, moved }) => [from, to, moved]);
  return { window, spans };
}

test("a window takes in what has become known, lets go what is too old, and says which kinds moved", () => {
  const { window, spans } = windowOf([event(10), event(20, "f.b"), event(20), event(30), event(40, "f.unknown")]);
  window.moveTo(0, 20);
  expect(spans()).toEqual([
    [0, 2, true],
    [0, 1, true],
  ]);
  window.settle();
  window.moveTo(11, 30);
  expect(spans()).toEqual([
    [1, 3, true],
    [0, 1, false],
  ]);
  window.settle();
  window.moveTo(20, 40);
  expect(spans()).toEqual([
    [1, 3, false],
    [0, 1, false],
  ]);
});

test("of too many events the newest are in the window, those of unknown kinds among them", () => {
  const events = Array.from({ length: MAX_SLICE_EVENTS }, (_, at) => event(at));
  const { window, spans } = windowOf([...events, event(MAX_SLICE_EVENTS, "f.unknown"), event(MAX_SLICE_EVENTS + 1)]);
  window.moveTo(0, MAX_SLICE_EVENTS + 1);
  expect(spans()[0]).toEqual([2, MAX_SLICE_EVENTS + 1, true]);
});
