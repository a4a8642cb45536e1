/** The page of the metrics and the dashboard, held against the running server. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { METRICS } from "../../src/http/metrics/metric-table.js";
import { call } from "../http/request.js";
import { startTestDaemon } from "../support/daemon.js";
import { parseExposition } from "../support/exposition.js";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the page lists the metrics of the running server, each with its type and meaning, and no others", async () => {
  const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1" } });
  const { families } = parseExposition((await call(url, "/metrics")).text);
  const rows = [...read("docs/metrics.md").matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \| (.*) \|$/gm)];
  expect(rows.map(([, name, type, , help]) => [name, { type, help }])).toEqual([...families]);
  const labels = rows.map(([, name = "", , cell = ""]) => [
    name,
    [...cell.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  ]);
  expect(Object.fromEntries(labels)).toEqual(
    Object.fromEntries(Object.entries(METRICS).map(([name, kind]) => [name, kind.labels])),
  );
});

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

/** Names of a query that are no functions, labels or keywords: those of metrics. */
function metricsIn(expr: string): readonly string[] {
  const bare = expr.replace(/\{[^}]*\}/g, "").replace(/\b(?:by|without)\s*\([^)]*\)/g, "");
  return [...bare.matchAll(/\b(?:trade_canvas|process|nodejs)_\w+/g)].map(([name]) => name);
}

function labelsIn(expr: string): readonly string[] {
  const matchers = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = ""]) => [
    ...inner.matchAll(/(\w+)\s*(?:=|!)/g),
  ]);
  const groups = [...expr.matchAll(/\b(?:by|without|on)\s*\(([^)]*)\)/g)].flatMap(([, inner = ""]) => [
    ...inner.matchAll(/(\w+)/g),
  ]);
  return [...matchers, ...groups].map(([, label = ""]) => label);
}

test("every query of the dashboard names metrics and labels that there are", () => {
  const dashboard = JSON.parse(read("deploy/grafana-dashboard.json")) as { readonly panels: readonly Panel[] };
  const targets = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map((target) => ({ title, ...target })),
  );
  expect(targets.length).toBeGreaterThan(15);
  for (const { title, expr, legendFormat = "" } of targets) {
    const names = metricsIn(expr);
    expect(names.length, `${title}: ${expr}`).toBeGreaterThan(0);
    const families = names.map((name) => (name in METRICS ? name : name.replace(/_(bucket|sum|count)$/, "")));
    for (const family of families) expect(Object.keys(METRICS), `${title}: ${expr}`).toContain(family);
    const kinds = families.map((family) => METRICS[family as keyof typeof METRICS]);
    const known = ["le", "job", "instance", ...kinds.flatMap(({ labels }) => labels)];
    const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
    for (const label of [...labelsIn(expr), ...legend]) expect(known, `${title}: ${expr}`).toContain(label);
    for (const [at, { type }] of kinds.entries()) {
      if (type === "gauge") expect(expr, title).not.toMatch(new RegExp(`(rate|increase)\\(${families[at]}`));
    }
  }
});
