import { expect, test } from "vitest";
import { Metrics } from "../../src/observability/metrics.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

test("counters add up, gauges move, timers keep count, sum, longest and average", () => {
  const clock = new SimulatedClock(1_000);
  const metrics = new Metrics(clock, true);
  metrics.count("c");
  metrics.count("c", {}, 4);
  metrics.count("c", { result: "ok" }, 0);
  metrics.gauge("g", 5);
  metrics.gauge("g", -2);
  metrics.adjust("a", 3);
  metrics.adjust("a", -1);
  for (const ms of [2, 6, 1]) metrics.time("t", ms);
  clock.advance(234.6);
  metrics.count("c");
  expect(metrics.snapshot()).toEqual({
    enabled: true,
    updated_at_ms: 1_235,
    counters: { c: 6, "c{result=ok}": 0 },
    gauges: { a: 2, g: -2 },
    timers: { t: { count: 3, total_ms: 9, max_ms: 6, avg_ms: 3 } },
  });
});

test("labels are sorted by name, keys by code point", () => {
  const metrics = new Metrics(new SimulatedClock(), true);
  metrics.count("b", { z: "1", a: "2" });
  metrics.count("b", { a: "2", z: "1" });
  metrics.count("a");
  metrics.count("B");
  expect(Object.entries(metrics.snapshot().counters)).toEqual([
    ["B", 1],
    ["a", 1],
    ["b{a=2,z=1}", 2],
  ]);
});

test("switched off, nothing is recorded", () => {
  const metrics = new Metrics(new SimulatedClock(5), false);
  metrics.count("c");
  metrics.gauge("g", 1);
  metrics.adjust("g", 1);
  metrics.time("t", 1);
  expect(metrics.snapshot()).toEqual({ enabled: false, updated_at_ms: 0, counters: {}, gauges: {}, timers: {} });
});

test("the number of keys is bounded; those that are there go on", () => {
  const metrics = new Metrics(new SimulatedClock(), true);
  for (let index = 0; index < 20_100; index += 1) metrics.gauge("g", index, { series_id: String(index) });
  metrics.gauge("g", 7, { series_id: "0" });
  const { gauges } = metrics.snapshot();
  expect(Object.keys(gauges)).toHaveLength(20_000);
  expect(gauges["g{series_id=0}"]).toBe(7);
  expect(gauges["g{series_id=20050}"]).toBeUndefined();
});

test("a snapshot does not change afterwards", () => {
  const metrics = new Metrics(new SimulatedClock(), true);
  metrics.time("t", 1);
  const before = metrics.snapshot();
  metrics.time("t", 9);
  expect(before.timers.t?.count).toBe(1);
});
