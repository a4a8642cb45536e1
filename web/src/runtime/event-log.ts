/** The newest debug events, bounded, and which of them are to be seen. Pure. */
import type { DebugEvent } from "../../../src/client/messages.js";

/** Events kept at most; older ones go. */
export const MAX_EVENTS = 500;

export interface LoggedEvent {
  /** Counts the events of this page from 1. */
  readonly id: number;
  readonly event: DebugEvent;
}

export interface EventFilter {
  /** Only events of this series; null: all. */
  readonly series: string | null;
  /** Only events of at least this level. */
  readonly level: DebugEvent["level"];
}

const RANK: Readonly<Record<DebugEvent["level"], number>> = { info: 0, warn: 1, error: 2 };

export class EventLog {
  #next = 1;
  #events: LoggedEvent[] = [];

  /** @param events oldest first. @param isSnapshot they take the place of all that came before. */
  add(events: readonly DebugEvent[], isSnapshot: boolean): void {
    const added = events.slice(-MAX_EVENTS).map((event) => ({ id: this.#next++, event }));
    this.#events = isSnapshot ? added : [...this.#events, ...added].slice(-MAX_EVENTS);
  }

  /** The newest first. */
  newest(filter: EventFilter): readonly LoggedEvent[] {
    return this.#events.filter(({ event }) => isSeen(event, filter)).reverse();
  }
}

function isSeen({ series_id, level }: DebugEvent, filter: EventFilter): boolean {
  return RANK[level] >= RANK[filter.level] && (filter.series === null || series_id === filter.series);
}

/** Characters of an event's data that are shown. */
const MAX_DATA_CHARS = 160;

/** What an event says: its message, or, when that is only its name, its data. */
export function eventWords({ event, message, data = {} }: DebugEvent): string {
  if (message !== event) return message;
  const told = Object.entries(data).filter(([, value]) => value !== null && typeof value !== "object");
  const words = told.map(([name, value]) => `${name} ${value}`).join(" · ");
  return words.length > MAX_DATA_CHARS ? `${words.slice(0, MAX_DATA_CHARS)}…` : words;
}
