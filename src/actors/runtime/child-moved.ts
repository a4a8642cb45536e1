/** The debug event of a change in the life of a supervised child. Page: docs/api/ws-debug.md. */
import type { DebugHub } from "../../observability/debug-hub.js";
import type { LifecycleState } from "./lifecycle.machine.js";
import type { LifecycleChanged } from "./supervisor.js";

/** The name of the root of the tree, with which the path of every child begins. */
export const ROOT_NAME = "runtime";

/** A start of a thousand series moves ten thousand children: only what went wrong, and its end, is worth a place in the ring. */
const TROUBLES: readonly LifecycleState[] = ["crashed", "suspended"];

/**
 * Tells that a child has crashed, was suspended, or is started again after that; ordinary starts and stops are not told.
 * @param changed its `path` holds the names from the root of the tree on. @param series the series that it belongs to.
 */
export function tellChildMoved(debug: DebugHub, { path, from, to, error }: LifecycleChanged, series?: string): void {
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
