/**
 * All breakers of the process in one place: what they show, what is done to them by hand, what is told of them, and what
 * is kept of them across restarts. Design: docs/feed.md, "Breakers you can see".
 */
import type { Clock } from "../../clock/clock.js";
import type { BreakerState, EndpointBreaker } from "../../exchange/binance/endpoint-breaker.js";
import type { DebugHub } from "../../observability/debug-hub.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { Store } from "../../storage/store.js";
import { errorText } from "../runtime/errors.js";
import type { BreakerKind, BreakerView, VisibleBreaker } from "./breaker-view.js";
import { visibleRestBreaker } from "./rest-breaker.js";
import { Guardrail } from "./retry-policy.js";
import { type SavedBreaker, savedBreakerIn } from "./saved-breaker.js";

export interface BreakerBoardOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly debug: DebugHub;
  readonly metrics: Metrics;
  readonly store: Pick<Store, "state" | "putState">;
}

export class BreakerBoard {
  readonly #options: BreakerBoardOptions;
  /** One per followed series, market and REST endpoint. */
  readonly #breakers = new Map<string, VisibleBreaker>();

  constructor(options: BreakerBoardOptions) {
    this.#options = options;
  }

  /** A breaker of that name, as it was when the process or the one before it ended. */
  guardrail(kind: "series" | "endpoint", name: string): Guardrail {
    const saved = this.#saved(kind, name);
    const breaker = new Guardrail(
      this.#options.clock,
      {},
      ({ from, to, lastError }) => this.#moved(visible, from, to, lastError),
      saved,
    );
    const visible = breaker.visible(kind, name);
    this.#breakers.set(keyOf(kind, name), visible);
    return breaker;
  }

  /** Takes a REST endpoint's breaker in, and gives it the state that the one before it had. */
  adopt(breaker: EndpointBreaker): void {
    const visible = visibleRestBreaker(breaker, () => this.#options.clock.now());
    const saved = this.#saved("rest", breaker.name);
    if (saved !== undefined) breaker.restore(saved);
    breaker.onMoved((from, to, lastError) => this.#moved(visible, from, to, lastError));
    this.#breakers.set(keyOf("rest", breaker.name), visible);
  }

  /** What the breaker stood for is gone. */
  forget(kind: BreakerKind, name: string): void {
    if (this.#breakers.delete(keyOf(kind, name))) this.#keep(kind, name, null);
  }

  find(kind: BreakerKind, name: string): VisibleBreaker | undefined {
    return this.#breakers.get(keyOf(kind, name));
  }

  /** The breakers of a kind, by name. */
  views(kind: BreakerKind): readonly BreakerView[] {
    return [...this.#breakers.values()]
      .filter((breaker) => breaker.kind === kind)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((breaker) => breaker.view());
  }

  #moved(breaker: VisibleBreaker, from: BreakerState, to: BreakerState, lastError: string | null): void {
    const { log, debug, metrics } = this.#options;
    const { kind, name } = breaker;
    // A feed that drains after its job has ended may still move a breaker that is no longer there, or no longer its own.
    if (this.#breakers.get(keyOf(kind, name)) !== breaker) return;
    const fields = { breaker: kind, name, from, last_error: lastError };
    if (to === "open") log.warn("breaker.opened", fields);
    else if (to === "isolated") log.warn("breaker.isolated", fields);
    else if (to === "half_open") log.info("breaker.half_opened", fields);
    else log.info("breaker.closed", fields);
    metrics.count("feed_breaker_transitions_total", { kind, to });
    debug.emit({
      pipe: "write",
      event: "feed.breaker.moved",
      level: to === "open" || to === "isolated" ? "warn" : "info",
      ...(kind === "series" ? { series: name } : {}),
      data: { kind, name, from, to, last_error: lastError },
    });
    this.#keep(kind, name, breaker.saved());
  }

  #saved(kind: BreakerKind, name: string): SavedBreaker | undefined {
    // A breaker that is made anew within the process goes on as it is, which the store may not have on disk yet.
    const before = this.#breakers.get(keyOf(kind, name));
    return savedBreakerIn(before === undefined ? this.#options.store.state(stateKey(kind, name)) : before.saved());
  }

  /** A breaker works without its record: one that cannot be written costs a restart its memory. */
  #keep(kind: BreakerKind, name: string, value: unknown): void {
    const { store, log } = this.#options;
    store.putState(stateKey(kind, name), value).catch((error: unknown) => {
      log.debug("breaker.not_saved", { breaker: kind, name, error: errorText(error) });
    });
  }
}

function keyOf(kind: BreakerKind, name: string): string {
  return `${kind} ${name}`;
}

function stateKey(kind: BreakerKind, name: string): string {
  return `breaker:${kind}:${name}`;
}
