/** A daemon with access tokens as an operator has it: made, configured, used by the commands, and told of to nobody. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { flat } from "../support/http.js";
import { launchForTest, runCommand, startProcess } from "../support/process.js";
import { tempFolder } from "../support/temp.js";
import { nowhereEnv } from "../support/world.js";

const SERIES = "a:b:C/D:1m";

interface Made {
  readonly entry: string;
  readonly token: string;
}

/** Makes a token by the command that does. */
async function made(name: string, ...scopes: readonly string[]): Promise<Made> {
  const { code, output } = await runCommand(["token", name, ...scopes.flatMap((scope) => ["--scope", scope])]);
  expect(code).toBe(0);
  const [entry = ""] = /^\{.*\}$/m.exec(output) ?? [];
  const [token = ""] = /^tc_\S+$/m.exec(output) ?? [];
  return { entry, token };
}

function fileOf(name: string, text: string): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, text);
  return path;
}

async function storeCandle(url: string, token: string, time: number, close: number): Promise<number> {
  const answer = await fetch(`${url}/api/market/ingest/candle_closed`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ series_id: SERIES, candle: flat(time, close) }),
  });
  return answer.status;
}

/** A daemon that a reader and a writer may use, and their tokens. */
async function startGuarded() {
  const [reader, writer] = await Promise.all([made("desk", "read"), made("recorder", "ingest", "dev")]);
  const tokens = fileOf("tokens.json", `{"tokens": [${reader.entry}, ${writer.entry}]}`);
  const daemon = await startProcess(["start", "--bare"], {
    ...nowhereEnv(),
    TRADE_CANVAS_ACCESS_TOKENS_PATH: tokens,
    TRADE_CANVAS_ENABLE_DEV_API: "1",
    TRADE_CANVAS_LOG_LEVEL: "trace",
  });
  return { daemon, reader, writer };
}

test("watch sends its token, from the environment or a file; what it prints and what the daemon logs has none", async () => {
  const { daemon, reader, writer } = await startGuarded();
  expect(await storeCandle(daemon.url, reader.token, 60, 1)).toBe(403);
  expect(await storeCandle(daemon.url, writer.token, 60, 1)).toBe(200);
  const watch = ["watch", daemon.url, "--series", SERIES, "--since", "0"];
  const file = fileOf("token", `${reader.token}\n`);
  const watching = [
    launchForTest(watch, { TRADE_CANVAS_TOKEN: reader.token }),
    launchForTest([...watch, "--token-file", file], { TRADE_CANVAS_TOKEN: "tc_none" }),
  ];
  await Promise.all(watching.map((one) => one.says(/"candle_time":60,/)));
  expect(await storeCandle(daemon.url, writer.token, 120, 2)).toBe(200);
  await Promise.all(watching.map((one) => one.says(/"type":"candle_closed".*"candle_time":120,/)));
  expect(await Promise.all(watching.map((one) => one.end("SIGINT")))).toEqual([0, 0]);
  expect(await daemon.end("SIGTERM")).toBe(0);
  for (const { token, entry } of [reader, writer]) {
    const { sha256 } = JSON.parse(entry) as { readonly sha256: string };
    for (const output of [daemon, ...watching].map((one) => one.output())) {
      expect(output).not.toContain(token);
      expect(output).not.toContain(sha256);
    }
  }
});

test("a command without the right token is told what it lacks, and what to do", async () => {
  const { daemon, reader, writer } = await startGuarded();
  const backfill = ["backfill", "binance:spot:BTC/USDT:1m", "--from", "2023-11-14", "--bare", "--url", daemon.url];
  const remedy = "token_required (401); give an access token by --token-file or TRADE_CANVAS_TOKEN";
  const [plain, missing, unfilled, unscoped] = await Promise.all([
    runCommand(["watch", daemon.url]),
    runCommand(["watch", daemon.url, "--token-file", "/nowhere"]),
    runCommand(backfill),
    runCommand(backfill, { TRADE_CANVAS_TOKEN: reader.token }),
  ]);
  expect(plain).toMatchObject({ code: 1, output: expect.stringContaining(remedy) });
  expect(missing).toMatchObject({
    code: 2,
    output: expect.stringContaining("--token-file /nowhere cannot be read: there is no such file"),
  });
  expect(unfilled).toMatchObject({ code: 1, output: expect.stringContaining(remedy) });
  expect(unscoped).toMatchObject({ code: 1, output: expect.stringContaining("scope_missing:dev (403)") });
  const filling = launchForTest([...backfill, "--token-file", fileOf("token", writer.token)]);
  await filling.says(/has begun/);
});

test("a daemon whose tokens are not to be had does not start, on loopback either", async () => {
  const broken = fileOf("tokens.json", '{"tokens": []}');
  for (const [path, reason] of [
    ["/nowhere/tokens.json", "there is no such file"],
    [broken, "has no token"],
  ] as const) {
    const env = { ...nowhereEnv(), TRADE_CANVAS_ACCESS_TOKENS_PATH: path };
    const { code, output } = await runCommand(["start", "--bare"], env);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(reason) });
    expect(output).toContain(path);
    expect(output).not.toContain("    at ");
  }
});
