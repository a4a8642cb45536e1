/**
 * The states of all series that are followed, and of the markets that feed them, as operators see them. States are computed
 * when they are looked at; a change that is met is logged. Spec: binance-protocol §8 item 10.
 */
import type { Clock } from "../../clock/clock.js";
import { WEIGHT_WINDOW_MS } from "../../exchange/binance/weight-minute.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { BudgetUse, ExchangePort, MarketFacts } from "./exchange-port.js";
import { type ConnectionFacts, FEED_STATES, type FeedFacts, type FeedState, feedState } from "./feed-state.js";

export interface FeedStatesOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly metrics: Metrics;
  /** Series that are followed, in order. */
  readonly followed: () => readonly string[];
  /** Undefined while the actors of the series do not run. */
  readonly factsOf: (series: string) => FeedFacts | undefined;
  readonly markets: Readonly<Record<string, Pick<ExchangePort, "facts">>>;
}

/** One connection on the wire; times in seconds, lag in milliseconds. */
export interface ConnectionView {
  readonly id: number;
  readonly state: ConnectionFacts["state"];
  readonly age_s: number;
  readonly data_age_s: number | null;
  readonly lag_ms: number | null;
  readonly streams: number;
}

/** One series on the wire. `since` and `verified_at` in Unix seconds. */
export interface FeedStateView {
  readonly series_id: string;
  readonly state: FeedState["state"];
  readonly reason: string | null;
  readonly since: number;
  readonly verified_at: number | null;
  readonly message_age_s: number | null;
  readonly final_age_s: number | null;
  readonly lag_ms: number | null;
  readonly connection: ConnectionView | null;
}

/** How much of a budget is used; its window in seconds. */
export interface BudgetView {
  readonly used: number;
  readonly limit: number;
  readonly window_s: number;
}

/** One market on the wire. */
export interface MarketView {
  readonly market: string;
  readonly running: boolean;
  readonly connections: readonly ConnectionView[];
  /** The exchange's clock minus the machine's, in milliseconds; null while it is not known. */
  readonly clock_offset_ms: number | null;
  readonly used_weight: number;
  readonly weight_limit: number;
  readonly budgets: {
    readonly connection_attempts: BudgetView;
    readonly subscribe_messages: BudgetView;
    readonly request_weight: BudgetView;
  };
  readonly silence: { readonly cause: string; readonly for_s: number } | null;
}

export interface FeedStatesView {
  readonly series: readonly FeedStateView[];
  readonly markets: readonly MarketView[];
}

/** The state in which a series was seen, and since when, in Unix milliseconds. */
interface Seen {
  readonly state: FeedState["state"];
  readonly sinceMs: number;
}

const UNUSED: BudgetUse = { used: 0, limit: 0, windowMs: 0 };

const STOPPED: MarketFacts = {
  connections: [],
  clockOffsetMs: null,
  weight: { used: 0, limit: 0 },
  budgets: { attempts: UNUSED, frames: UNUSED },
  silence: null,
};

export class FeedStates {
  readonly #options: FeedStatesOptions;
  readonly #seen = new Map<string, Seen>();

  constructor(options: FeedStatesOptions) {
    this.#options = options;
  }

