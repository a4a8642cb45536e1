import { expect, test } from "vitest";
import { debugNote, type HttpContext } from "../../src/http/context.js";
import { DebugHub } from "../../src/observability/debug-hub.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

function contextWith(debugApi: boolean): HttpContext {
  const debug = new DebugHub(new SimulatedClock());
  const gates = { debugApi, devApi: false, runtimeMetrics: false, klineHealth: false };
  return { debug, gates } as unknown as HttpContext;
}

test("events of requests exist only while the debug API is on", () => {
  for (const on of [true, false]) {
    const context = contextWith(on);
    debugNote(context, { pipe: "read", event: "read.something" });
    expect(context.debug.events()).toHaveLength(on ? 1 : 0);
  }
});
