/** What a supervisor can look after: an actor, or another supervisor with everything below it. */

import type { Inside, TreeScope } from "./tree-view.js";

export type CrashListener = (error: unknown) => void;

export type StopReason = "restart" | "shutdown";

export interface Supervised {
  /** Resolves when the child works. A rejection counts as a crash. */
  start(): Promise<void>;
  /**
   * Resolves when the child and everything below it has stopped. Never rejects; idempotent. What is stopped only to be
   * restarted keeps its waiting messages for its next incarnation; a shutdown refuses them.
   */
  stop(reason: StopReason): Promise<void>;
  /** The listener is called once for every crash of the running child. Replaces an earlier listener. */
  onCrash(listener: CrashListener): void;
  /** For the view of the tree; left out by an actor without a mailbox. */
  inside?(scope: TreeScope): Inside;
}
