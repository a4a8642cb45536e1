/**
 * A clock that stands still until told to move. Timers fire in order of their due time (ties: in the order they were
 * set), each at exactly its time, chained timers included; nothing waits on the machine.
 */
import type { Clock, TimerHandle } from "../clock/clock.js";
import { type Due, DueQueue } from "./due-queue.js";

type Timer = Due<() => void>;

export class SimulatedClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #timers = new DueQueue<() => void>();

  /** @param startMs milliseconds since the Unix epoch, UTC. */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    return this.#timers.add(this.#nowMs + Math.max(0, ms), callback);
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    if (handle !== undefined) this.#timers.remove(handle as Timer);
  }

  ioTimeout(callback: () => void, ms: number): TimerHandle {
    return this.setTimeout(callback, ms);
  }

  immediate(callback: () => void): void {
    setImmediate(callback);
  }

  /** Number of timers that have not fired. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Due time of the next timer, or undefined when none is set. */
  get nextDueMs(): number | undefined {
    return this.#timers.first?.dueMs;
  }

  /** Moves time forward by `ms`, firing what falls due on the way. Work that they start in promises is not awaited. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.#fireNext(endMs));
    this.#nowMs = endMs;
  }

  /**
   * Like {@link advance}, but after every timer lets promises and input/output of this process settle, for code whose
   * timers start asynchronous work that sets further timers.
   */
  async advanceSettled(ms: number, settle: () => Promise<void> = settleTurns): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    while (this.#fireNext(endMs)) await settle();
    this.#nowMs = endMs;
    await settle();
  }

  /** Fires the first timer that is due by `endMs`; false when there is none. The caller must not hold on to what it fires. */
  #fireNext(endMs: number): boolean {
    const { first } = this.#timers;
    if (first === undefined || first.dueMs > endMs) return false;
    this.#timers.remove(first);
    this.#nowMs = first.dueMs;
    first.item();
    return true;
  }
}

/** A few turns of the event loop: enough for promise chains and for answers from the same process's memory. */
async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/**
 * Every promise that is settled by now has been followed to its end, however long the chain: a tick comes when no
 * microtask is left. For code that waits for nothing but promises and simulated timers this is all there is to wait for;
 * a turn of the event loop would cost a sixth more.
 */
export function settledPromises(): Promise<void> {
  return new Promise<void>((resolve) => process.nextTick(resolve));
}
