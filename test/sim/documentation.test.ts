/** docs/simulator.md says what the code says. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { simulateCommand } from "../../src/cli/simulate.js";
import { CONTROL_ROUTES } from "../../src/sim/control/control-routes.js";
import { FAULTS } from "../../src/sim/faults/catalogue.js";
import { JOURNAL_KINDS } from "../../src/sim/journal.js";
import { PRODUCTION_SETTINGS } from "../../src/sim/settings.js";
import { STRIKE_SCHEMAS } from "../../src/sim/strikes.js";

const PAGE = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");

/** The cells of the table rows whose first cell is `name` in code. */
function rowOf(name: string): string[] | undefined {
  const line = PAGE.split("\n").find((candidate) => candidate.startsWith(`| \`${name}\` |`));
  return line?.split(" |").map((cell) => cell.replace(/^\|? */, "").trim());
}

const SCOPE = ["kind", "symbols", "intervals", "connections", "fromMs", "untilMs", "times"];

describe("the documentation of the simulator", () => {
  it.each(FAULTS.map(({ kind, summary, schema }) => [kind, summary, schema] as const))(
    "has the fault %s with its summary and all its fields",
    (kind, summary, schema) => {
      const [, fields = "", what = ""] = rowOf(kind) ?? [];
      expect(what.startsWith(summary)).toBe(true);
      const { properties, required = [] } = schema as unknown as {
        properties: Record<string, unknown>;
        required?: string[];
      };
      for (const name of Object.keys(properties).filter((property) => !SCOPE.includes(property))) {
        expect(fields, name).toContain(required.includes(name) ? `\`${name}\`` : `\`${name}?\``);
      }
    },
  );

  it("has every strike, every kind of journal entry, every route and every option", () => {
    for (const [kind, { properties }] of Object.entries(STRIKE_SCHEMAS)) {
      const [, fields = ""] = rowOf(kind) ?? [];
      for (const name of Object.keys(properties).filter((property) => property !== "kind"))
        expect(fields).toContain(name);
    }
    for (const kind of JOURNAL_KINDS) expect(rowOf(kind), kind).toBeDefined();
    for (const { method, path } of CONTROL_ROUTES) expect(PAGE).toMatch(new RegExp(`\\| \`${method} ${path}[\`?]`));
    for (const option of simulateCommand.help.match(/--[a-z-]+/g) ?? []) {
      if (option !== "--help") expect(PAGE, option).toContain(option);
    }
  });

  it("names every setting", () => {
    const { clockOffsetMs: _, ...groups } = PRODUCTION_SETTINGS.spot;
    for (const [group, settings] of Object.entries(groups)) {
      const [, names = ""] = rowOf(group) ?? [];
      for (const name of Object.keys(settings)) expect(names, `${group}.${name}`).toContain(`\`${name}\``);
    }
  });
});
