/** What keeps the daemon from starting, before there is anything to stop. Spec: flags §6. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runDaemon } from "../../src/cli/daemon.js";
import { tempFolder } from "../support/temp.js";

/** Starts a daemon that is expected to refuse; with a whitelist file, if there is text for one. */
async function refusal(env: Readonly<Record<string, string>>, whitelist?: string) {
  const folder = tempFolder();
  const [store, file] = [join(folder, "store"), join(folder, "whitelist.json")];
  if (whitelist !== undefined) writeFileSync(file, whitelist);
  const err: string[] = [];
  const code = await runDaemon(
    { env: () => ({ TRADE_CANVAS_DB_PATH: store, TRADE_CANVAS_WHITELIST_PATH: file, TRADE_CANVAS_PORT: "0", ...env }) },
    { out: () => undefined, err: (line) => void err.push(line), env: {}, stop: AbortSignal.abort() },
  );
  // Nothing was begun.
  expect(existsSync(store)).toBe(false);
  return { code, err };
}

test.each(['{"series_ids": "binance:spot:BTC/USDT:1m"}', '{"series_ids": {}}', "{}", "[]"])(
  "a whitelist that is no list: %s",
  async (text) => {
    const { code, err } = await refusal({}, text);
    expect(code).toBe(1);
    expect(err).toEqual([
      expect.stringMatching(/^trade-canvas: whitelist series_ids must be a list: .*whitelist\.json/),
    ]);
  },
);

test("a whitelist that is no JSON, with what the parser says", async () => {
  const { code, err } = await refusal({}, '{"series_ids": [');
  expect(code).toBe(1);
  expect(err).toEqual([expect.stringMatching(/^trade-canvas: whitelist .* is not valid JSON: .+/)]);
});

test("access tokens that are named and not there", async () => {
  const env = { TRADE_CANVAS_HOST: "0.0.0.0", TRADE_CANVAS_ACCESS_TOKENS_PATH: "/nowhere/tokens.json" };
  const { code, err } = await refusal(env);
  expect(code).toBe(1);
  expect(err).toEqual([expect.stringMatching(/^trade-canvas: access tokens \/nowhere\/tokens\.json cannot be read/)]);
});

test("another address than loopback without a token, and what the remedies are", async () => {
  const { code, err } = await refusal({ TRADE_CANVAS_HOST: "0.0.0.0" });
  expect(code).toBe(1);
  expect(err).toEqual([
    expect.stringMatching(
      /"0\.0\.0\.0" is not loopback.*127\.0\.0\.1.*trade-canvas token.*TRADE_CANVAS_ACCESS_TOKENS_PATH/,
    ),
  ]);
});

test("settings are looked at before the whitelist, and each that cannot be used has a line", async () => {
  const { code, err } = await refusal({ TRADE_CANVAS_HOST: "0.0.0.0", TRADE_CANVAS_PORT: "70000" }, "[");
  expect(code).toBe(1);
  expect(err).toEqual([expect.stringContaining("TRADE_CANVAS_HOST"), expect.stringContaining("TRADE_CANVAS_PORT")]);
});
