/**
 * The one timer of a simulated market. Thousands of streams, pings and delayed frames wait here in a heap by due time;
 * the clock holds a single timer for the earliest of them.
 */
import type { Clock, TimerHandle } from "../clock/clock.js";

/** Something that waits; only good for {@link Agenda.cancel} of the same agenda. */
export interface AgendaItem {
  readonly dueMs: number;
}

interface Entry extends AgendaItem {
  readonly sequence: number;
  readonly run: () => void;
  /** Place in the heap; -1 once it ran or was cancelled. */
  index: number;
}

export class Agenda {
  readonly #clock: Clock;
  readonly #offsetMs: number;
  readonly #heap: Entry[] = [];
  #sequence = 0;
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
    return this.#heap.length;
  }

  /** Runs `run` once, when the exchange's clock reaches `dueMs`; ties run in the order they were asked for. */
  at(dueMs: number, run: () => void): AgendaItem {
    this.#sequence += 1;
    const entry: Entry = { dueMs, sequence: this.#sequence, run, index: this.#heap.length };
    this.#heap.push(entry);
    this.#up(entry);
    if (!this.#running) this.#arm();
    return entry;
  }

  after(delayMs: number, run: () => void): AgendaItem {
    return this.at(this.now() + delayMs, run);
  }

  cancel(item: AgendaItem | undefined): void {
    if (item !== undefined) this.#remove(item as Entry);
  }

  /** Forgets everything that waits. */
  stop(): void {
    for (const entry of this.#heap) entry.index = -1;
    this.#heap.length = 0;
    this.#disarm();
  }

  #run(): void {
    this.#timer = undefined;
    this.#running = true;
    try {
      for (let first = this.#heap[0]; first !== undefined && first.dueMs <= this.now(); first = this.#heap[0]) {
        this.#remove(first);
        first.run();
      }
    } finally {
      this.#running = false;
      this.#arm();
    }
  }

  #arm(): void {
    const first = this.#heap[0];
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

  #remove(entry: Entry): void {
    if (entry.index < 0) return;
    const hole = entry.index;
    entry.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, hole);
    this.#down(last);
    this.#up(last);
  }

  #up(entry: Entry): void {
    while (entry.index > 0) {
      const parentIndex = (entry.index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) return;
      this.#place(parent, entry.index);
      this.#place(entry, parentIndex);
    }
  }

  #down(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, entry)) return;
      const childIndex = child.index;
      this.#place(child, entry.index);
      this.#place(entry, childIndex);
    }
  }

  #place(entry: Entry, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence);
}
