/**
 * Scenario A-1.R2: the numbers of the breaker as an observer sees them, with the exchange cutting and refusing
 * connections, on a scaled clock. Spec: ingest §4.7; feed bound B4.
 */
import { describe, expect, test } from "vitest";
import type { BreakerView } from "../../src/actors/breaker/breaker-view.js";
import type { GuardrailView } from "../../src/actors/breaker/retry-policy.js";
import type { IngestStateView } from "../../src/actors/feed/ingest-state.js";
import { candles, get } from "../support/http.js";
import { type DaemonProcess, startProcess } from "../support/process.js";
import { until, untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, ETH, startWorld, type World } from "../support/world.js";

/** A second of the exchange is 100 ms: long enough that the machine's own delays do not blur the numbers. */
const SPEED = 10;

/** What an attempt may be late: jitter of a tenth of the pause, and the machine's delays, in seconds of the exchange. */
const LATE_PART = 0.1;
const LATE_S = 1.5;

const base = {
  TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
  TRADE_CANVAS_ENABLE_DEBUG_API: "1",
};

async function jobs({ url }: DaemonProcess): Promise<IngestStateView["jobs"]> {
  return (await get<IngestStateView>(`${url}/api/market/debug/ingest_state`)).body.jobs;
}

async function guardrail(daemon: DaemonProcess): Promise<GuardrailView> {
  const view = (await jobs(daemon))[0]?.guardrail;
  if (!view) throw new Error("the job has no guardrail");
  return view;
}

/** How the breaker of the series has moved so far. */
async function transitions({ url }: DaemonProcess): Promise<readonly string[]> {
  const { body } = await get<{ readonly series: readonly BreakerView[] }>(`${url}/api/feed/breakers`);
  return (body.series[0]?.transitions ?? []).map(({ from, to }) => `${from} > ${to}`);
}

/** Seconds between the connection attempts that the exchange saw. */
function pauses({ exchange }: World, afterSequence = 0): readonly number[] {
  const times = exchange.futures.journal.entries("attempt", afterSequence).map((attempt) => attempt.atMs / 1000);
  return times.slice(1).map((time, index) => time - (times[index] as number));
}

function expectPauses(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBeGreaterThanOrEqual(expected.length);
  expected.forEach((pause, index) => {
    expect(actual[index]).toBeGreaterThanOrEqual(pause - 0.2);
    expect(actual[index]).toBeLessThanOrEqual(pause * (1 + LATE_PART) + LATE_S);
  });
}

describe("with the guardrail", () => {
  test("refused from the start: 1, 2, 4, 8 s, open for 30 s, one probe, open again, closed by the first candle", async () => {
    const world = await startWorld({ speed: SPEED });
    const { faults, journal } = world.exchange.futures;
    const refusing = faults.switchOn({ kind: "refuse-connections", status: 503 });
    const daemon = await startProcess(["start", "--bare"], {
      ...world.env,
      ...base,
      TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
      TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC]),
    });
    const opened = await until("the breaker to open", async () => {
      const view = await guardrail(daemon);
      return view.state === "open" ? view : undefined;
    });
    expect(opened).toMatchObject({ window_failures: 5, consecutive_failures: 5, last_backoff_s: 30 });
    expect(opened.last_error).toContain("503");
    expect(opened.next_retry_in_s).toBeGreaterThan(20);
    expect(opened.next_retry_in_s).toBeLessThanOrEqual(30);
    expectPauses(pauses(world), [1, 2, 4, 8]);
    expect(journal.count("attempt")).toBe(5);

    await untilTrue("the cooldown to run down", async () => (await guardrail(daemon)).next_retry_in_s < 20);
    expect(journal.count("attempt")).toBe(5);
    await untilTrue("the probe", () => journal.count("attempt") === 6);
    await untilTrue("the breaker to open again", async () => (await guardrail(daemon)).next_retry_in_s > 20);
    expect(await guardrail(daemon)).toMatchObject({ state: "open", consecutive_failures: 6, last_backoff_s: 30 });
    expectPauses(pauses(world).slice(4), [30]);
    const moves = await transitions(daemon);
    expect(moves).toEqual(["closed > open", "open > half_open", "half_open > open"]);

    faults.switchOff(refusing);
    await untilTrue("the next probe to succeed", async () => (await guardrail(daemon)).state === "closed");
    expect(journal.count("attempt")).toBe(7);
    expect(await guardrail(daemon)).toMatchObject({
      window_failures: 0,
      consecutive_failures: 0,
      last_backoff_s: 0,
      next_retry_in_s: 0,
    });
    expect(await transitions(daemon)).toEqual([...moves, "open > half_open", "half_open > closed"]);
  });

  test("an open connection is not yet a success: without data, cuts lead to the open breaker as well", async () => {
    const world = await startWorld({ speed: SPEED });
    const { faults } = world.exchange.futures;
    const silent = faults.switchOn({ kind: "silence" });
    const daemon = await startProcess(["start", "--bare"], {
      ...world.env,
      ...base,
      TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
      TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC, ETH]),
    });
    for (let cut = 1; cut <= 5; cut += 1) {
      await untilTrue(`connection ${cut}`, () => subscribedStreams(world) === 2);
      world.exchange.futures.strike({ kind: "cut", manner: { by: "reset" } });
      await untilTrue(`failure ${cut}`, async () => (await guardrail(daemon)).window_failures === cut);
    }
    for (const { guardrail: view } of await jobs(daemon)) {
      // One lost connection is one failure for each series on it.
      expect(view).toMatchObject({ state: "open", window_failures: 5, consecutive_failures: 5 });
    }
    faults.switchOff(silent);
    await untilTrue("data to close the breakers", async () =>
      (await jobs(daemon)).every((job) => job.guardrail?.state === "closed" && job.guardrail.window_failures === 0),
    );
  });

  test("unreachable: what is stored is served while the breaker is open, and the feed comes back by itself", async () => {
    const world = await startWorld({ speed: SPEED });
    await world.exchange.futures.goOffline();
    const daemon = await startProcess(["start"], { ...world.env, TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC]) });
    await untilTrue("the breaker to open", async () => (await guardrail(daemon)).state === "open");
    expect(daemon.output()).toContain('"event":"exchange.unreachable"');
    expect((await candles(daemon.url, BTC)).status).toBe(200);
    await world.exchange.futures.goOnline();
    await untilTrue("candles", async () => (await candles(daemon.url, BTC)).body.candles.length > 100, 30_000);
    await untilTrue("the breaker to close", async () => (await guardrail(daemon)).state === "closed", 30_000);
  });
});

test("without the guardrail there is none to show, and attempts are 2 s apart", async () => {
  const world = await startWorld({ speed: SPEED });
  world.exchange.futures.faults.switchOn({ kind: "refuse-connections", status: 503 });
  const daemon = await startProcess(["start", "--bare"], {
    ...world.env,
    ...base,
    TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC]),
  });
  await untilTrue("attempts", () => world.exchange.futures.journal.count("attempt") >= 8);
  expectPauses(pauses(world), [2, 2, 2, 2, 2, 2, 2]);
  expect((await jobs(daemon))[0]).toMatchObject({ guardrail: null, running: true });
});

function subscribedStreams({ exchange }: World): number {
  return exchange.futures.connections().reduce((sum, connection) => sum + connection.subscriptions.length, 0);
}
