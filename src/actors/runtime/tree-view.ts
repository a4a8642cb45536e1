/** The actor tree as operators see it, on the wire. Design: docs/operations.md. */
import type { LifecycleState } from "./lifecycle.machine.js";

/** Messages before an actor. `waiting` may exceed `bound` by those of which only the latest is kept. */
export interface MailboxView {
  readonly waiting: number;
  readonly bound: number;
  /** Messages that were refused because it was full, since the actor was made. */
  readonly refused: number;
}

/** What a supervised child shows of its inside. */
export interface Inside {
  readonly kind: "supervisor" | "actor";
  /** Null for a supervisor, and for an actor that is called instead of being sent messages. */
  readonly mailbox: MailboxView | null;
  readonly children: readonly TreeNode[];
}

/** A supervised child with everything below it. `since_ms`: Unix time in milliseconds at which it entered its state. */
export interface TreeNode extends Inside {
  readonly name: string;
  readonly state: LifecycleState;
  readonly since_ms: number;
  readonly starts: number;
  readonly crashes: number;
  /** Of the last crash; null before the first. */
  readonly last_error: string | null;
}

/** Which part of the tree is asked for. */
export interface TreeScope {
  /** Only this series; all of them when left out. */
  readonly series?: string | undefined;
}

/** The inside of an actor that shows none. */
export const PLAIN_ACTOR: Inside = { kind: "actor", mailbox: null, children: [] };
