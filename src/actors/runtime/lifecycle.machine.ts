/**
 * The life of a supervised child as a statechart. Pure: the supervisor asks it what the next state is and does the
 * work; an event that does not fit the state changes nothing.
 */
import { assign, initialTransition, setup } from "xstate";
import { type MachineState, stateOf, stepped } from "./machine-state.js";

export type LifecycleEvent =
  | { readonly type: "STARTING" }
  | { readonly type: "STARTED" }
  | { readonly type: "CRASHED"; readonly error: string }
  | { readonly type: "SUSPENDED" }
  | { readonly type: "STOPPING" }
  | { readonly type: "STOPPED" };

export interface LifecycleContext {
  /** How often the child was started. */
  readonly starts: number;
  readonly crashes: number;
  readonly lastError: string | null;
}

export const lifecycleMachine = setup({
  types: { context: {} as LifecycleContext, events: {} as LifecycleEvent },
  actions: {
    countStart: assign({ starts: ({ context }) => context.starts + 1 }),
    countCrash: assign({
      crashes: ({ context }) => context.crashes + 1,
      lastError: ({ context, event }) => (event.type === "CRASHED" ? event.error : context.lastError),
    }),
  },
}).createMachine({
  id: "lifecycle",
  initial: "stopped",
  context: { starts: 0, crashes: 0, lastError: null },
  states: {
    stopped: { on: { STARTING: { target: "starting", actions: "countStart" } } },
    starting: {
      on: { STARTED: "running", CRASHED: { target: "crashed", actions: "countCrash" }, STOPPING: "stopping" },
    },
    running: { on: { CRASHED: { target: "crashed", actions: "countCrash" }, STOPPING: "stopping" } },
    crashed: {
      on: {
        STARTING: { target: "starting", actions: "countStart" },
        SUSPENDED: "suspended",
        STOPPING: "stopping",
      },
    },
    suspended: { on: { STARTING: { target: "starting", actions: "countStart" }, STOPPING: "stopping" } },
    stopping: { on: { STOPPED: "stopped" } },
  },
});

export type Lifecycle = MachineState<typeof lifecycleMachine>;
export type LifecycleState = Lifecycle["value"];

/** The life of a child that was never started. */
export const UNBORN: Lifecycle = stateOf<typeof lifecycleMachine>(initialTransition(lifecycleMachine)[0]);

/** A life after an event. */
export function lived(lifecycle: Lifecycle, event: LifecycleEvent): Lifecycle {
  return stepped(lifecycleMachine, lifecycle, event);
}
