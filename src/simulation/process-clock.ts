/**
 * The clock of one simulated process: timers that die with it, a wall clock that may be wrong or jump, and later turns that
 * are events of the simulation like all others, so that nothing is left to the machine's event loop.
 */
import type { Clock, TimerHandle } from "../clock/clock.js";
import type { SimulatedClock } from "../sim/simulated-clock.js";

interface Timer {
  readonly callback: () => void;
  /** By the process's monotonic time, in milliseconds. */
  readonly dueMs: number;
  handle: TimerHandle | undefined;
}

export class ProcessClock implements Clock {
  readonly #world: SimulatedClock;
  readonly #bornMs: number;
  readonly #timers = new Set<Timer>();
  #wallOffsetMs: number;
  /** The machine sleeps until this moment of the world, Unix ms; what it slept so far, in milliseconds. */
  #wakesMs = Number.NEGATIVE_INFINITY;
  #sleptMs = 0;
  #alive = true;

  /** @param wallOffsetMs how far the wall clock is ahead of the world's, in milliseconds. */
  constructor(world: SimulatedClock, wallOffsetMs: number) {
    this.#world = world;
    this.#bornMs = world.now();
    this.#wallOffsetMs = wallOffsetMs;
  }

  /** Timers that are set and have not fired. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#world.now() + this.#wallOffsetMs;
  }

  /** Stands still while the machine sleeps. */
  monotonic(): number {
    return this.#world.now() - this.#bornMs - this.#sleptMs;
  }

  /** Milliseconds until the machine wakes up; 0 when it is awake. */
  asleepForMs(): number {
    return Math.max(0, this.#wakesMs - this.#world.now());
  }

  /** Fires at a whole millisecond and never early, as a machine's timers: a remainder that rounding made must end. */
  setTimeout(callback: () => void, ms: number): TimerHandle {
    const timer: Timer = { callback, dueMs: this.monotonic() + Math.ceil(Math.max(0, ms)), handle: undefined };
    if (!this.#alive) return timer;
    this.#timers.add(timer);
    this.#arm(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    const timer = handle as Timer | undefined;
    if (timer === undefined || !this.#timers.delete(timer)) return;
    this.#world.clearTimeout(timer.handle);
  }

  ioTimeout(callback: () => void, ms: number): TimerHandle {
    return this.setTimeout(callback, ms);
  }

  immediate(callback: () => void): void {
    this.setTimeout(callback, 0);
  }

  /** The wall clock is set to another time; monotonic time and timers go on as they were. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /**
   * The machine falls asleep: nothing of the process runs, monotonic time stands still, and every timer comes so much later.
   * Spec: binance-protocol F25.
   */
  sleep(forMs: number): void {
    if (this.asleepForMs() > 0) return;
    this.#wakesMs = this.#world.now() + forMs;
    this.#sleptMs += forMs;
    for (const timer of this.#timers) {
      this.#world.clearTimeout(timer.handle);
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.handle = this.#world.setTimeout(() => {
      this.#timers.delete(timer);
      timer.callback();
    }, timer.dueMs - this.monotonic());
  }

  /** The process is gone: no timer of it fires any more, and none can be set. */
  kill(): void {
    this.#alive = false;
    for (const timer of this.#timers) this.#world.clearTimeout(timer.handle);
    this.#timers.clear();
  }
}