  /** @param series only this one, if it is followed. */
  view(series?: string): FeedStatesView {
    return {
      series: this.#options
        .followed()
        .filter((one) => series === undefined || one === series)
        .map((one) => this.#viewOf(one)),
      markets: this.#markets(),
    };
  }

  /** Looks at everything, for the log and the metrics; to be called now and then. */
  observe(): void {
    const { metrics } = this.#options;
    const followed = new Set(this.#options.followed());
    for (const one of this.#seen.keys()) if (!followed.has(one)) this.#seen.delete(one);
    if (followed.size === 0) return;
    this.#countStates(followed);
    for (const { market, connections, clock_offset_ms } of this.#markets()) {
      metrics.gauge("feed_connections", connections.length, { market });
      const worst = (of: (connection: ConnectionView) => number | null) =>
        Math.max(0, ...connections.map((c) => of(c) ?? 0));
      metrics.gauge(
        "feed_lag_ms",
        worst(({ lag_ms }) => lag_ms),
        { market },
      );
      metrics.gauge(
        "feed_data_age_s",
        worst(({ data_age_s, age_s }) => data_age_s ?? age_s),
        { market },
      );
      if (clock_offset_ms !== null) metrics.gauge("feed_clock_offset_ms", clock_offset_ms, { market });
    }
  }

  #countStates(followed: ReadonlySet<string>): void {
    const { clock, metrics, factsOf } = this.#options;
    const now = clock.monotonic();
    const counts = new Map<FeedState["state"], number>();
    for (const series of followed) {
      const state = feedState(factsOf(series), now);
      this.#since(series, state);
      counts.set(state.state, (counts.get(state.state) ?? 0) + 1);
    }
    for (const state of FEED_STATES) metrics.gauge("feed_series", counts.get(state) ?? 0, { state });
  }

  #markets(): readonly MarketView[] {
    return Object.entries(this.#options.markets).map(([name, market]) => marketView(name, market.facts()));
  }

  #viewOf(series: string): FeedStateView {
    const { clock, factsOf } = this.#options;
    const now = clock.monotonic();
    const facts = factsOf(series);
    const state = feedState(facts, now);
    const ageS = (atMs: number | null | undefined) =>
      atMs === null || atMs === undefined ? null : seconds(now - atMs);
    const connection = facts?.connection ?? null;
    return {
      series_id: series,
      state: state.state,
      reason: "reason" in state ? state.reason : null,
      since: seconds(this.#since(series, state)),
      verified_at: state.state === "quiet" ? seconds(clock.now() - now + state.verifiedMs) : null,
      message_age_s: ageS(facts?.stream.heardMs),
      final_age_s: ageS(facts?.stream.finalMs),
      lag_ms: wholeMs(facts?.stream.lagMs ?? null),
      connection: connection === null ? null : connectionView(connection),
    };
  }

  #since(series: string, state: FeedState): number {
    const { clock, log } = this.#options;
    const seen = this.#seen.get(series);
    if (seen?.state === state.state) return seen.sinceMs;
    const now = clock.now();
    this.#seen.set(series, { state: state.state, sinceMs: now });
    const reason = "reason" in state ? state.reason : null;
    const fields = { series_id: series, from: seen?.state ?? null, to: state.state, reason };
    if (state.state === "stalled" || state.state === "halted") log.warn("feed.state_changed", fields);
    else log.info("feed.state_changed", fields);
    return now;
  }
}

function connectionView({ id, state, ageMs, dataAgeMs, lagMs, streams }: ConnectionFacts): ConnectionView {
  const data_age_s = dataAgeMs === null ? null : seconds(dataAgeMs);
  return { id, state, age_s: seconds(ageMs), data_age_s, lag_ms: wholeMs(lagMs), streams };
}

function marketView(market: string, facts: MarketFacts | undefined): MarketView {
  const { connections, clockOffsetMs, weight, budgets, silence } = facts ?? STOPPED;
  return {
    market,
    running: facts !== undefined,
    connections: connections.map(connectionView),
    clock_offset_ms: wholeMs(clockOffsetMs),
    used_weight: weight.used,
    weight_limit: weight.limit,
    budgets: {
      connection_attempts: budgetView(budgets.attempts),
      subscribe_messages: budgetView(budgets.frames),
      request_weight: budgetView({ ...weight, windowMs: WEIGHT_WINDOW_MS }),
    },
    silence: silence && { cause: silence.cause, for_s: seconds(silence.leftMs) },
  };
}

function budgetView({ used, limit, windowMs }: BudgetUse): BudgetView {
  return { used, limit, window_s: seconds(windowMs) };
}

/** To the millisecond: scaled clocks know fractions of it. */
function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

function wholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
