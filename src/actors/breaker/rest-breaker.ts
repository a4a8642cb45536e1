/** The breaker of a REST endpoint as operators see it, and as it is kept across restarts. */
import type { EndpointBreaker } from "../../exchange/binance/endpoint-breaker.js";
import type { VisibleBreaker } from "./breaker-view.js";
import type { SavedBreaker } from "./saved-breaker.js";

/** @param nowMs the wall clock, Unix milliseconds. */
export function visibleRestBreaker(breaker: EndpointBreaker, nowMs: () => number): VisibleBreaker {
  const transitions = () => breaker.snapshot().transitions.map(({ atMs: at_ms, from, to }) => ({ at_ms, from, to }));
  return {
    kind: "rest",
    name: breaker.name,
    view: () => {
      const { state, sinceMs, failures, lastError, nextAttemptInMs } = breaker.snapshot();
      return {
        kind: "rest",
        name: breaker.name,
        state,
        since_ms: sinceMs,
        in_state_ms: Math.max(0, nowMs() - sinceMs),
        failures_in_window: failures,
        last_error: lastError,
        next_attempt_in_ms: nextAttemptInMs,
        transitions: transitions(),
      };
    },
    isolate: () => breaker.isolate(),
    reset: () => breaker.reset(),
    saved: (): SavedBreaker => {
      const { state, sinceMs, lastError, nextAttemptInMs } = breaker.snapshot();
      return {
        state,
        since_ms: sinceMs,
        failures_ms: [],
        consecutive: 0,
        last_error: lastError,
        last_failure_at_ms: null,
        open_until_ms: state === "open" && nextAttemptInMs !== null ? nowMs() + nextAttemptInMs : null,
        last_backoff_ms: 0,
        transitions: transitions(),
      };
    },
  };
}
