import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createActor, initialTransition, transition } from "xstate";
import { type GuardrailEvent, guardrailMachine } from "../../../src/actors/breaker/guardrail.machine.js";
import { type LifecycleEvent, lifecycleMachine, lived, UNBORN } from "../../../src/actors/runtime/lifecycle.machine.js";
import { stateOf, stepped } from "../../../src/actors/runtime/machine-state.js";

const lifecycleEvents = fc.array(
  fc.constantFrom<LifecycleEvent>(
    { type: "STARTING" },
    { type: "STARTED" },
    { type: "CRASHED", error: "boom" },
    { type: "SUSPENDED" },
    { type: "STOPPING" },
    { type: "STOPPED" },
  ),
  { maxLength: 30 },
);

const guardrailEvents = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("ATTEMPT" as const), at: fc.nat(120_000) }),
    fc.constant({ type: "SUCCESS" } as const),
    fc.record({ type: fc.constant("FAILURE" as const), at: fc.nat(120_000), error: fc.string() }),
  ) as fc.Arbitrary<GuardrailEvent>,
  { maxLength: 30 },
);

describe("what is kept of a machine", () => {
  test("goes through the same states as a running actor of the machine", () => {
    fc.assert(
      fc.property(lifecycleEvents, (events) => {
        const actor = createActor(lifecycleMachine).start();
        let life = UNBORN;
        for (const event of events) {
          actor.send(event);
          life = lived(life, event);
          expect(life).toEqual(stateOf<typeof lifecycleMachine>(actor.getSnapshot()));
        }
      }),
    );
  });

  test("loses nothing of a snapshot that the next one depends on", () => {
    fc.assert(
      fc.property(guardrailEvents, (events) => {
        let [snapshot] = initialTransition(guardrailMachine, { crashBudget: 2 });
        let state = stateOf<typeof guardrailMachine>(snapshot);
        for (const event of events) {
          [snapshot] = transition(guardrailMachine, snapshot, event);
          state = stepped(guardrailMachine, state, event);
          expect(state).toEqual(stateOf<typeof guardrailMachine>(snapshot));
        }
      }),
    );
  });

  test("is never changed in place: the one before an event stays as it was", () => {
    const starting = lived(UNBORN, { type: "STARTING" });
    expect(starting).toEqual({ value: "starting", context: { starts: 1, crashes: 0, lastError: null } });
    lived(starting, { type: "CRASHED", error: "boom" });
    expect(starting.context.crashes).toBe(0);
    expect(UNBORN).toEqual({ value: "stopped", context: { starts: 0, crashes: 0, lastError: null } });
  });
});
