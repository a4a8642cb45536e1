/** All breakers in one place: shown, told of, moved by hand, and kept across restarts. */
import { describe, expect, onTestFinished, test } from "vitest";
import { BreakerBoard } from "../../../src/actors/breaker/breaker-board.js";
import { BREAKER_MIN_REQUESTS, EndpointBreaker } from "../../../src/exchange/binance/endpoint-breaker.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";
import { DebugHub } from "../../../src/observability/debug-hub.js";
import { Metrics } from "../../../src/observability/metrics.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { openLmdbStore } from "../../../src/storage/lmdb-store.js";
import { tempFolder } from "../../support/temp.js";
import { RecordingLog } from "../series/world.js";

const START_MS = 1_746_403_200_000;
const SERIES = "binance:futures:BTC/USDT:1m";
const KLINES = "binance:spot:klines";

/** A process on a folder: a board with its clock, whose monotonic time begins anew with each. */
function startProcess(folder: string, nowMs = START_MS) {
  const clock = new SimulatedClock(nowMs);
  const store = openLmdbStore(folder);
  onTestFinished(() => store.close());
  const [log, debug, metrics] = [new RecordingLog(), new DebugHub(clock), new Metrics(clock, true)];
  const board = new BreakerBoard({ clock, log, debug, metrics, store });
  const rest = (): EndpointBreaker => {
    const breaker = new EndpointBreaker(KLINES, clock);
    board.adopt(breaker);
    return breaker;
  };
  /** As if the process were killed: what was put away before is on disk. */
  const end = async (): Promise<number> => {
    await store.putState("last", 1);
    await store.close();
    return clock.now();
  };
  return { clock, board, log, debug, metrics, store, rest, end };
}

async function openedBy(breaker: EndpointBreaker): Promise<void> {
  for (let n = 0; n < BREAKER_MIN_REQUESTS; n += 1) {
    await breaker.run(() => Promise.reject(new RestError("server_error", "HTTP 503"))).catch(() => undefined);
  }
}

describe("a transition", () => {
  test("is in the log, in the metrics and among the debug events", () => {
    const { board, log, debug, metrics } = startProcess(tempFolder());
    const breaker = board.guardrail("series", SERIES);
    for (let n = 0; n < 5; n += 1) breaker.failed("refused");
    expect(log.of("breaker.opened").map(({ level, fields }) => [level, fields])).toEqual([
      ["warn", { breaker: "series", name: SERIES, from: "closed", last_error: "refused" }],
    ]);
    expect(metrics.snapshot().counters).toEqual({ "feed_breaker_transitions_total{kind=series,to=open}": 1 });
    expect(debug.events()).toMatchObject([
      {
        event: "feed.breaker.moved",
        series_id: SERIES,
        level: "warn",
        data: { kind: "series", name: SERIES, from: "closed", to: "open", last_error: "refused" },
      },
    ]);
  });

  test("of a REST endpoint is told like any other", async () => {
    const { board, log, rest } = startProcess(tempFolder());
    await openedBy(rest());
    expect(log.of("breaker.opened")[0]?.fields).toMatchObject({ breaker: "rest", name: KLINES });
    expect(board.views("rest")).toMatchObject([
      { state: "open", last_error: "server_error: HTTP 503", failures_in_window: BREAKER_MIN_REQUESTS },
    ]);
  });
});

