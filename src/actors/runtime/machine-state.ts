/**
 * What is kept of a machine that is run with xstate's `transition`: its state and its context. A snapshot takes almost a
 * kilobyte, and a daemon keeps several machines for each of thousands of series; it is made again for every event.
 */
import { type AnyStateMachine, type EventFromLogic, type SnapshotFrom, transition } from "xstate";

/** A machine between two events. */
export type MachineState<Machine extends AnyStateMachine> = Pick<SnapshotFrom<Machine>, "value" | "context">;

/** The part of a snapshot that the next one can be made from. */
export function stateOf<Machine extends AnyStateMachine>(snapshot: SnapshotFrom<Machine>): MachineState<Machine> {
  const { value, context } = snapshot;
  return { value, context };
}

/** The machine after an event; one that does not fit its state changes nothing. Actions of the machine are not run. */
export function stepped<Machine extends AnyStateMachine>(
  machine: Machine,
  state: MachineState<Machine>,
  event: EventFromLogic<Machine>,
): MachineState<Machine> {
  const [snapshot] = transition(machine, machine.resolveState(state) as SnapshotFrom<Machine>, event);
  return stateOf<Machine>(snapshot);
}
