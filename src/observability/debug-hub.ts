/** The ring of debug events that `/ws/debug` shows, filled whether or not anyone watches. Spec: ws-api §3, http-api §4.4. */
import type { Clock } from "../clock/clock.js";
import type { LogFields } from "./event-log.js";

/** The newest events that are kept. */
export const DEBUG_RING_EVENTS = 2_000;

export interface DebugEvent {
  /** Unix time in milliseconds. */
  readonly ts_ms: number;
  readonly source: "backend";
  readonly pipe: "read" | "write";
  readonly event: string;
  readonly series_id: string | null;
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly data?: LogFields;
}

/** What a caller says; the hub adds time and source. `message` defaults to the event's name. */
export interface DebugNote {
  readonly pipe: DebugEvent["pipe"];
  readonly event: string;
  readonly series?: string;
  readonly level?: DebugEvent["level"];
  readonly message?: string;
  readonly data?: LogFields;
}

export type DebugListener = (event: DebugEvent) => void;

export class DebugHub {
  readonly #clock: Clock;
  readonly #ring: DebugEvent[] = [];
  #next = 0;
  readonly #listeners = new Set<DebugListener>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(note: DebugNote): void {
    const event: DebugEvent = {
      ts_ms: Math.round(this.#clock.now()),
      source: "backend",
      pipe: note.pipe,
      event: note.event,
      series_id: note.series ?? null,
      level: note.level ?? "info",
      message: note.message ?? note.event,
      ...(note.data === undefined ? {} : { data: note.data }),
    };
    this.#ring[this.#next] = event;
    this.#next = (this.#next + 1) % DEBUG_RING_EVENTS;
    for (const listener of this.#listeners) listener(event);
  }

  /** The kept events, oldest first. */
  events(): readonly DebugEvent[] {
    return this.#ring.length < DEBUG_RING_EVENTS
      ? [...this.#ring]
      : [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: DebugListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
