import { describe, expect, it } from "vitest";
import {
  BREAKER_MIN_REQUESTS,
  BREAKER_OPEN_MS,
  BREAKER_WINDOW_MS,
  EndpointBreaker,
} from "../../../src/exchange/binance/endpoint-breaker.js";
import { RestError, type RestErrorCode } from "../../../src/exchange/binance/rest-errors.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

const START_MS = 1_746_403_200_000;

function setUp() {
  const clock = new SimulatedClock(START_MS);
  return { clock, breaker: new EndpointBreaker("binance:spot:klines", clock) };
}

const fail = (breaker: EndpointBreaker, code: RestErrorCode = "server_error"): Promise<unknown> =>
  breaker.run(() => Promise.reject(new RestError(code, "HTTP 503"))).catch((error: unknown) => error);

const succeed = (breaker: EndpointBreaker): Promise<string> => breaker.run(() => Promise.resolve("data"));

async function open(breaker: EndpointBreaker): Promise<void> {
  for (let n = 0; n < BREAKER_MIN_REQUESTS; n += 1) await fail(breaker);
}

describe("EndpointBreaker", () => {
  it("passes results and errors through while closed", async () => {
    const { breaker } = setUp();
    expect(await succeed(breaker)).toBe("data");
    expect(await fail(breaker)).toMatchObject({ code: "server_error" });
    expect(breaker.snapshot()).toEqual({
      name: "binance:spot:klines",
      state: "closed",
      sinceMs: START_MS,
      requests: 2,
      failures: 1,
      lastError: "server_error: HTTP 503",
      nextAttemptInMs: 0,
      transitions: [],
    });
  });

  it("opens after enough failures and then refuses without running anything", async () => {
    const { clock, breaker } = setUp();
    await open(breaker);
    clock.advance(5_000);
    let ran = false;
    const attempt = breaker.run(async () => {
      ran = true;
    });
    await expect(attempt).rejects.toMatchObject({ code: "breaker_open", retryAfterMs: BREAKER_OPEN_MS - 5_000 });
    expect(() => breaker.assertNotOpen()).toThrow(/^breaker_open: binance:spot:klines failed too often: server_error/);
    expect(ran).toBe(false);
    expect(breaker.snapshot()).toMatchObject({
      state: "open",
      sinceMs: START_MS,
      nextAttemptInMs: BREAKER_OPEN_MS - 5_000,
    });
  });

  it("lets one request try when its clock says so; a success closes it", async () => {
    const { clock, breaker } = setUp();
    await open(breaker);
    clock.advance(BREAKER_OPEN_MS - 1);
    expect(breaker.snapshot().state).toBe("open");
    clock.advance(1);
    expect(breaker.snapshot().state).toBe("half_open");
    let finish: (value: string) => void = () => {};
    const trial = breaker.run(
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    await expect(succeed(breaker)).rejects.toMatchObject({ code: "breaker_open" });
    finish("tried");
    expect(await trial).toBe("tried");
    expect(breaker.snapshot()).toMatchObject({ state: "closed", failures: 0 });
    expect(breaker.snapshot().transitions).toEqual([
      { atMs: START_MS, from: "closed", to: "open" },
      { atMs: START_MS + BREAKER_OPEN_MS, from: "open", to: "half_open" },
      { atMs: START_MS + BREAKER_OPEN_MS, from: "half_open", to: "closed" },
    ]);
  });

  it("opens again when the trial fails, and remembers only the last transitions", async () => {
    const { clock, breaker } = setUp();
    await open(breaker);
    for (let round = 0; round < 10; round += 1) {
      clock.advance(BREAKER_OPEN_MS);
      expect(await fail(breaker)).toMatchObject({ code: "server_error" });
      expect(breaker.snapshot()).toMatchObject({ state: "open", nextAttemptInMs: BREAKER_OPEN_MS });
    }
    expect(breaker.snapshot().transitions).toHaveLength(20);
  });

  it("forgets failures that are older than its window", async () => {
    const { clock, breaker } = setUp();
    for (let n = 1; n < BREAKER_MIN_REQUESTS; n += 1) await fail(breaker);
    clock.advance(BREAKER_WINDOW_MS);
    await fail(breaker);
    expect(breaker.snapshot()).toMatchObject({ state: "closed", failures: 1 });
  });

  it("does not open for refusals and mistakes of the client", async () => {
    const { breaker } = setUp();
    for (const code of ["rate_limited", "banned", "invalid_symbol", "bad_request", "aborted"] as const) {
      for (let n = 0; n < 3; n += 1) await fail(breaker, code);
    }
    expect(breaker.snapshot()).toMatchObject({ state: "closed", failures: 0, lastError: null });
  });

  it("opens for errors that nobody foresaw", async () => {
    const { breaker } = setUp();
    for (let n = 0; n < BREAKER_MIN_REQUESTS; n += 1) {
      await expect(breaker.run(() => Promise.reject(new TypeError("bug")))).rejects.toThrow("bug");
    }
    expect(breaker.snapshot()).toMatchObject({ state: "open", lastError: "bug" });
  });

  it("takes a trial that was given up for no success", async () => {
    const { clock, breaker } = setUp();
    await open(breaker);
    clock.advance(BREAKER_OPEN_MS);
    await fail(breaker, "aborted");
    expect(breaker.snapshot().state).toBe("open");
  });

  it("takes a trial that the exchange refused for a working endpoint", async () => {
    const { clock, breaker } = setUp();
    await open(breaker);
    clock.advance(BREAKER_OPEN_MS);
    await fail(breaker, "invalid_symbol");
    expect(breaker.snapshot().state).toBe("closed");
  });

  it("is not moved by a request from before it opened", async () => {
    const { clock, breaker } = setUp();
    let failLate: (error: Error) => void = () => {};
    const late = breaker.run(
      () =>
        new Promise<never>((_resolve, reject) => {
          failLate = reject;
        }),
    );
    await open(breaker);
    clock.advance(BREAKER_OPEN_MS);
    await succeed(breaker);
    failLate(new RestError("timeout", "late"));
    await expect(late).rejects.toMatchObject({ code: "timeout" });
    expect(breaker.snapshot()).toMatchObject({ state: "closed", failures: 0, lastError: "server_error: HTTP 503" });
  });

  it("sets no timer on the injected clock", async () => {
    const { clock, breaker } = setUp();
    await open(breaker);
    expect(clock.pendingTimers).toBe(0);
  });
});
