/**
 * What happened in a run, in order: a hash over all of it, which two runs of a seed must share, and on demand the lines
 * themselves, which are what a replay shows.
 */
import { createHash } from "node:crypto";
import type { EventLog, LogFields } from "../observability/event-log.js";
import type { SimulatedClock } from "../sim/simulated-clock.js";

/** Lines kept for a replay, the newest; a run that needs more of them is better cut shorter. */
export const JOURNAL_LINES = 200_000;

export type LogListener = (event: string, fields: LogFields) => void;

export class RunJournal {
  readonly #clock: SimulatedClock;
  readonly #keep: boolean;
  readonly #hash = createHash("sha256");
  #lines: string[] = [];

  constructor(clock: SimulatedClock, keepLines: boolean) {
    this.#clock = clock;
    this.#keep = keepLines;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** @param who `exchange/spot`, `daemon 2`, `client …` */
  note(who: string, what: string, detail: unknown): void {
    const line = `${this.#clock.now()} ${who} ${what} ${JSON.stringify(detail)}`;
    this.#hash.update(line);
    if (!this.#keep) return;
    this.#lines.push(line);
    if (this.#lines.length > 2 * JOURNAL_LINES) this.#lines = this.#lines.slice(-JOURNAL_LINES);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** The log of a process, into the journal. What a dead process still says nobody hears. */
export function journalLog(options: {
  readonly journal: RunJournal;
  readonly who: string;
  readonly isAlive: () => boolean;
  readonly onEvent: LogListener;
  readonly fields?: LogFields;
}): EventLog {
  const { journal, who, isAlive, onEvent, fields = {} } = options;
  const note = (event: string, more: LogFields = {}): void => {
    if (!isAlive()) return;
    const all = { ...fields, ...more };
    journal.note(who, event, all);
    onEvent(event, all);
  };
  return {
    debug: note,
    info: note,
    warn: note,
    error: note,
    with: (more) => journalLog({ ...options, fields: { ...fields, ...more } }),
  };
}
