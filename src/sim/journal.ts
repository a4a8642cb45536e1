/**
 * What really happened on a simulated market, and what the truth was: the oracle of tests. Every entry carries a running
 * number and the exchange's time. Each kind is kept in a ring of its own, so that a flood of one does not wash away the
 * others. Spec: binance-protocol §5 item 7.
 */
import type { Candle } from "../market/candle.js";
import type { Interval } from "./truth/intervals.js";

/** A candle that was really sent on a connection. */
export interface SentCandle {
  readonly connection: number;
  readonly stream: string;
  readonly symbol: string;
  readonly interval: Interval;
  /** `E` of the message, ms. */
  readonly eventMs: number;
  /** Open time, ms UTC. */
  readonly openMs: number;
  readonly candle: Candle;
  /** False when a fault spoilt the message: its reader may have made nothing, or something else, of it. */
  readonly intact: boolean;
}

/** What each kind of entry says. */
export interface JournalEvents {
  /** A request to open a WebSocket, whatever came of it. */
  readonly attempt: {
    readonly target: string;
    readonly outcome:
      | { readonly result: "accepted"; readonly connection: number }
      | { readonly result: "refused"; readonly status: number }
      | { readonly result: "reset" | "hung" };
  };
  readonly closed: {
    readonly connection: number;
    /** Who ended it. */
    readonly by: "client" | "server";
    /** Close code as the server saw it; 1006 without a close frame. */
    readonly code: number;
    readonly reason: string;
  };
  /** A control message that was understood. */
  readonly control: {
    readonly connection: number;
    readonly method: string;
    readonly params: readonly unknown[];
    readonly id: unknown;
  };
  /** An error frame in answer to a control message. */
  readonly refusal: { readonly connection: number; readonly code: number; readonly message: string };
  /** A final (`x:true`) that was sent. */
  readonly final: SentCandle;
  /** An update (`x:false`) that was sent; only noted when the settings ask for it. */
  readonly update: SentCandle;
  readonly rest: {
    readonly method: string;
    readonly path: string;
    readonly params: Readonly<Record<string, string>>;
    /** Undefined when the answer was withheld. */
    readonly status: number | undefined;
    readonly weight: number;
    readonly usedWeight: number;
  };
  /** A ping (of the server), a pong or a ping (of the client). */
  readonly heartbeat: {
    readonly connection: number;
    readonly what: "ping-sent" | "pong" | "unasked-pong" | "client-ping";
  };
  /** A fault switched on or off, a strike, or the listeners taken off or on line. */
  readonly intervention: { readonly action: "on" | "off" | "strike" | "offline" | "online"; readonly detail: unknown };
}

export type JournalKind = keyof JournalEvents;

export type JournalEntry<K extends JournalKind = JournalKind> = {
  [P in K]: { readonly sequence: number; readonly atMs: number; readonly kind: P } & JournalEvents[P];
}[K];

export const JOURNAL_KINDS = [
  "attempt",
  "closed",
  "control",
  "refusal",
  "final",
  "update",
  "rest",
  "heartbeat",
  "intervention",
] as const satisfies readonly JournalKind[];

/** The closed candles of a symbol that the exchange holds now, open times from `fromMs` (included) to `toMs` (not). */
export type Truth = (symbol: string, interval: string, fromMs: number, toMs: number) => readonly Candle[];

interface Ring {
  readonly entries: JournalEntry[];
  /** Index in `entries` of the oldest, once the ring is full. */
  oldest: number;
  total: number;
}

export class Journal {
  /** @throws RangeError naming a symbol or interval that the market does not have. */
  readonly truth: Truth;
  readonly #now: () => number;
  readonly #capacity: number;
  readonly #rings = new Map<JournalKind, Ring>();
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  #sequence = 0;

  constructor(now: () => number, capacityPerKind: number, truth: Truth) {
    this.#now = now;
    this.#capacity = Math.max(1, capacityPerKind);
    this.truth = truth;
    for (const kind of JOURNAL_KINDS) this.#rings.set(kind, { entries: [], oldest: 0, total: 0 });
  }

  note<K extends JournalKind>(kind: K, event: JournalEvents[K]): void {
    this.#sequence += 1;
    const entry = { sequence: this.#sequence, atMs: Math.floor(this.#now()), kind, ...event } as JournalEntry;
    const ring = this.#ring(kind);
    ring.total += 1;
    if (ring.entries.length < this.#capacity) {
      ring.entries.push(entry);
    } else {
      ring.entries[ring.oldest] = entry;
      ring.oldest = (ring.oldest + 1) % this.#capacity;
    }
    for (const listener of this.#listeners) listener(entry);
  }

  /** The entries of a kind that are still kept, oldest first. */
  entries<K extends JournalKind>(kind: K, afterSequence = 0): readonly JournalEntry<K>[] {
    const { entries, oldest } = this.#ring(kind);
    const ordered = oldest === 0 ? entries : [...entries.slice(oldest), ...entries.slice(0, oldest)];
    return ordered.filter((entry) => entry.sequence > afterSequence) as unknown as JournalEntry<K>[];
  }

  /** How many entries of a kind were ever noted. */
  count(kind: JournalKind): number {
    return this.#ring(kind).total;
  }

  /** How many entries of a kind had to make room. */
  dropped(kind: JournalKind): number {
    const { total, entries } = this.#ring(kind);
    return total - entries.length;
  }

  /** Calls back with every entry from now on, until the returned function is called. */
  listen(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #ring(kind: JournalKind): Ring {
    const ring = this.#rings.get(kind);
    if (ring === undefined) throw new RangeError(`journal kind '${kind}' is unknown; use ${JOURNAL_KINDS.join(", ")}`);
    return ring;
  }
}
