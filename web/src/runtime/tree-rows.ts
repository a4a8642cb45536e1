/** The actor tree as rows: what is unfolded only, trouble first. Pure. */
import type { RuntimeNode } from "../../../src/client/answers/operation.js";

/** Rows below one node before the rest is asked for. */
export const ROWS_AT_ONCE = 40;

/** How bad it stands: in trouble now, has been in trouble, never was. */
export type Severity = "trouble" | "recovered" | "fine";

export interface TreeRow {
  /** Names from the root on, joined by `/`. */
  readonly path: string;
  readonly depth: number;
  readonly node: RuntimeNode;
  /** Of the node and of everything below it. */
  readonly severity: Severity;
  readonly unfolded: boolean;
}

/** The rest of a node's children, which is not shown yet. */
export interface MoreRow {
  /** Of the node. */
  readonly path: string;
  readonly depth: number;
  readonly hidden: number;
}

export interface TreeChoice {
  /** Paths that were folded or unfolded by hand. */
  readonly unfolded: ReadonlyMap<string, boolean>;
  /** Paths of which more rows were asked for, and how many are shown. */
  readonly shown: ReadonlyMap<string, number>;
  /** Only branches with this text in a name; empty: all. */
  readonly filter: string;
}

const RANK: Readonly<Record<Severity, number>> = { trouble: 0, recovered: 1, fine: 2 };

/** Nodes above this depth are unfolded unless told otherwise: the markets and the series, not their actors. */
const UNFOLDED_DEPTH = 2;

export function treeRows(root: RuntimeNode, choice: TreeChoice): readonly (TreeRow | MoreRow)[] {
  const rows: (TreeRow | MoreRow)[] = [];
  const severities = new Map<RuntimeNode, Severity>();
  rate(root, severities);
  addRows(
    rows,
    { node: root, path: root.name, depth: 0 },
    { ...choice, filter: choice.filter.toLowerCase() },
    severities,
  );
  return rows;
}

interface Place {
  readonly node: RuntimeNode;
  readonly path: string;
  readonly depth: number;
}

function addRows(
  rows: (TreeRow | MoreRow)[],
  { node, path, depth }: Place,
  choice: TreeChoice,
  severities: ReadonlyMap<RuntimeNode, Severity>,
): void {
  const severity = severities.get(node) ?? "fine";
  const byDefault = depth < UNFOLDED_DEPTH || severity === "trouble";
  const unfolded = node.children.length > 0 && (choice.unfolded.get(path) ?? byDefault);
  rows.push({ path, depth, node, severity, unfolded });
  if (!unfolded) return;
  // Below a node that was looked for everything is shown.
  const isWanted = depth > 0 && node.name.toLowerCase().includes(choice.filter);
  const below = isWanted ? { ...choice, filter: "" } : choice;
  const rank = (child: RuntimeNode) => RANK[severities.get(child) ?? "fine"];
  const sorted = node.children.filter((child) => isNamed(child, below.filter)).sort((a, b) => rank(a) - rank(b));
  const limit = choice.shown.get(path) ?? ROWS_AT_ONCE;
  for (const child of sorted.slice(0, limit)) {
    addRows(rows, { node: child, path: `${path}/${child.name}`, depth: depth + 1 }, below, severities);
  }
  if (sorted.length > limit) rows.push({ path, depth: depth + 1, hidden: sorted.length - limit });
}

/** Whether a text is in the name of the node, or of one below it. */
function isNamed(node: RuntimeNode, text: string): boolean {
  return text === "" || node.name.toLowerCase().includes(text) || node.children.some((child) => isNamed(child, text));
}

function rate(node: RuntimeNode, severities: Map<RuntimeNode, Severity>): Severity {
  let worst: Severity = ownSeverity(node);
  for (const child of node.children) {
    const below = rate(child, severities);
    if (RANK[below] < RANK[worst]) worst = below;
  }
  severities.set(node, worst);
  return worst;
}

function ownSeverity({ state, crashes }: RuntimeNode): Severity {
  if (state === "crashed" || state === "suspended") return "trouble";
  return crashes > 0 ? "recovered" : "fine";
}
