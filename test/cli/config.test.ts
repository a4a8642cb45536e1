import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configCommand } from "../../src/cli/config.js";
import { projectRoot } from "../../src/config/project-root.js";

interface Outcome {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await configCommand.run(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    env,
    stop: new AbortController().signal,
  });
  return { code, out, err };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "config-command-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("config check", () => {
  it("shows nothing but the whitelist for an empty environment", async () => {
    const path = join(projectRoot(), "config", "whitelist.json");
    expect(await run(["check"])).toEqual({
      code: 0,
      out: [
        "Settings that differ from their defaults:",
        "  none",
        `Whitelist ${path}:`,
        "  binance:futures:BTC/USDT:1m",
        "  binance:futures:ETH/USDT:1m",
        "  binance:spot:BTC/USDT:1m",
        "Notes:",
        "  none",
      ],
      err: [],
    });
  });

  it("shows what differs, where it comes from, and what is worth knowing", async () => {
    const file = write(
      "mine.env",
      [
        "TRADE_CANVAS_ENABLE_DEBUG_API=1",
        "TRADE_CANVAS_PORT=9000",
        "TRADE_CANVAS_MARKET_FRESH_WINDOW_CANDLES=8",
        `TRADE_CANVAS_WHITELIST_PATH=${folder}/none.json`,
        "TRADE_CANVAS_PIVOT_WINDOW_MINOR=5",
        "TRADE_CANVAS_BLOCKING_WORKERS=2",
      ].join("\n"),
    );
    const env = { TRADE_CANVAS_PORT: "9001", TRADE_CANVAS_CCXT_TIMEOUT_MS: "9", TRADE_CANVAS_PROT: "1", HOME: "/" };
    expect(await run(["check", "--settings", file], env)).toEqual({
      code: 0,
      out: [
        "Settings that differ from their defaults:",
        "  TRADE_CANVAS_ENABLE_DEBUG_API=1 (file)",
        "  TRADE_CANVAS_CCXT_TIMEOUT_MS=1000 (environment)",
        "  TRADE_CANVAS_MARKET_FRESH_WINDOW_CANDLES=8 (file)",
        "  TRADE_CANVAS_MARKET_STALE_WINDOW_CANDLES=9 (derived from TRADE_CANVAS_MARKET_FRESH_WINDOW_CANDLES)",
        "  TRADE_CANVAS_PORT=9001 (environment)",
        `  TRADE_CANVAS_WHITELIST_PATH=${folder}/none.json (file)`,
        "  TRADE_CANVAS_BLOCKING_WORKERS=2 (file, no effect)",
        `Whitelist ${folder}/none.json:`,
        "  none",
        "Notes:",
        '  TRADE_CANVAS_CCXT_TIMEOUT_MS="9" is below the minimum; 1000 is used',
        expect.stringMatching(/^ {2}TRADE_CANVAS_BLOCKING_WORKERS is set\. No effect: /),
        "  TRADE_CANVAS_PROT is no setting and has no effect; did you mean TRADE_CANVAS_PORT?",
      ],
      err: [],
    });
  });

  it("lists the problems of the variables and exits with 1", async () => {
    const { code, out, err } = await run(["check"], { TRADE_CANVAS_HOST: "0.0.0.0", TRADE_CANVAS_PORT: "65536" });
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err).toEqual([
      expect.stringMatching(/^settings_invalid: TRADE_CANVAS_HOST="0\.0\.0\.0" is not loopback/),
      expect.stringMatching(/^settings_invalid: TRADE_CANVAS_PORT="65536" is no port/),
    ]);
  });

  it("exits with 1 for a whitelist that a start would refuse", async () => {
    const path = write("broken.json", '{"series_ids": 1}');
    const { code, err } = await run(["check"], { TRADE_CANVAS_WHITELIST_PATH: path });
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^whitelist_invalid: whitelist series_ids must be a list/)]);
  });

  it("lists who has an access token, and what for; exits with 1 for a file that a start would refuse", async () => {
    const entry = { name: "grafana", sha256: "a".repeat(64), scopes: ["read", "debug"] };
    const path = write("tokens.json", JSON.stringify({ tokens: [entry] }));
    const { code, out } = await run(["check"], { TRADE_CANVAS_ACCESS_TOKENS_PATH: path, TRADE_CANVAS_HOST: "0.0.0.0" });
    expect(code).toBe(0);
    expect(out.join("\n")).toContain(`Access tokens ${path}:\n  grafana: read, debug\nNotes:`);
    expect(out.join("\n")).not.toContain("aaaa");
    const broken = await run(["check"], { TRADE_CANVAS_ACCESS_TOKENS_PATH: write("none.json", "{}") });
    expect(broken).toMatchObject({ code: 1, err: [expect.stringMatching(/^access_tokens_invalid: access tokens /)] });
    expect((await run(["check"])).out.join()).not.toContain("Access tokens");
  });

  it("says nothing of a token that commands send", async () => {
    const { out } = await run(["check"], { TRADE_CANVAS_TOKEN: "tc_secret" });
    expect(out.join("\n")).toMatch(/Notes:\n {2}none$/);
  });

  it("exits with 1 for an env file that is missing or broken", async () => {
    const missing = await run(["check", `--settings=${folder}/none.env`]);
    expect(missing).toMatchObject({ code: 1, err: [expect.stringContaining(`${folder}/none.env: cannot be read`)] });
    const broken = await run(["check", "--settings", write("broken.env", "A=1\nB\n")]);
    expect(broken).toMatchObject({ code: 1, err: [expect.stringContaining("broken.env:2")] });
  });
});

describe("config doc", () => {
  it("prints docs/flags.md, byte for byte", async () => {
    const { code, out, err } = await run(["doc"]);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    const printed = out.map((line) => `${line}\n`).join("");
    expect(printed).toBe(readFileSync(join(projectRoot(), "docs", "flags.md"), "utf8"));
  });

  it("does not depend on the environment", async () => {
    const other = await run(["doc"], { TRADE_CANVAS_PORT: "70000", TRADE_CANVAS_DB_PATH: "/elsewhere" });
    expect(other).toEqual(await run(["doc"]));
  });
});

describe("usage", () => {
  it.each([["--help"], ["-h"], ["check", "--help"]])("is printed for %s", async (...args) => {
    const { code, out, err } = await run(args);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out.join("\n")).toBe(configCommand.help);
  });

  it.each([
    [[], "say what to do: check or doc"],
    [["chek"], '"chek" is neither check nor doc'],
    [["check", "more"], '"more" is one argument too many'],
    [["doc", "--settings", "f"], "--settings goes with check only"],
    [["check", "--settings"], "Option '--settings <value>' argument missing"],
    [["check", "--verbose"], "Unknown option '--verbose'"],
  ])("%j is wrong: exit code 2 and the remedy", async (args, problem) => {
    expect(await run(args)).toEqual({ code: 2, out: [], err: [`config: ${problem}. See trade-canvas config --help`] });
  });
});
