import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { inspectCommand } from "../../src/cli/inspect.js";
import { openedGap } from "../../src/market/gap.js";
import { ingest } from "../http/request.js";
import { TOKENS, tokensEnv } from "../support/access.js";
import { startTestDaemon } from "../support/daemon.js";
import { tempFolder } from "../support/temp.js";
import { untilTrue } from "../support/until.js";
import { run } from "./store-world.js";

const FED = "binance:futures:BTC/USDT:1m";
const OTHER = "binance:spot:ETH/USDT:1m";

async function daemon(debugApi = "1") {
  const started = await startTestDaemon({
    env: {
      TRADE_CANVAS_ENABLE_DEBUG_API: debugApi,
      TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
      TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
    },
    whitelist: [FED],
  });
  for (const series of [FED, OTHER]) await ingest(started.url, series, 60);
  const gap = openedGap({ id: 7, cause: "reconnect", fromTime: 60, toTime: 180, nowMs: 1_000 });
  await started.app.store.commit({ series: FED, gaps: [gap] });
  return started;
}

test("a daemon with access tokens is asked with one, from a file or the environment", async () => {
  const env = { ...tokensEnv(), TRADE_CANVAS_ENABLE_DEBUG_API: "1" };
  const { url } = await startTestDaemon({ env });
  const file = join(tempFolder(), "token");
  writeFileSync(file, `${TOKENS.all}\n`);
  for (const { code, out } of [
    await run(inspectCommand, [url], { TRADE_CANVAS_TOKEN: TOKENS.all }),
    await run(inspectCommand, [url, "--token-file", file]),
  ]) {
    expect(code).toBe(0);
    expect(out).toContain("\ntree\n");
  }
  expect(await run(inspectCommand, [url])).toMatchObject({ code: 1, err: expect.stringContaining("token_required") });
  const unscoped = await run(inspectCommand, [url], { TRADE_CANVAS_TOKEN: TOKENS.read });
  expect(unscoped).toMatchObject({ code: 1, err: expect.stringContaining("scope_missing:debug") });
  const wrong = await run(inspectCommand, [url, "--token-file", "/nowhere"]);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("/nowhere cannot be read") });
});

test("feeds, budgets, breakers, gaps and the tree of a daemon", async () => {
  const { url } = await daemon();
  const { code, out, err } = await run(inspectCommand, [url]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^feeds\n {2}down +binance:futures:BTC\/USDT:1m/);
  expect(out).toMatch(/\n {2}futures +running {2}\d connections/);
  expect(out).toMatch(
    /connection_attempts \d+\/150 in 300 s {2}subscribe_messages \d\/8 in 1.25 s {2}request_weight \d+\/2400 in 60 s/,
  );
  expect(out).toMatch(/\nbreakers \(\d+, \d+ closed without failures\)\n/);
  expect(out).toContain(`repairing        ${FED}  1970-01-01T00:01:00Z to 1970-01-01T00:03:00Z  attempts 0`);
  expect(out).toMatch(/\ntree\n {2}runtime {2}running for \d+ s\n {4}exchange\/spot {2}running/);
  expect(out).toMatch(/\n {6}binance:spot:ETH\/USDT:1m {2}running .*\n {8}ingest {2}running .* mailbox 0\/1024\n/);
  expect(out).not.toContain("not told");
});

test("of one series what belongs to it; as JSON the answers as they are", async () => {
  const { url } = await daemon();
  const { code, out } = await run(inspectCommand, [url, "--series", FED, "--json"]);
  expect(code).toBe(0);
  const look = JSON.parse(out) as Record<string, never>;
  expect(Object.keys(look).sort()).toEqual(["breakers", "feed", "gaps", "missing", "tree"]);
  expect(look).toMatchObject({
    feed: { series: [{ series_id: FED }], markets: [{ market: "spot" }, { market: "futures" }] },
    gaps: { [FED]: [{ id: 7, state: "repairing" }] },
    tree: { root: { name: "runtime", children: [{ name: "series", children: [{ name: FED }] }] } },
    missing: [],
  });
});

test("what the settings have closed is named; the rest is shown", async () => {
  const { url } = await daemon("0");
  const { code, out } = await run(inspectCommand, [url]);
  expect(code).toBe(0);
  expect(out).toContain("breakers (");
  expect(out).toMatch(
    /not told\n {2}\/api\/feed\/state: the daemon's settings have closed it\n {2}\/api\/runtime\/tree: /,
  );
});

test("--watch looks again until it is told to stop", async () => {
  const { url } = await daemon();
  const looks: string[] = [];
  const stop = new AbortController();
  const io = { out: (line: string) => void looks.push(line), err: () => undefined, env: {}, stop: stop.signal };
  const watching = inspectCommand.run([url, "--watch"], io);
  await untilTrue("the second look", () => looks.length === 2);
  stop.abort();
  expect(await watching).toBe(0);
});

test("no daemon, and something else than a daemon, are told", async () => {
  const nobody = await run(inspectCommand, ["http://127.0.0.1:1"]);
  expect([nobody.code, nobody.err]).toEqual([
    1,
    expect.stringMatching(/no daemon answers at http:\/\/127.0.0.1:1 \(.*\); is it running\?$/),
  ]);
  const asked: (string | undefined)[] = [];
  const answers = [
    { status: 200, text: "<html>" },
    { status: 401, text: '{"detail":"unauthorized"}' },
  ];
  const server = createServer(({ headers }, response) => {
    asked.push(headers.authorization);
    const { status, text } = answers.shift() ?? { status: 500, text: "" };
    response.writeHead(status).end(text);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await run(inspectCommand, [url])).toMatchObject({
    code: 1,
    err: expect.stringContaining("is no trade-canvas daemon"),
  });
  const refused = await run(inspectCommand, [url], { TRADE_CANVAS_TOKEN: "secret" });
  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringMatching(/401 .*; give an access token by --token-file or TRADE_CANVAS_TOKEN/),
  });
  expect(asked).toEqual([undefined, "Bearer secret"]);
});

test.each([
  [["here"], "'here'"],
  [["http://a", "http://b"], "'http://b'"],
  [["--fast"], "--fast"],
])("%j is wrong usage", async (args, named) => {
  const { code, err } = await run(inspectCommand, args);
  expect([code, err.includes(named)], err).toEqual([2, true]);
});
