import { expect, test } from "vitest";
import { DEBUG_RING_EVENTS, type DebugEvent, DebugHub } from "../../src/observability/debug-hub.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

test("an event with everything, and with nothing but its name", () => {
  const hub = new DebugHub(new SimulatedClock(1_234.5));
  hub.emit({ pipe: "write", event: "a.b", series: "s", level: "warn", message: "told", data: { n: 1 } });
  hub.emit({ pipe: "read", event: "c.d" });
  expect(hub.events()).toEqual([
    {
      ts_ms: 1_235,
      source: "backend",
      pipe: "write",
      event: "a.b",
      series_id: "s",
      level: "warn",
      message: "told",
      data: { n: 1 },
    },
    { ts_ms: 1_235, source: "backend", pipe: "read", event: "c.d", series_id: null, level: "info", message: "c.d" },
  ]);
  expect("data" in (hub.events()[1] as DebugEvent)).toBe(false);
});

test("the ring keeps the newest 2000, oldest first", () => {
  expect(DEBUG_RING_EVENTS).toBe(2_000);
  const hub = new DebugHub(new SimulatedClock());
  const names = () => hub.events().map(({ event }) => event);
  for (let index = 0; index < 2_000; index += 1) hub.emit({ pipe: "read", event: `e${index}` });
  expect(names()).toEqual(Array.from({ length: 2_000 }, (_, index) => `e${index}`));
  for (let index = 2_000; index < 4_321; index += 1) hub.emit({ pipe: "read", event: `e${index}` });
  expect(names()).toEqual(Array.from({ length: 2_000 }, (_, index) => `e${index + 2_321}`));
});

test("listeners hear what comes after them, until they leave", () => {
  const hub = new DebugHub(new SimulatedClock());
  const heard: string[] = [];
  hub.emit({ pipe: "read", event: "before" });
  const leave = hub.subscribe(({ event }) => heard.push(event));
  hub.emit({ pipe: "read", event: "during" });
  leave();
  leave();
  hub.emit({ pipe: "read", event: "after" });
  expect(heard).toEqual(["during"]);
});

test("a listener may leave while it is being told, without the others missing anything", () => {
  const hub = new DebugHub(new SimulatedClock());
  const heard: string[] = [];
  const leave = hub.subscribe(() => {
    heard.push("first");
    leave();
  });
  hub.subscribe(() => heard.push("second"));
  hub.emit({ pipe: "read", event: "x" });
  hub.emit({ pipe: "read", event: "y" });
  expect(heard).toEqual(["first", "second", "second"]);
});
