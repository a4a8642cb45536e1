/**
 * The life of a build as a statechart: of a replay package, an overlay package, or the coverage of a series. Pure: the table of
 * jobs asks it what the next state is and does the work; an event that does not fit the state changes nothing.
 * Spec: replay §2; D-21.
 */
import { assign, initialTransition, setup } from "xstate";
import { type MachineState, stateOf, stepped } from "../actors/runtime/machine-state.js";

/** Times are Unix milliseconds. */
export type BuildJobEvent =
  /** Someone asks for what the job makes. */
  | { readonly type: "RESERVED"; readonly atMs: number }
  | { readonly type: "BUILT"; readonly atMs: number }
  | { readonly type: "FAILED"; readonly atMs: number; readonly error: string }
  /** What it makes is there, from an earlier process. */
  | { readonly type: "FOUND" }
  /** What it had made is gone. */
  | { readonly type: "LOST" };

export interface BuildJobContext {
  /** Unix milliseconds. */
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly error: string | null;
}

export const buildJobMachine = setup({
  types: { context: {} as BuildJobContext, events: {} as BuildJobEvent },
  actions: {
    begin: assign(({ event, context }) =>
      event.type === "RESERVED" ? { startedAtMs: event.atMs, finishedAtMs: null, error: null } : context,
    ),
    end: assign(({ event, context }) => {
      if (event.type === "BUILT") return { finishedAtMs: event.atMs, error: null };
      return event.type === "FAILED" ? { finishedAtMs: event.atMs, error: event.error } : context;
    }),
  },
}).createMachine({
  id: "build_job",
  initial: "build_required",
  context: { startedAtMs: null, finishedAtMs: null, error: null },
  states: {
    build_required: { on: { RESERVED: { target: "building", actions: "begin" }, FOUND: "done" } },
    building: { on: { BUILT: { target: "done", actions: "end" }, FAILED: { target: "error", actions: "end" } } },
    done: { on: { LOST: "build_required" } },
    error: { on: { RESERVED: { target: "building", actions: "begin" } } },
  },
});

export type BuildJob = MachineState<typeof buildJobMachine>;
export type BuildStatus = BuildJob["value"];

/** There is no job. */
export const NO_JOB: BuildJob = stateOf<typeof buildJobMachine>(initialTransition(buildJobMachine)[0]);

/** A job after an event. */
export function jobAfter(job: BuildJob, event: BuildJobEvent): BuildJob {
  return stepped(buildJobMachine, job, event);
}
