import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvFile } from "../../src/config/env-file.js";
import { loadSettings } from "../../src/config/load.js";
import { projectRoot } from "../../src/config/project-root.js";
import { loadWhitelist } from "../../src/config/whitelist.js";

const CONFIG = join(projectRoot(), "config");

const LIVE = {
  enableIngestPipelineV2: true,
  enableIngestLoopGuardrail: true,
  enableReadStrictMode: true,
  enableIngestWsPipelinePublish: true,
  enableWhitelistIngest: true,
  enableOndemandIngest: true,
  enableDerivedTimeframes: true,
  enableMarketGapBackfill: true,
  enableCcxtBackfill: true,
  enableStartupKlineSync: true,
  enableStrictClosedOnly: true,
  enableKlineHealthV2: true,
  enableRuntimeMetrics: true,
  enableDebugApi: true,
  enableReplayV1: true,
  enableReplayEnsureCoverage: true,
  enableReplayPackage: true,
};

const DEMO = {
  ...LIVE,
  enableDevApi: true,
  whitelistPath: join(CONFIG, "demo-whitelist.json"),
  startupKlineSyncTargetCandles: 500,
};

describe.each([
  ["live.env", LIVE],
  ["demo.env", DEMO],
] as const)("%s", (name, expected) => {
  const path = join(CONFIG, name);
  const env = readEnvFile(path);

  it("switches on exactly this", () => {
    const { settings } = loadSettings(env);
    expect(settings).toEqual({ ...loadSettings({}).settings, ...expected });
    expect(Object.keys(env)).toHaveLength(Object.keys(expected).length);
  });

  it("has nothing to note", () => {
    expect(loadSettings(env).notes).toEqual([]);
  });

  it("says the reason for each variable in the line above it", () => {
    const lines = readFileSync(path, "utf8").split("\n");
    const assignments = lines.flatMap((line, index) => (line.includes("=") ? [index] : []));
    for (const index of assignments) expect(lines[index - 1]).toMatch(/^# [A-Z].*\.$/);
    expect(assignments).toHaveLength(Object.keys(env).length);
  });

  it("names a whitelist with the three series", () => {
    expect(loadWhitelist(loadSettings(env).settings.whitelistPath)).toEqual([
      "binance:futures:BTC/USDT:1m",
      "binance:futures:ETH/USDT:1m",
      "binance:spot:BTC/USDT:1m",
    ]);
  });
});
