import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/config/project-root.js";
import { renderReferencePage } from "../../src/config/reference-page.js";
import { ALL_SETTINGS } from "../../src/config/schema.js";

const page = renderReferencePage();
const rows = page.split("\n").filter((line) => line.startsWith("|"));

function rowOf(name: string): string {
  return rows.findLast((line) => line.startsWith(`| \`${name}\` |`)) ?? "";
}

describe("the reference page", () => {
  it("is what docs/flags.md holds; `trade-canvas config doc` writes it", () => {
    expect(readFileSync(join(projectRoot(), "docs", "flags.md"), "utf8")).toBe(`${page}\n`);
  });

  it.each(ALL_SETTINGS)("has a row for %s with its effect", (_key, { env, effect, since }) => {
    expect(rowOf(env.slice("TRADE_CANVAS_".length))).toMatch(new RegExp(` \\| ${since} \\| `));
    expect(page).toContain(` | ${effect} |`);
  });

  it("shows defaults and minimums as the settings have them", () => {
    expect(rowOf("BINANCE_WS_FLUSH_S")).toMatch(
      /^\| `BINANCE_WS_FLUSH_S` \| float \| `0.5` \| 0.05 \| seconds \| now \|/,
    );
    expect(rowOf("ENABLE_CCXT_BACKFILL_ON_READ")).toContain("| value of `ENABLE_MARKET_AUTO_TAIL_BACKFILL` |");
    expect(rowOf("MARKET_STALE_WINDOW_CANDLES")).toContain("| `5` | `MARKET_FRESH_WINDOW_CANDLES` + 1 |");
    expect(rowOf("MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES")).toContain("| int or none | none |");
    expect(rowOf("FACTOR_LOGIC_VERSION")).toContain("| string | empty |");
    expect(rowOf("SIM_CLOCK")).toContain("| clock | real time |");
    expect(rowOf("DB_PATH")).toContain("| path | `var/store` |");
    expect(rowOf("LOG_FORMAT")).toContain("| choice: `auto`, `pretty`, `json` | `auto` |");
    expect(rowOf("ENABLE_SQLITE_STORE")).toContain("TRADE_CANVAS_DB_PATH");
  });

  it("has tables whose rows are all as wide as their heads", () => {
    const lines = page.split("\n");
    const cells = (line: string): number => line.split("|").length;
    lines.forEach((line, index) => {
      const above = lines[index - 1] ?? "";
      if (line.startsWith("|") && above.startsWith("|"))
        expect(`${cells(line)} ${line}`).toBe(`${cells(above)} ${line}`);
    });
    expect(rows.length).toBeGreaterThan(100);
  });

  it("names no folder of this machine", () => {
    expect(page).not.toContain(projectRoot());
  });
});
