/** The command line: what it says, what it refuses, and how it ends. */
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { FeedClient } from "../support/feed-client.js";
import { flat, ingest } from "../support/http.js";
import { launchForTest, runCommand, startProcess } from "../support/process.js";
import { tempFolder } from "../support/temp.js";
import { untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, nowhereEnv, startWorld } from "../support/world.js";

describe("usage", () => {
  test.each([[[]], [["--help"]]])("%j lists the commands", async (args) => {
    const { code, output } = await runCommand(args);
    expect(code).toBe(0);
    for (const command of ["start", "demo", "watch", "simulate", "backfill", "config"])
      expect(output).toContain(`  ${command}`);
  });

  test("an unknown command and a wrong option say so and exit with 2", async () => {
    expect(await runCommand(["strat"])).toMatchObject({
      code: 2,
      output: expect.stringContaining("no command 'strat'"),
    });
    expect(await runCommand(["start", "--fast"])).toMatchObject({ code: 2, output: expect.stringContaining("--fast") });
    expect(await runCommand(["watch", "here"])).toMatchObject({ code: 2, output: expect.stringContaining("'here'") });
  });

  test("--version prints the version alone", async () => {
    expect((await runCommand(["--version"])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("what cannot work is refused before anything starts, in a line that names the remedy", () => {
  test.each([
    ["an address beyond this machine", { TRADE_CANVAS_HOST: "0.0.0.0" }, ["0.0.0.0", "127.0.0.1"]],
    ["a port that is none", { TRADE_CANVAS_PORT: "70000" }, ["70000", "65535"]],
    ["a clock that is none", { TRADE_CANVAS_SIM_CLOCK: "fast" }, ["'fast'", "<virtual_ms>"]],
    ["a store in a file", { TRADE_CANVAS_DB_PATH: "/dev/null/store" }, ["/dev/null/store", "TRADE_CANVAS_DB_PATH"]],
  ])("%s", async (_, env, parts) => {
    const { code, output } = await runCommand(["start", "--bare"], { ...nowhereEnv(), ...env });
    expect(code).toBe(1);
    for (const part of parts) expect(output).toContain(part);
    expect(output).not.toContain("    at ");
  });

  test("a port that is taken, a store that is held, an env file that is not there", async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const env = { ...nowhereEnv(), TRADE_CANVAS_PORT: String(port) };
    expect(await runCommand(["start", "--bare"], env)).toMatchObject({
      code: 1,
      output: expect.stringMatching(new RegExp(`port ${port} is in use.*TRADE_CANVAS_PORT`)),
    });
    const folder = tempFolder();
    const running = await startProcess(["start", "--bare"], { ...nowhereEnv(), TRADE_CANVAS_DB_PATH: folder });
    const second = await runCommand(["start", "--bare"], {
      ...nowhereEnv(),
      TRADE_CANVAS_PORT: "0",
      TRADE_CANVAS_DB_PATH: folder,
    });
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining(`held by process ${running.pid}`) });
    expect(await runCommand(["start", "--settings", "/nowhere.env"])).toMatchObject({
      code: 1,
      output: expect.stringContaining("/nowhere.env"),
    });
  });
});

test("watch prints what comes in on a series, and says when there is no daemon", async () => {
  const daemon = await startProcess(["start", "--bare"], nowhereEnv());
  expect((await ingest(daemon.url, "a:b:C/D:1m", flat(60, 1))).status).toBe(200);
  const watching = launchForTest(["watch", daemon.url, "--series", "a:b:C/D:1m", "--since", "0"]);
  await watching.says(/"candle_time":60,/);
  expect((await ingest(daemon.url, "a:b:C/D:1m", flat(120, 2))).status).toBe(200);
  await watching.says(/"type":"candle_closed".*"candle_time":120,.*"close":2,/);
  expect(await watching.end("SIGINT")).toBe(0);
  expect(await runCommand(["watch", "http://127.0.0.1:1"])).toMatchObject({
    code: 1,
    output: expect.stringContaining("no daemon answers at http://127.0.0.1:1"),
  });
});

describe("B18: a stop", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "by %s tells clients and the exchange, and is over within 3 s",
    async (signal) => {
      const world = await startWorld({ speed: 60 });
      const daemon = await startProcess(["start"], { ...world.env, TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC]) });
      const client = await FeedClient.connect(daemon.url);
      client.subscribe(BTC, null);
      await untilTrue("live candles", () => client.ofType("candle_forming").length > 0);
      const began = performance.now();
      expect(await daemon.end(signal)).toBe(0);
      expect(performance.now() - began).toBeLessThan(3_000);
      await untilTrue("the close", () => client.closed !== undefined);
      expect(client.closed).toEqual({ code: 1001, reason: "server_shutdown" });
      await untilTrue("the exchange's sockets to close", () => world.exchange.futures.connections().length === 0);
      const closes = world.exchange.futures.journal.entries("closed");
      expect(closes.map(({ by, code }) => [by, code])).toEqual([["client", 1000]]);
      expect(daemon.output()).toContain('"event":"daemon.stopped"');
    },
  );
});
