/**
 * When an endpoint dials, as a statechart: only on demand, one attempt at a time, and never before its gate (breaker,
 * backoff, attempt budget, a refusal's Retry-After) lets it. Feed bounds: B4, B9, B15.
 */
import { assign, setup } from "xstate";

export interface DialEffects {
  /** Asks for leave to dial. @returns milliseconds to wait; 0 to go ahead. */
  gate(): number;
  /** Makes one attempt; its end is reported with OPENED or ENDED. */
  dial(): void;
  /** Whether anyone still waits for a connection. */
  wanted(): boolean;
}

export type DialEvent =
  | { readonly type: "WANTED" }
  /** The gate may let through sooner than it said. */
  | { readonly type: "HURRY" }
  | { readonly type: "OPENED" }
  /** The attempt failed. */
  | { readonly type: "ENDED" }
  | { readonly type: "STOP" };

interface DialContext {
  readonly effects: DialEffects;
  readonly waitMs: number;
}

export const dialMachine = setup({
  types: {
    context: {} as DialContext,
    events: {} as DialEvent,
    input: {} as { readonly effects: DialEffects },
  },
  delays: { gate: ({ context }) => context.waitMs },
  guards: {
    mustWait: ({ context }) => context.waitMs > 0,
    unwanted: ({ context }) => !context.effects.wanted(),
  },
  actions: {
    ask: assign({ waitMs: ({ context }) => (context.effects.wanted() ? context.effects.gate() : 0) }),
    dial: ({ context }) => context.effects.dial(),
  },
}).createMachine({
  id: "dial",
  initial: "idle",
  context: ({ input }) => ({ effects: input.effects, waitMs: 0 }),
  on: { STOP: ".stopped" },
  states: {
    idle: { on: { WANTED: "asking" } },
    asking: {
      entry: "ask",
      always: [{ guard: "unwanted", target: "idle" }, { guard: "mustWait", target: "waiting" }, { target: "dialing" }],
    },
    waiting: { after: { gate: "asking" }, on: { HURRY: "asking" } },
    // Whoever began to wait during the attempt, and found no room in it, is served by the next.
    dialing: { entry: "dial", on: { OPENED: "asking", ENDED: "asking" } },
    stopped: { type: "final" },
  },
});
