import { expect, test } from "vitest";
import type { Breaker } from "../../../src/client/answers/feed.js";
import { ClientError } from "../../../src/client/errors.js";
import type { DebugEvent } from "../../../src/client/messages.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import {
  LONGEST_PAUSE_MS,
  type RuntimeSnapshot,
  RuntimeWatch,
  SHORTEST_PAUSE_MS,
  type WatchOptions,
} from "../../../web/src/runtime/watch.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const event = (name: string, level: DebugEvent["level"] = "info") => ({ event: name, level }) as DebugEvent;
const refusal = (status: number) =>
  new ClientError("refused", `refused with ${status}`, {
    refusal: { status, detail: "not_found", retryAfterS: undefined },
  });

interface Standing {
  breakers: Breaker[];
  tree: () => object;
  feed: () => object;
  error: Error | null;
  /** When it was read. */
  readonly reads: number[];
}

/** A watch on a simulated clock, upon answers that can be changed. */
function world(change: Partial<Standing> = {}) {
  const clock = new SimulatedClock(0);
  const state: Standing = { breakers: [], tree: () => ({}), feed: () => ({}), reads: [], error: null, ...change };
  const told: RuntimeSnapshot[] = [];
  const failures: string[] = [];
  const client = {
    breakers: async () => {
      state.reads.push(clock.now());
      if (state.error !== null) throw state.error;
      return { schema_version: 1, now_ms: clock.now(), series: state.breakers, endpoints: [], rest: [] };
    },
    feedState: async () => state.feed(),
    runtimeTree: async () => state.tree(),
    gaps: async () => ({ gaps: [] }),
  } as unknown as WatchOptions["client"];
  const watch = new RuntimeWatch({
    client,
    series: () => SERIES,
    told: (snapshot) => told.push(snapshot),
    failed: (reason) => failures.push(reason),
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    clearTimeout: (timer) => clock.clearTimeout(timer as Parameters<typeof clock.clearTimeout>[0]),
  });
  /** Lets what was asked come back, and time pass in steps. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(100);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { watch, state, told, failures, pass };
}

test("it reads at once and now and then, and no more after its end", async () => {
  const { watch, state, told, pass } = world();
  await pass(LONGEST_PAUSE_MS * 3);
  expect(state.reads).toHaveLength(4);
  expect(told.at(-1)).toMatchObject({ series: SERIES, gaps: [], feed: { value: {} }, tree: { value: {} } });
  watch.end();
  await pass(LONGEST_PAUSE_MS * 2);
  expect(state.reads).toHaveLength(4);
});

test("what happens inside makes it read, at most once a second", async () => {
  const { watch, state, pass } = world();
  await pass(100);
  watch.happened([event("write.factor.ingest_done")]);
  await pass(2_000);
  expect(state.reads).toHaveLength(1);
  for (let at = 0; at < 30; at += 1) {
    watch.happened([event("feed.breaker.moved"), event("x", "warn")]);
    await pass(100);
  }
  const pauses = state.reads.slice(1).map((time, at) => time - (state.reads[at] ?? 0));
  expect(state.reads.length).toBeGreaterThanOrEqual(3);
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(SHORTEST_PAUSE_MS);
  watch.end();
});

test("while a breaker is open it reads every second", async () => {
  const { watch, state, pass } = world({ breakers: [{ state: "open" } as Breaker] });
  await pass(5_000);
  expect(state.reads.length).toBeGreaterThanOrEqual(5);
  watch.end();
});

test("a part that is closed says how it opens, and a daemon that does not answer is told of", async () => {
  const closed = (status: number) => () => {
    throw refusal(status);
  };
  const { watch, state, told, failures, pass } = world({ tree: closed(404), feed: closed(403) });
  await pass(200);
  expect(told.at(-1)?.tree).toEqual({ closed: expect.stringContaining("TRADE_CANVAS_ENABLE_DEBUG_API=1") });
  expect(told.at(-1)?.feed).toEqual({ closed: expect.stringContaining("token") });
  state.error = new ClientError("unreachable", "no daemon");
  await pass(LONGEST_PAUSE_MS);
  expect(failures).toEqual(["no daemon"]);
  state.error = null;
  await pass(LONGEST_PAUSE_MS);
  expect(told.length).toBeGreaterThanOrEqual(2);
  watch.end();
});
