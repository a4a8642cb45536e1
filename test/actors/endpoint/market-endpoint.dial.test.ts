/** When an endpoint dials. Feed bounds: B4, B9, B15; F11, F14, F15, F18. */
import { describe, expect, test } from "vitest";
import { createActor } from "xstate";
import { fixedPause, Guardrail, type RetryPolicy } from "../../../src/actors/breaker/retry-policy.js";
import { ATTEMPT_WINDOW_MS, AttemptBudget, MAX_ATTEMPTS } from "../../../src/actors/endpoint/attempt-budget.js";
import { dialMachine } from "../../../src/actors/endpoint/dial.machine.js";
import { FRAME_WINDOW_MS, FRAMES_PER_WINDOW } from "../../../src/exchange/binance/frame-budget.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { candleAt } from "../../support/candles.js";
import { until } from "./socket-server.js";
import { Ear, startEndpoint, streamName } from "./world.js";

/** A policy that never asks for a pause. */
const eager: RetryPolicy = { ...fixedPause, failed: () => 0 };

describe("an endpoint dials", () => {
  test("only when somebody wants a stream, and once for all who want one meanwhile", async () => {
    const { server, attachMany, acknowledged, advance } = await startEndpoint();
    await advance(60_000);
    expect(server.attempts).toEqual([]);
    const first = attachMany(3);
    await until("the attempt", () => server.attempts.length === 1);
    await acknowledged([...first, ...attachMany(3, 3)]);
    expect(server.attempts).toHaveLength(1);
  });

  test("RS-E11 a failed attempt is one failure for each series that waits, and one of the endpoint (B4)", async () => {
    const { server, attachMany, attempted, told, log } = await startEndpoint();
    server.handshake = { status: 503 };
    const parts = attachMany(3);
    await attempted(1);
    expect(parts.map(({ ear }) => ear.losses)).toEqual(Array(3).fill(["handshake refused with HTTP 503"]));
    expect(told).toEqual(["handshake refused with HTTP 503"]);
    expect(log.of("exchange.unreachable")[0]?.fields).toMatchObject({ series: 3, retry_in_s: 2.1 });
  });

  test("RS-E12 again no sooner than its breaker's pause, lengthened at random (B15)", async () => {
    const { server, attach, attempted, advance } = await startEndpoint({ random: () => 1 });
    server.handshake = { status: 503 };
    attach(streamName(0));
    await attempted(1);
    attach(streamName(0));
    await advance(2_199);
    expect(server.attempts).toHaveLength(1);
    await advance(1);
    await attempted(2);
  });

  test("not again when those who waited have left", async () => {
    const { server, attach, attempted, advance, clock } = await startEndpoint();
    server.handshake = { status: 503 };
    attach(streamName(0));
    await attempted(1);
    const { detach } = attach(streamName(0));
    await advance(1_000);
    detach();
    await advance(60_000);
    expect([server.attempts.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  test("RS-E13 with an open breaker a single time after the cooldown, however many series wait (B4)", async () => {
    const breaker: { guardrail?: Guardrail } = {};
    const { server, attachMany, attempted, advance, acknowledged } = await startEndpoint({}, (clock) => {
      breaker.guardrail = new Guardrail(clock, { crashBudget: 2 });
      return breaker.guardrail;
    });
    const state = () => breaker.guardrail?.state;
    server.handshake = { status: 503 };
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      attachMany(4);
      await advance(1_100);
      await attempted(attempt);
    }
    expect(state()).toBe("open");
    attachMany(4);
    await advance(30_000);
    expect(server.attempts).toHaveLength(2);
    await advance(1_500);
    await attempted(3);
    expect(state()).toBe("open");
    server.handshake = "accept";
    const parts = attachMany(4);
    await advance(31_500);
    await acknowledged(parts);
    expect([server.attempts.length, state()]).toEqual([4, "half_open"]);
    server.side.kline(streamName(0), candleAt(60));
    await until("the success", () => state() === "closed");
  });

  test("RS-E14 not while a refusal demands silence (B9)", async () => {
    const refusals: [number, string | null][] = [];
    const { server, attach, attempted, advance, acknowledged } = await startEndpoint({
      onRefused: (status, retryAfter) => {
        refusals.push([status, retryAfter]);
        return 90_000;
      },
    });
    server.handshake = { status: 429, headers: { "retry-after": "90" } };
    attach(streamName(0));
    await attempted(1);
    expect(refusals).toEqual([[429, "90"]]);
    server.handshake = "accept";
    const again = attach(streamName(0));
    await advance(89_999);
    expect(server.attempts).toHaveLength(1);
    await advance(1);
    await acknowledged([again]);
    expect(server.attempts).toHaveLength(2);
  });

  test("at once when one who lost the connection attaches again while being told so", async () => {
    const { server, attach, acknowledged, endpoint } = await startEndpoint({ random: () => 0 }, () => eager);
    class Loyal extends Ear {
      override lost(reason: string): void {
        super.lost(reason);
        endpoint.attach(streamName(0), this);
      }
    }
    const ear = new Loyal();
    attach(streamName(0), ear);
    await acknowledged([{ ear }]);
    server.side.socket.terminate();
    await until("the second acknowledgement", () => ear.subscriptions === 2);
    expect([server.attempts.length, ear.losses.length]).toEqual([2, 1]);
    endpoint.attach(streamName(1), new Ear());
  });

  test("RS-E15 no more often than its budget, whatever breaker and series want (F14, F15)", async () => {
    const { server, attach, attempted, advance, acknowledged } = await startEndpoint({ random: () => 0 }, () => eager);
    server.handshake = { status: 503 };
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      attach(streamName(0));
      await attempted(attempt);
    }
    server.handshake = "accept";
    const last = attach(streamName(0));
    await advance(ATTEMPT_WINDOW_MS - 1);
    expect(server.attempts).toHaveLength(MAX_ATTEMPTS);
    await advance(1);
    await acknowledged([last]);
  });

  test("what is used of its budgets is told: attempts, and the frames of the connection that has sent most", async () => {
    const { endpoint, attach, acknowledged, clock } = await startEndpoint();
    const used = () => [endpoint.budgets.attempts.used, endpoint.budgets.frames.used];
    expect(used()).toEqual([0, 0]);
    await acknowledged([attach(streamName(0))]);
    expect(used()).toEqual([1, 1]);
    clock.advance(FRAME_WINDOW_MS);
    expect(used()).toEqual([1, 0]);
    expect(endpoint.budgets).toMatchObject({
      attempts: { limit: MAX_ATTEMPTS, windowMs: ATTEMPT_WINDOW_MS },
      frames: { limit: FRAMES_PER_WINDOW.futures, windowMs: FRAME_WINDOW_MS },
    });
  });

  test("a base from which no address can be made is a fault, told once", async () => {
    const { attach, faults, advance } = await startEndpoint({ baseUrl: "nonsense" });
    attach(streamName(0));
    await advance(0);
    expect(faults).toMatchObject([{ code: "invalid_base_url" }]);
  });
});

describe("attempt budget", () => {
  test("allows so many attempts in any window, and no more", () => {
    const budget = new AttemptBudget();
    for (let at = 0; at < MAX_ATTEMPTS; at += 1) {
      expect(budget.waitMs(at)).toBe(0);
      budget.note(at);
    }
    expect(budget.waitMs(MAX_ATTEMPTS)).toBe(ATTEMPT_WINDOW_MS - MAX_ATTEMPTS);
    expect(budget.waitMs(ATTEMPT_WINDOW_MS - 1)).toBe(1);
    expect(budget.waitMs(ATTEMPT_WINDOW_MS)).toBe(0);
    budget.note(ATTEMPT_WINDOW_MS);
    expect(budget.waitMs(ATTEMPT_WINDOW_MS)).toBe(1);
  });

  test("tells how many of them count now", () => {
    const budget = new AttemptBudget();
    for (const at of [0, 10, ATTEMPT_WINDOW_MS]) budget.note(at);
    expect([ATTEMPT_WINDOW_MS, ATTEMPT_WINDOW_MS + 10, 3 * ATTEMPT_WINDOW_MS].map((at) => budget.used(at))).toEqual([
      2, 1, 0,
    ]);
  });

  test("stays below what the exchange allows", () => {
    expect(MAX_ATTEMPTS).toBeLessThan(300);
  });
});

describe("dial machine", () => {
  /** The machine with a gate that answers from a list, and a demand that the test sets. */
  function machine(gates: number[]) {
    const clock = new SimulatedClock();
    const state = { wanted: true, dials: 0 };
    const effects = {
      gate: () => gates.shift() ?? 0,
      dial: () => {
        state.dials += 1;
      },
      wanted: () => state.wanted,
    };
    const actor = createActor(dialMachine, { input: { effects }, clock });
    actor.start();
    return { clock, state, actor, value: () => actor.getSnapshot().value };
  }

  test("waits as long as the gate says, and asks again", () => {
    const { clock, state, actor, value } = machine([3_000, 2_000, 0]);
    actor.send({ type: "WANTED" });
    expect(value()).toBe("waiting");
    clock.advance(3_000);
    expect([value(), state.dials]).toEqual(["waiting", 0]);
    clock.advance(2_000);
    expect([value(), state.dials]).toEqual(["dialing", 1]);
  });

  test("dials once at a time, and again only while somebody waits", () => {
    const { state, actor, value } = machine([]);
    actor.send({ type: "WANTED" });
    actor.send({ type: "WANTED" });
    expect(state.dials).toBe(1);
    actor.send({ type: "OPENED" });
    expect([value(), state.dials]).toEqual(["dialing", 2]);
    state.wanted = false;
    actor.send({ type: "ENDED" });
    expect([value(), state.dials]).toEqual(["idle", 2]);
  });

  test.each(["idle", "waiting", "dialing"])("stops when %s, for good", (when) => {
    const { clock, state, actor, value } = machine(when === "waiting" ? [1_000] : []);
    if (when !== "idle") actor.send({ type: "WANTED" });
    expect(value()).toBe(when);
    const before = state.dials;
    actor.send({ type: "STOP" });
    clock.advance(10_000);
    expect([value(), state.dials, clock.pendingTimers]).toEqual(["stopped", before, 0]);
  });
});
