import { expect, test } from "vitest";
import { exposition, histogramSamples, type MetricKind } from "../../src/observability/exposition.js";
import { Metrics } from "../../src/observability/metrics.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { parseExposition } from "../support/exposition.js";

const gauge = (help: string): MetricKind => ({ type: "gauge", labels: [], help });

test("kinds come in their order with help, type and samples, also without any", () => {
  const text = exposition({ b: gauge("Second letter."), a: gauge("First letter.") }, [
    { name: "a", labels: {}, value: 1.5 },
    { name: "b", labels: { x: "1", y: "2" }, value: 0 },
    { name: "a", labels: { x: "1" }, value: -2e-7 },
  ]);
  expect(text).toBe(
    [
      "# HELP b Second letter.",
      "# TYPE b gauge",
      'b{x="1",y="2"} 0',
      "# HELP a First letter.",
      "# TYPE a gauge",
      "a 1.5",
      'a{x="1"} -2e-7',
      "",
    ].join("\n"),
  );
  expect(exposition({ a: gauge("Nothing.") }, [])).toBe("# HELP a Nothing.\n# TYPE a gauge\n");
});

test("what has a meaning in the format is escaped", () => {
  const name = 'a"b\\c\nd}{,=';
  const text = exposition({ m: gauge("back\\slash\nline") }, [{ name: "m", labels: { name }, value: 1 }]);
  expect(text).toContain("# HELP m back\\\\slash\\nline\n");
  expect(text).toContain('m{name="a\\"b\\\\c\\nd}{,="} 1\n');
  expect(parseExposition(text).samples[0]?.labels).toEqual({ name });
});

test("a histogram counts up to each bound, all of them, their number and their sum", () => {
  const metrics = new Metrics(new SimulatedClock(), true);
  for (const ms of [0, 1, 1.1, 400, 10_000, 60_000]) metrics.observe("h", ms, { level: "x" });
  const [recorded] = metrics.recorded().histograms;
  if (recorded === undefined) throw new Error("nothing was recorded");
  const samples = histogramSamples("h", recorded.labels, recorded.value);
  const counts = Object.fromEntries(samples.map(({ part, labels, value }) => [labels.le ?? part, value]));
  expect(counts).toMatchObject({ "0.001": 2, "0.0025": 3, "0.25": 3, "0.5": 4, "5": 4, "10": 5, "+Inf": 6, _count: 6 });
  expect(counts._sum).toBeCloseTo(70.4021);
  expect(samples[0]?.labels).toEqual({ level: "x", le: "0.001" });
});

test("a histogram is one of the keys that are bounded, and none while metrics are off", () => {
  const off = new Metrics(new SimulatedClock(), false);
  off.observe("h", 1);
  expect(off.recorded().histograms).toEqual([]);
  const metrics = new Metrics(new SimulatedClock(), true);
  for (let index = 0; index < 20_001; index += 1) metrics.observe("h", 1, { index: String(index) });
  expect(metrics.recorded().histograms).toHaveLength(20_000);
});
