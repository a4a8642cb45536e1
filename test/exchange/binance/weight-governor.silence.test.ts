import { describe, expect, it } from "vitest";
import { BLOCKED_MS, LONGEST_SILENCE_MS, RATE_LIMIT_DEFAULT_MS } from "../../../src/exchange/binance/silence.js";
import { WeightGovernor } from "../../../src/exchange/binance/weight-governor.js";
import { SettableClock } from "../../support/settable-clock.js";
import { answered, learn, never, refused, START_MS, setUp, watch } from "./governor-world.js";

describe("silence", () => {
  it("begins with a refusal, is told, refuses everyone waiting and coming, and ends in time", async () => {
    const { clock, governor } = setUp({ random: 0.5 });
    const told: unknown[] = [];
    const off = governor.onSilence((silence) => told.push(silence));
    const permit = await governor.acquire(2, never);
    const waiter = watch(governor.acquire(2, never));
    permit.settle(refused(429, "30"));
    await clock.advanceSettled(0);
    const silence = { cause: "rate_limited", untilMs: START_MS + 30_500 };
    expect(told).toEqual([silence]);
    expect(governor.silence()).toEqual(silence);
    expect(waiter.error).toMatchObject({ code: "silenced", retryAfterMs: 30_500 });
    await clock.advanceSettled(30_499);
    await expect(governor.acquire(2, never)).rejects.toMatchObject({ code: "silenced", retryAfterMs: 1 });
    await clock.advanceSettled(1);
    expect(governor.silence()).toBeNull();
    (await governor.acquire(2, never)).settle(answered(2));
    off();
    governor.noteRefusal({ status: 429, retryAfter: "5", text: "" });
    expect(told).toHaveLength(1);
  });

  it("gets longer by later refusals, never shorter", async () => {
    const { governor } = setUp();
    governor.noteRefusal({ status: 418, retryAfter: "300", text: "" });
    governor.noteRefusal({ status: 429, retryAfter: "10", text: "" });
    expect(governor.silence()).toEqual({ cause: "banned", untilMs: START_MS + 300_000 });
    governor.noteRefusal({ status: 429, retryAfter: "400", text: "" });
    expect(governor.silence()).toEqual({ cause: "rate_limited", untilMs: START_MS + 400_000 });
  });

  it("without a named time doubles by repetition; answers of requests under way together are one", async () => {
    const { clock, governor } = setUp();
    await learn(governor, 1);
    const permits = await Promise.all([governor.acquire(2, never), governor.acquire(2, never)]);
    for (const permit of permits) permit.settle(refused(429));
    expect(governor.silenceLeftMs()).toBe(RATE_LIMIT_DEFAULT_MS);
    await clock.advanceSettled(RATE_LIMIT_DEFAULT_MS);
    (await governor.acquire(2, never)).settle(refused(429));
    expect(governor.silenceLeftMs()).toBe(2 * RATE_LIMIT_DEFAULT_MS);
    await clock.advanceSettled(2 * RATE_LIMIT_DEFAULT_MS);
    (await governor.acquire(2, never)).settle(answered(2));
    (await governor.acquire(2, never)).settle(refused(429));
    expect(governor.silenceLeftMs()).toBe(RATE_LIMIT_DEFAULT_MS);
  });

  it("after a firewall block lasts minutes", async () => {
    const { governor } = setUp();
    (await governor.acquire(2, never)).settle(refused(403));
    expect(governor.silence()).toEqual({ cause: "blocked", untilMs: START_MS + BLOCKED_MS });
  });

  it("F27: can be taken over from an earlier run, within reason", async () => {
    const { governor } = setUp();
    governor.restoreSilence(0);
    governor.restoreSilence(Number.NaN);
    expect(governor.silence()).toBeNull();
    governor.restoreSilence(90_000);
    expect(governor.silence()).toEqual({ cause: "restored", untilMs: START_MS + 90_000 });
    await expect(governor.acquire(1, never)).rejects.toMatchObject({ code: "silenced", retryAfterMs: 90_000 });
    governor.restoreSilence(LONGEST_SILENCE_MS * 2);
    expect(governor.silence()?.untilMs).toBe(START_MS + LONGEST_SILENCE_MS);
  });

  it("F24: ends when its time is over, although the clocks by which it was told have been moved", () => {
    const clock = new SettableClock(START_MS);
    const exchangeNowMs = (): number => clock.now();
    const governor = new WeightGovernor({ clock, random: () => 0, exchangeNowMs, limitPerMinute: 6_000 });
    governor.noteRefusal({ status: 429, retryAfter: "60", text: "" });
    clock.wallShiftMs = 240_000;
    expect(governor.silenceLeftMs()).toBe(60_000);
    expect(governor.silence()).toEqual({ cause: "rate_limited", untilMs: START_MS + 300_000 });
    clock.wallShiftMs = -60_000;
    clock.advance(59_999);
    expect(governor.silenceLeftMs()).toBe(1);
    clock.advance(1);
    expect(governor.silence()).toBeNull();
  });
});
