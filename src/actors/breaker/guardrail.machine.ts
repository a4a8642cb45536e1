/**
 * The circuit breaker as a statechart: closed, open, half_open, and isolated by hand. Pure: events carry the time, nothing waits inside, so
 * the machine is run with xstate's `transition` and can be tested without a clock. Spec: ingest §4.7, with Q-4 mended
 * (a failure while open extends the cooldown and never falls back to closed).
 */
import { assign, initialTransition, setup } from "xstate";
import { type MachineState, stateOf, stepped } from "../runtime/machine-state.js";

/** The five numbers of the breaker; times in milliseconds. */
export interface GuardrailConfig {
  /** Failures inside the window that open the breaker. */
  readonly crashBudget: number;
  readonly budgetWindowMs: number;
  readonly backoffInitialMs: number;
  readonly backoffMaxMs: number;
  readonly openCooldownMs: number;
}

export const DEFAULT_GUARDRAIL: GuardrailConfig = {
  crashBudget: 5,
  budgetWindowMs: 60_000,
  backoffInitialMs: 1_000,
  backoffMaxMs: 15_000,
  openCooldownMs: 30_000,
};

const FLOORS: GuardrailConfig = {
  crashBudget: 1,
  budgetWindowMs: 1_000,
  backoffInitialMs: 0,
  backoffMaxMs: 0,
  openCooldownMs: 0,
};

/** `at`: milliseconds of a monotonic clock. */
export type GuardrailEvent =
  | { readonly type: "ATTEMPT"; readonly at: number }
  | { readonly type: "SUCCESS" }
  /** By hand: lets nobody through until it is reset. */
  | { readonly type: "ISOLATE" }
  /** By hand: closed, with nothing remembered. */
  | { readonly type: "RESET" }
  | { readonly type: "FAILURE"; readonly at: number; readonly error: string };

export interface GuardrailContext {
  readonly config: GuardrailConfig;
  /** Times of the failures inside the window, ascending. */
  readonly failures: readonly number[];
  readonly consecutive: number;
  readonly lastError: string | null;
  /** When an open breaker lets an attempt through; null unless open. */
  readonly openUntil: number | null;
  /** The pause that the last failure asked for. */
  readonly lastBackoffMs: number;
}

export type GuardrailState = "closed" | "open" | "half_open" | "isolated";

/** Failures of the window ending at `now`. */
export function inWindow(context: GuardrailContext, now: number): readonly number[] {
  return context.failures.filter((at) => at >= now - context.config.budgetWindowMs);
}

function reachesBudget(context: GuardrailContext, at: number): boolean {
  return inWindow(context, at).length + 1 >= context.config.crashBudget;
}

function failed(context: GuardrailContext, event: { at: number; error: string }): GuardrailContext {
  return {
    ...context,
    failures: [...inWindow(context, event.at), event.at],
    consecutive: context.consecutive + 1,
    lastError: event.error,
  };
}

export const guardrailMachine = setup({
  types: {
    context: {} as GuardrailContext,
    events: {} as GuardrailEvent,
    input: {} as Partial<GuardrailConfig>,
  },
  guards: {
    budgetReached: ({ context, event }) => event.type === "FAILURE" && reachesBudget(context, event.at),
    cooledDown: ({ context, event }) => event.type === "ATTEMPT" && event.at >= (context.openUntil ?? 0),
  },
  actions: {
    backOff: assign(({ context, event }) => {
      if (event.type !== "FAILURE") return context;
      const { backoffInitialMs, backoffMaxMs } = context.config;
      const lastBackoffMs = Math.min(backoffMaxMs, backoffInitialMs * 2 ** context.consecutive);
      return { ...failed(context, event), lastBackoffMs };
    }),
    trip: assign(({ context, event }) => {
      if (event.type !== "FAILURE") return context;
      const { openCooldownMs } = context.config;
      return { ...failed(context, event), openUntil: event.at + openCooldownMs, lastBackoffMs: openCooldownMs };
    }),
    probe: assign({ openUntil: null }),
    note: assign(({ context, event }) => (event.type === "FAILURE" ? failed(context, event) : context)),
    reset: assign({ failures: [], consecutive: 0, openUntil: null, lastBackoffMs: 0 }),
  },
}).createMachine({
  id: "guardrail",
  initial: "closed",
  context: ({ input }) => ({
    config: withFloors(input),
    failures: [],
    consecutive: 0,
    lastError: null,
    openUntil: null,
    lastBackoffMs: 0,
  }),
  on: {
    RESET: { target: ".closed", actions: "reset" },
    ISOLATE: { target: ".isolated", actions: "probe" },
  },
  states: {
    closed: {
      on: {
        FAILURE: [{ guard: "budgetReached", target: "open", actions: "trip" }, { actions: "backOff" }],
        SUCCESS: { actions: "reset" },
      },
    },
    open: {
      on: {
        ATTEMPT: { guard: "cooledDown", target: "half_open", actions: "probe" },
        FAILURE: { target: "open", actions: "trip" },
        SUCCESS: { target: "closed", actions: "reset" },
      },
    },
    half_open: {
      on: {
        FAILURE: { target: "open", actions: "trip" },
        SUCCESS: { target: "closed", actions: "reset" },
      },
    },
    // What is under way may still end one way or the other; it says nothing against the hand that holds the breaker.
    isolated: { on: { FAILURE: { actions: "note" } } },
  },
});

export type Breaker = MachineState<typeof guardrailMachine>;

/** A breaker that nothing has happened to yet. */
export function closedBreaker(config: Partial<GuardrailConfig>): Breaker {
  return stateOf<typeof guardrailMachine>(initialTransition(guardrailMachine, config)[0]);
}

/** A breaker that was something else before; its state and what it remembers are given. */
export function breakerIn(
  value: GuardrailState,
  remembered: Omit<GuardrailContext, "config">,
  config: Partial<GuardrailConfig>,
): Breaker {
  return { value, context: { config: withFloors(config), ...remembered } };
}

/** A breaker after an event. */
export function moved(breaker: Breaker, event: GuardrailEvent): Breaker {
  return stepped(guardrailMachine, breaker, event);
}

function withFloors(config: Partial<GuardrailConfig>): GuardrailConfig {
  const wanted = { ...DEFAULT_GUARDRAIL, ...config };
  return {
    crashBudget: Math.max(FLOORS.crashBudget, wanted.crashBudget),
    budgetWindowMs: Math.max(FLOORS.budgetWindowMs, wanted.budgetWindowMs),
    backoffInitialMs: Math.max(FLOORS.backoffInitialMs, wanted.backoffInitialMs),
    backoffMaxMs: Math.max(FLOORS.backoffMaxMs, wanted.backoffMaxMs),
    openCooldownMs: Math.max(FLOORS.openCooldownMs, wanted.openCooldownMs),
  };
}
