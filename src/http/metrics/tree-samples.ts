/** Metrics of the actor tree: children by level and state, and what waits before them. */
import { levelOf, type SupervisionLevel } from "../../actors/runtime/child-moved.js";
import type { TreeNode } from "../../actors/runtime/tree-view.js";
import type { Sample } from "../../observability/exposition.js";
import type { MetricName } from "./metric-table.js";

interface Tally {
  readonly states: Map<TreeNode["state"], number>;
  waiting: number;
  waitingMax: number;
  hasMailbox: boolean;
}

export function treeSamples(root: TreeNode): readonly Sample<MetricName>[] {
  const tallies = new Map<SupervisionLevel, Tally>();
  for (const child of root.children) add(child, [child.name], tallies);
  return [...tallies].flatMap(([level, { states, waiting, waitingMax, hasMailbox }]): Sample<MetricName>[] => [
    ...[...states].map(
      ([state, value]): Sample<MetricName> => ({ name: "trade_canvas_actors", labels: { level, state }, value }),
    ),
    ...(hasMailbox
      ? ([
          { name: "trade_canvas_mailbox_waiting", labels: { level }, value: waiting },
          { name: "trade_canvas_mailbox_waiting_max", labels: { level }, value: waitingMax },
        ] as const)
      : []),
  ]);
}

function add(node: TreeNode, names: readonly string[], tallies: Map<SupervisionLevel, Tally>): void {
  const level = levelOf(names);
  const tally = tallies.get(level) ?? { states: new Map(), waiting: 0, waitingMax: 0, hasMailbox: false };
  tallies.set(level, tally);
  tally.states.set(node.state, (tally.states.get(node.state) ?? 0) + 1);
  if (node.mailbox !== null) {
    tally.hasMailbox = true;
    tally.waiting += node.mailbox.waiting;
    tally.waitingMax = Math.max(tally.waitingMax, node.mailbox.waiting);
  }
  for (const child of node.children) add(child, [...names, child.name], tallies);
}
