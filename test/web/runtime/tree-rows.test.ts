import { expect, test } from "vitest";
import type { RuntimeNode } from "../../../src/client/answers/operation.js";
import { ROWS_AT_ONCE, type TreeChoice, treeRows } from "../../../web/src/runtime/tree-rows.js";

const node = (name: string, change: Partial<RuntimeNode> = {}): RuntimeNode => ({
  name,
  kind: (change.children ?? []).length > 0 ? "supervisor" : "actor",
  state: "running",
  since_ms: 0,
  starts: 1,
  crashes: 0,
  last_error: null,
  mailbox: null,
  children: [],
  ...change,
});

const ACTORS = ["ingest", "factor", "overlay", "publisher"];
const series = (name: string, change: Partial<RuntimeNode> = {}): RuntimeNode =>
  node(name, { children: ACTORS.map((actor) => node(actor)), ...change });
const treeOf = (children: readonly RuntimeNode[]): RuntimeNode =>
  node("runtime", { children: [node("exchange/spot"), node("series", { children })] });

const CHOICE: TreeChoice = { unfolded: new Map(), shown: new Map(), filter: "" };
const names = (root: RuntimeNode, choice: Partial<TreeChoice> = {}) =>
  treeRows(root, { ...CHOICE, ...choice }).map((row) =>
    "hidden" in row ? `${" ".repeat(row.depth)}+${row.hidden}` : `${" ".repeat(row.depth)}${row.node.name}`,
  );

test("markets and series are shown, and their actors when they are unfolded", () => {
  const root = treeOf([series("a"), series("b")]);
  expect(names(root)).toEqual(["runtime", " exchange/spot", " series", "  a", "  b"]);
  const unfolded = new Map([
    ["runtime/series/b", true],
    ["runtime/series/a", false],
  ]);
  expect(names(root, { unfolded })).toEqual([
    "runtime",
    " exchange/spot",
    " series",
    "  a",
    "  b",
    ...ACTORS.map((actor) => `   ${actor}`),
  ]);
  expect(names(root, { unfolded: new Map([["runtime/series", false]]) })).toEqual([
    "runtime",
    " exchange/spot",
    " series",
  ]);
});

test("trouble comes first and is unfolded down to where it is; what has crashed once comes next", () => {
  const troubled = series("c", { children: [node("ingest"), node("factor", { state: "suspended", crashes: 3 })] });
  const recovered = series("b", { children: [node("ingest", { crashes: 1 })] });
  const root = treeOf([series("a"), recovered, troubled]);
  expect(names(root)).toEqual(["runtime", " series", "  c", "   factor", "   ingest", "  b", "  a", " exchange/spot"]);
  const rows = treeRows(root, CHOICE);
  expect(rows.map((row) => ("severity" in row ? row.severity : ""))).toEqual([
    ...["trouble", "trouble", "trouble", "trouble", "fine"],
    ...["recovered", "fine", "fine"],
  ]);
});

test("a thousand series make few rows, the rest is asked for, and it takes no time", () => {
  const root = treeOf(Array.from({ length: 1_000 }, (_, at) => series(`s${at}`)));
  expect(names(root)).toHaveLength(3 + ROWS_AT_ONCE + 1);
  expect(names(root).at(-1)).toBe(`  +${1_000 - ROWS_AT_ONCE}`);
  expect(names(root, { shown: new Map([["runtime/series", 1_000]]) })).toHaveLength(1_003);
  const began = performance.now();
  for (let times = 0; times < 10; times += 1) treeRows(root, CHOICE);
  expect((performance.now() - began) / 10).toBeLessThan(50);
});

test("a filter leaves the branches that have the text in a name", () => {
  const root = treeOf([series("BTC/USDT"), series("ETH/USDT")]);
  expect(names(root, { filter: "eth" })).toEqual(["runtime", " series", "  ETH/USDT"]);
  const unfolded = new Map([["runtime/series/ETH/USDT", true]]);
  expect(names(root, { filter: "eth", unfolded })).toHaveLength(3 + ACTORS.length);
  expect(names(root, { filter: "spot" })).toEqual(["runtime", " exchange/spot"]);
  expect(names(root, { filter: "nothing" })).toEqual(["runtime"]);
});
