/**
 * Counts what a market of the exchange sees of the daemon as it happens, for runs that are longer than its journal. Feed
 * bounds: B3, B10.
 */
import type { JournalEntry } from "../../sim/journal.js";
import type { MarketCore } from "../../sim/market-core.js";

/** Attempts to connect are limited by five minutes. Spec: binance-protocol §2.1. */
const ATTEMPT_WINDOW_MS = 5 * 60_000;

/** What one market saw. */
export interface MarketTally {
  /** Handshakes, and most of them in any five minutes. */
  readonly attempts: number;
  readonly attemptsPerWindowPeak: number;
  readonly sockets: number;
  readonly socketsPeak: number;
  /** Connections that ended, by who ended them and close code; 1006 by the client is a reset or the end of the process. */
  readonly ends: Readonly<Record<"client" | "server", Readonly<Record<string, number>>>>;
  readonly requests: number;
  /** Of them those that were refused, by status. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Most weight that was used in a minute; only answered requests count. */
  readonly weightPeak: number;
  readonly weightLimit: number;
  readonly finals: number;
}

export class ExchangeTally {
  readonly #core: MarketCore;
  /** Unix ms of the attempts of the last five minutes. */
  #recentAttemptsMs: number[] = [];
  #attempts = 0;
  #attemptsPeak = 0;
  readonly #open = new Set<number>();
  #socketsPeak = 0;
  readonly #ends = { client: new Map<string, number>(), server: new Map<string, number>() };
  #requests = 0;
  readonly #refusals = new Map<string, number>();
  #weightPeak = 0;

  constructor(core: MarketCore) {
    this.#core = core;
    core.journal.listen((entry) => this.#heard(entry));
  }

  view(): MarketTally {
    return {
      attempts: this.#attempts,
      attemptsPerWindowPeak: this.#attemptsPeak,
      sockets: this.#open.size,
      socketsPeak: this.#socketsPeak,
      ends: { client: Object.fromEntries(this.#ends.client), server: Object.fromEntries(this.#ends.server) },
      requests: this.#requests,
      refusals: Object.fromEntries(this.#refusals),
      weightPeak: this.#weightPeak,
      weightLimit: this.#core.settings.rest.weightPerMinute,
      finals: this.#core.journal.count("final"),
    };
  }

  #heard(entry: JournalEntry): void {
    if (entry.kind === "attempt") this.#attempted(entry);
    if (entry.kind === "closed") {
      this.#open.delete(entry.connection);
      countOne(this.#ends[entry.by], `${entry.code}`);
    }
    if (entry.kind === "rest") {
      this.#requests += 1;
      if (entry.status !== 200) countOne(this.#refusals, `${entry.status ?? "unanswered"}`);
      this.#weightPeak = Math.max(this.#weightPeak, entry.usedWeight);
    }
  }

  #attempted({ atMs, outcome }: JournalEntry<"attempt">): void {
    this.#attempts += 1;
    this.#recentAttemptsMs = [...this.#recentAttemptsMs.filter((ms) => ms > atMs - ATTEMPT_WINDOW_MS), atMs];
    this.#attemptsPeak = Math.max(this.#attemptsPeak, this.#recentAttemptsMs.length);
    if (outcome.result !== "accepted") return;
    this.#open.add(outcome.connection);
    this.#socketsPeak = Math.max(this.#socketsPeak, this.#open.size);
  }
}

function countOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
