/**
 * The renewal of one connection, make before break, as a statechart: a successor is dialed, both deliver for a while, and
 * then the old one is closed. A successor that does not bring what the old one brings is given up, and another is tried.
 * F10, F13; feed bounds: B3, B14, B23.
 */
import { assign, setup } from "xstate";

export interface RenewalEffects {
  /** Asks for a successor. */
  dial(): void;
  /** The successor is open: gives it all streams. */
  begin(): void;
  /** Every stream has been brought by the successor. */
  complete(): boolean;
  /** Some stream is brought by the old connection only. */
  behind(): boolean;
  /** Closes the old connection. */
  finish(): void;
  /** Closes the successor, if it is open: the old connection goes on alone. */
  handBack(): void;
}

export type RenewalEvent =
  | { readonly type: "OPENED" }
  /** A stream was brought, or is wanted no longer. */
  | { readonly type: "DELIVERED" }
  | { readonly type: "OLD_ENDED" }
  | { readonly type: "SUCCESSOR_ENDED" }
  /** The old connection is about to be closed by the exchange. */
  | { readonly type: "HURRY" };

interface RenewalContext {
  readonly effects: RenewalEffects;
  /** Successors that were given up. */
  readonly failures: number;
}

/** How long both connections are kept at most, in milliseconds: longer than a candle of the shortest timeframe. */
export const HAND_OVER_LIMIT_MS = 110_000;

/** Pause before another successor is tried: doubles from the first to the last, in milliseconds. */
export const FIRST_PAUSE_MS = 30_000;
export const LAST_PAUSE_MS = 600_000;

export const renewalMachine = setup({
  types: {
    context: {} as RenewalContext,
    events: {} as RenewalEvent,
    input: {} as { readonly effects: RenewalEffects },
  },
  delays: {
    limit: HAND_OVER_LIMIT_MS,
    pause: ({ context }) => Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (context.failures - 1)),
  },
  guards: {
    complete: ({ context }) => context.effects.complete(),
    behind: ({ context }) => context.effects.behind(),
  },
  actions: {
    dial: ({ context }) => context.effects.dial(),
    begin: ({ context }) => context.effects.begin(),
    finish: ({ context }) => context.effects.finish(),
    handBack: ({ context }) => context.effects.handBack(),
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
  },
}).createMachine({
  id: "renewal",
  initial: "dialing",
  context: ({ input }) => ({ effects: input.effects, failures: 0 }),
  states: {
    dialing: { entry: "dial", on: { OPENED: "handing_over", OLD_ENDED: "failed", HURRY: { actions: "dial" } } },
    handing_over: {
      entry: "begin",
      on: {
        DELIVERED: { guard: "complete", target: "done" },
        OLD_ENDED: "done",
        SUCCESSOR_ENDED: "pausing",
      },
      after: { limit: [{ guard: "behind", target: "pausing" }, { target: "done" }] },
    },
    pausing: {
      entry: ["countFailure", "handBack"],
      after: { pause: "dialing" },
      on: { HURRY: "dialing", OLD_ENDED: "failed" },
    },
    done: { type: "final", entry: "finish" },
    failed: { type: "final" },
  },
});
