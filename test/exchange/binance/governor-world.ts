/** A weight governor under a simulated clock, and what its tests do with it. */
import type { RestError } from "../../../src/exchange/binance/rest-errors.js";
import {
  type RequestOutcome,
  WeightGovernor,
  type WeightPermit,
} from "../../../src/exchange/binance/weight-governor.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

export const MINUTE_MS = 60_000;
/** Ten seconds into a minute. */
export const START_MS = 1_746_403_210_000;
export const never = new AbortController().signal;

export function setUp({ limitPerMinute = 6000, offsetMs = 0, random = 0 } = {}) {
  const clock = new SimulatedClock(START_MS);
  const exchangeNowMs = (): number => clock.now() + offsetMs;
  return {
    clock,
    exchangeNowMs,
    governor: new WeightGovernor({ clock, random: () => random, exchangeNowMs, limitPerMinute }),
  };
}

export const answered = (usedWeight: number | null): RequestOutcome => ({ type: "answered", usedWeight });

export const refused = (status: 429 | 418 | 403, retryAfter: string | null = null): RequestOutcome => ({
  type: "refused",
  usedWeight: null,
  refusal: { status, retryAfter, text: "" },
});

/** Lets the first request of a minute pass and reports `usedWeight`, after which the minute is known. */
export async function learn(governor: WeightGovernor, usedWeight: number): Promise<void> {
  (await governor.acquire(1, never)).settle(answered(usedWeight));
}

/** What a promise has come to, without waiting for it. */
export function watch(promise: Promise<WeightPermit>) {
  const state: { permit?: WeightPermit; error?: RestError } = {};
  promise.then(
    (permit) => {
      state.permit = permit;
    },
    (error) => {
      state.error = error;
    },
  );
  return state;
}
