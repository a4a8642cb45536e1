/** Answers about the process: its actors, and what its supervisor asks. Design: docs/operations.md. */
import { Type } from "typebox";
import type { TreeNode as WireTreeNode } from "../../actors/runtime/tree-view.js";
import {
  always,
  count,
  list,
  named,
  nullable,
  object,
  oneOf,
  SCHEMA_VERSION,
  text,
  unixMilliseconds,
} from "./parts.js";

const TREE_NODE = "TreeNode";

const TreeNode = named(TREE_NODE, "A supervised child of the actor tree, and those below it.", {
  name: text("Below its parent."),
  kind: oneOf(["supervisor", "actor"]),
  state: oneOf(["stopped", "starting", "running", "crashed", "suspended", "stopping"]),
  since_ms: unixMilliseconds("Since when."),
  starts: count("How often it was started since its parent was made."),
  crashes: count("How often it crashed since its parent was made."),
  last_error: nullable(text("Of its last crash; null before the first.")),
  mailbox: nullable(
    object(
      {
        waiting: count("Messages that wait."),
        bound: count("From how many on more are refused."),
        refused: count("How many were refused."),
      },
      "Null for what gets no messages.",
    ),
  ),
  children: list(
    Type.Unsafe<WireTreeNode>({ $ref: `#/components/schemas/${TREE_NODE}` }),
    "In the order in which they are started.",
  ),
});

export const RuntimeTreeAnswer = named("RuntimeTreeAnswer", "The actor tree of the process.", {
  schema_version: SCHEMA_VERSION,
  now_ms: unixMilliseconds("The time of the daemon."),
  root: TreeNode,
});

export const AliveAnswer = named("AliveAnswer", "The event loop turns.", { status: always("alive") });

export const ReadyAnswer = named("ReadyAnswer", "All parts of the process run.", { status: always("ready") });

export const FreshAnswer = named("FreshAnswer", "Every series of the whitelist is fed as it should be.", {
  status: always("fresh"),
  series: count("Series of the whitelist."),
});

export const PrometheusText = Type.String({
  description: "Of each metric `# HELP`, `# TYPE`, and a line for each sample; docs/metrics.md explains them.",
});
