/** The debug event of a change in the life of a supervised child. Page: docs/api/ws-debug.md. */
import type { DebugNote } from "../../observability/debug-hub.js";
import type { LifecycleChanged } from "./supervisor.js";

/** The name of the root of the tree, with which the path of every child begins. */
export const ROOT_NAME = "runtime";

/** @param changed its `path` holds the names from the root of the tree on. @param series the series that it belongs to. */
export function childMoved({ path, from, to, error }: LifecycleChanged, series?: string): DebugNote {
  return {
    pipe: "write",
    event: "runtime.child_moved",
    ...(series === undefined ? {} : { series }),
    level: to === "crashed" || to === "suspended" ? "warn" : "info",
    message: `${path}: ${from} to ${to}`,
    data: { path, from, to, last_error: error },
  };
}