describe("a restart", () => {
  test("RS-B9 finds an open breaker as it was, with the rest of its cooldown and its transitions", async () => {
    const folder = tempFolder();
    const first = startProcess(folder);
    const breaker = first.board.guardrail("endpoint", "binance:spot");
    for (let n = 0; n < 5; n += 1) breaker.failed("refused");
    first.clock.advance(10_000);
    const endedMs = await first.end();
    const second = startProcess(folder, endedMs + 5_000);
    const again = second.board.guardrail("endpoint", "binance:spot");
    expect(again.attempt()).toBe(15_000);
    expect(second.board.views("endpoint")).toEqual([
      {
        kind: "endpoint",
        name: "binance:spot",
        state: "open",
        since_ms: START_MS,
        in_state_ms: 15_000,
        failures_in_window: 5,
        last_error: "refused",
        next_attempt_in_ms: 15_000,
        transitions: [{ at_ms: START_MS, from: "closed", to: "open" }],
      },
    ]);
    second.clock.advance(15_000);
    expect([again.attempt(), again.state]).toEqual([0, "half_open"]);
  });

  test("finds one that is held open by hand still held", async () => {
    const folder = tempFolder();
    const first = startProcess(folder);
    first.board.guardrail("series", SERIES);
    first.rest();
    first.board.find("series", SERIES)?.isolate();
    first.board.find("rest", KLINES)?.isolate();
    const endedMs = await first.end();
    const second = startProcess(folder, endedMs + 86_400_000);
    expect(second.board.guardrail("series", SERIES).attempt()).toBeGreaterThan(0);
    expect(() => second.rest().assertNotOpen()).toThrow("is held open by hand");
    second.board.find("rest", KLINES)?.reset();
    expect(second.board.views("rest")).toMatchObject([{ state: "closed", next_attempt_in_ms: 0 }]);
  });

  test("finds an open REST breaker open, and half-open when its time is over", async () => {
    const folder = tempFolder();
    const first = startProcess(folder);
    await openedBy(first.rest());
    const endedMs = await first.end();
    const soon = startProcess(folder, endedMs + 5_000);
    const breaker = soon.rest();
    expect(breaker.snapshot()).toMatchObject({ state: "open", nextAttemptInMs: 15_000 });
    expect(() => breaker.assertNotOpen()).toThrow("failed too often");
    const laterMs = await soon.end();
    const late = startProcess(folder, laterMs + 60_000).rest();
    expect(late.snapshot()).toMatchObject({ state: "half_open", nextAttemptInMs: 0 });
    expect(await late.run(() => Promise.resolve("data"))).toBe("data");
    expect(late.snapshot().state).toBe("closed");
  });

  test("begins with closed breakers where the record is not one", async () => {
    const folder = tempFolder();
    const first = startProcess(folder);
    await first.store.putState(`breaker:series:${SERIES}`, { state: "ajar" });
    const breaker = first.board.guardrail("series", SERIES);
    expect([breaker.state, breaker.attempt()]).toEqual(["closed", 0]);
  });

  test("forgets a breaker whose job has ended", async () => {
    const folder = tempFolder();
    const first = startProcess(folder);
    const breaker = first.board.guardrail("series", SERIES);
    for (let n = 0; n < 5; n += 1) breaker.failed("refused");
    first.board.forget("series", SERIES);
    expect(first.board.views("series")).toEqual([]);
    const endedMs = await first.end();
    expect(startProcess(folder, endedMs).board.guardrail("series", SERIES).state).toBe("closed");
  });
});

describe("within a process", () => {
  test("a breaker that was forgotten or replaced moves on unheard", () => {
    const { board, log } = startProcess(tempFolder());
    const old = board.guardrail("series", SERIES);
    board.forget("series", SERIES);
    board.guardrail("series", SERIES);
    for (let n = 0; n < 5; n += 1) old.failed("refused");
    expect(log.of("breaker.opened")).toEqual([]);
    expect(board.views("series")).toMatchObject([{ state: "closed", transitions: [] }]);
  });

  test("a breaker that is made anew goes on as the one before it, by its name", () => {
    const { board } = startProcess(tempFolder());
    const breaker = board.guardrail("endpoint", "binance:spot");
    for (let n = 0; n < 5; n += 1) breaker.failed("refused");
    expect(board.guardrail("endpoint", "binance:spot").attempt()).toBe(30_000);
    expect(board.guardrail("endpoint", "binance:futures").attempt()).toBe(0);
    expect(board.views("endpoint").map(({ name }) => name)).toEqual(["binance:futures", "binance:spot"]);
  });

  test("a record that cannot be written costs nothing but itself", async () => {
    const { clock, log, debug, metrics } = startProcess(tempFolder());
    const store = { state: () => undefined, putState: () => Promise.reject(new Error("disk full")) };
    const board = new BreakerBoard({ clock, log, debug, metrics, store });
    board.guardrail("series", SERIES);
    board.find("series", SERIES)?.isolate();
    await Promise.resolve();
    await Promise.resolve();
    expect(log.of("breaker.not_saved")).toHaveLength(1);
    expect(board.views("series")).toMatchObject([{ state: "isolated" }]);
  });
});
