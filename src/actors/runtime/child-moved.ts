/** What is told of a change in the life of a supervised child: a debug event, and counts. Page: docs/api/ws-debug.md. */
import type { DebugHub } from "../../observability/debug-hub.js";
import type { Metrics } from "../../observability/metrics.js";
import type { LifecycleState } from "./lifecycle.machine.js";
import type { LifecycleChanged } from "./supervisor.js";

/** The name of the root of the tree, with which the path of every child begins. */
export const ROOT_NAME = "runtime";

/** The name of the child of the root that all series are below. */
export const SERIES_NAME = "series";

/** Of what kind a child is: its own name for actors of a series, otherwise that of the supervisor above it. */
export type SupervisionLevel = "exchange" | "all_series" | "series" | "ingest" | "factor" | "overlay" | "publisher";

/** @param names of a child of the tree, from below the root on. */
export function levelOf(names: readonly string[]): SupervisionLevel {
  const [first, , actor] = names;
  if (first !== SERIES_NAME) return "exchange";
  if (actor !== undefined) return actor as SupervisionLevel;
  return names.length === 1 ? "all_series" : "series";
}

/** A start of a thousand series moves ten thousand children: only what went wrong, and its end, is worth a place in the ring. */
const TROUBLES: readonly LifecycleState[] = ["crashed", "suspended"];

export interface TellingParts {
  readonly debug: DebugHub;
  readonly metrics: Metrics;
}

/**
 * Counts a change, and tells that a child has crashed, was suspended, or is started again after that; ordinary starts and stops
 * are not told.
 * @param changed its `path` holds the names from the root of the tree on. @param series the series that it belongs to.
 */
export function tellMove(
  { debug, metrics }: TellingParts,
  { path, from, to, error, starts }: LifecycleChanged,
  level: SupervisionLevel,
  series?: string,
): void {
  if (to === "starting" && starts > 1) metrics.count("actor_restarts_total", { level });
  else if (to === "crashed") metrics.count("actor_crashes_total", { level });
  else if (to === "suspended") metrics.count("actor_suspensions_total", { level });
  const isTrouble = TROUBLES.includes(to);
  if (!isTrouble && !TROUBLES.includes(from)) return;
  debug.emit({
    pipe: "write",
    event: "runtime.child_moved",
    ...(series === undefined ? {} : { series }),
    level: isTrouble ? "warn" : "info",
    message: `${path}: ${from} to ${to}`,
    data: { path, from, to, last_error: error },
  });
}
