/**
 * The one timer of a simulated market. Thousands of streams, pings and delayed frames wait here by due time;
 * the clock holds a single timer for the earliest of them.
 */
import type { Clock, TimerHandle } from "../clock/clock.js";
import { type Due, DueQueue } from "./due-queue.js";

/** Something that waits; only good for {@link Agenda.cancel} of the same agenda. */
export type AgendaItem = Due<() => void>;

export class Agenda {
  readonly #clock: Clock;
  readonly #offsetMs: number;
  readonly #queue = new DueQueue<() => void>();
  #timer: { readonly handle: TimerHandle; readonly dueMs: number } | undefined;
  #running = false;

  /** @param offsetMs how far the exchange's clock is ahead of `clock`, in milliseconds. */
  constructor(clock: Clock, offsetMs = 0) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
  }

  /** Time of the exchange: milliseconds since the Unix epoch, UTC; has a fraction under a scaled clock. */
  now(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  /** Number of things that wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Runs `run` once, when the exchange's clock reaches `dueMs`; ties run in the order they were asked for. */
  at(dueMs: number, run: () => void): AgendaItem {
    const item = this.#queue.add(dueMs, run);
    if (!this.#running) this.#arm();
    return item;
  }

  after(delayMs: number, run: () => void): AgendaItem {
    return this.at(this.now() + delayMs, run);
  }

  cancel(item: AgendaItem | undefined): void {
    if (item !== undefined) this.#queue.remove(item);
  }

  /** Forgets everything that waits. */
  stop(): void {
    this.#queue.clear();
    this.#disarm();
  }

  #run(): void {
    this.#timer = undefined;
    this.#running = true;
    try {
      for (let due = this.#queue.first; due !== undefined && due.dueMs <= this.now(); due = this.#queue.first) {
        this.#queue.remove(due);
        due.item();
      }
    } finally {
      this.#running = false;
      this.#arm();
    }
  }

  #arm(): void {
    const { first } = this.#queue;
    if (first === undefined) {
      this.#disarm();
      return;
    }
    if (this.#timer !== undefined && this.#timer.dueMs <= first.dueMs) return;
    this.#disarm();
    const handle = this.#clock.setTimeout(() => this.#run(), first.dueMs - this.now());
    this.#timer = { handle, dueMs: first.dueMs };
  }

  #disarm(): void {
    this.#clock.clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
  }
}
