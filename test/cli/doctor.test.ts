import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DoctorNetwork } from "../../src/cli/doctor/exchange.js";
import {
  DISK_FAIL_BYTES,
  DISK_WARN_BYTES,
  diskFinding,
  folderFinding,
  LEAST_NODE,
  nodeFinding,
  openFilesFinding,
} from "../../src/cli/doctor/machine.js";
import { doctor, doctorCommand } from "../../src/cli/doctor.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { candleSeries } from "../support/candles.js";
import { ROOT } from "../support/root.js";
import { tempFolder } from "../support/temp.js";
import { whitelistFile } from "../support/whitelist.js";
import { nowhereEnv } from "../support/world.js";
import { run, storeOf } from "./store-world.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const NOW_MS = 1_700_000_000_000;

interface NetworkOptions {
  readonly status?: number;
  readonly serverTime?: number;
  readonly body?: string;
  readonly stream?: "open" | "refused" | "broken";
}

/** An exchange that answers at once. */
function network({ status = 200, serverTime = NOW_MS, body, stream = "open" }: NetworkOptions = {}): DoctorNetwork {
  const bytes = new TextEncoder().encode(body ?? JSON.stringify({ serverTime }));
  return {
    fetch: async () => ({
      status,
      headers: { get: () => null },
      body: (async function* () {
        yield bytes;
      })(),
    }),
    dial: (_url, events) => {
      setImmediate(() => {
        if (stream === "open") events.onOpen();
        else if (stream === "refused") events.onRefused(451, null);
        else events.onError("connect ECONNREFUSED");
        events.onClose(1006, "");
      });
      return {
        sendText: () => undefined,
        ping: () => undefined,
        pong: () => undefined,
        close: () => undefined,
        terminate: () => undefined,
      };
    },
  };
}

interface Said {
  readonly code: number;
  /** Level of each line by what it is about. */
  readonly levels: Readonly<Record<string, string>>;
  readonly text: string;
}

async function examined(env: Readonly<Record<string, string>>, net?: NetworkOptions): Promise<Said> {
  const lines: string[] = [];
  const io = {
    out: (line: string) => void lines.push(line),
    err: () => undefined,
    env,
    stop: new AbortController().signal,
  };
  const plan = { offline: net === undefined, settings: undefined };
  const code = await doctor(plan, io, new SimulatedClock(NOW_MS), network(net));
  const levels = Object.fromEntries(lines.map((line) => [line.slice(6, 20).trim(), line.slice(0, 5).trim()]));
  return { code, levels, text: lines.join("\n") };
}

function healthyEnv(): Readonly<Record<string, string>> {
  return { ...nowhereEnv(), TRADE_CANVAS_WHITELIST_PATH: whitelistFile([SERIES]) };
}

test("a machine on which a daemon works: every line is ok, of a store that a daemon holds too", async () => {
  const env = healthyEnv();
  await storeOf(env.TRADE_CANVAS_DB_PATH ?? "", { [SERIES]: candleSeries(60, 7) });
  const { code, levels, text } = await examined(env, {});
  const exchange = ["spot REST", "futures REST", "spot stream", "futures stream", "spot clock", "futures clock"];
  const rest = [
    "node",
    "open files",
    "settings",
    "whitelist",
    "access tokens",
    "store folder",
    "artifacts",
    "store",
    "store lock",
    "disk",
  ];
  expect(Object.keys(levels).sort()).toEqual([...exchange, ...rest].sort());
  const { disk, "open files": files, ...others } = levels;
  expect([code, new Set(Object.values(others)), [disk, files].includes("fail")], text).toEqual([
    0,
    new Set(["ok"]),
    false,
  ]);
  expect(text).toContain("1 series, 7 candles in");
  expect(text).toContain(`held by process ${process.pid}`);
});

test("--offline asks nothing, and runs as a command", async () => {
  const env = healthyEnv();
  const { code, out } = await run(doctorCommand, ["--offline", "--bare"], env);
  expect(code, out).toBe(0);
  expect(out).toMatch(/^ok {4}node {11}v\d+/);
  expect(out).not.toContain("REST");
  const online = await run(doctorCommand, ["--bare"], env);
  expect(online.code).toBe(1);
  expect(online.out).toMatch(/fail {2}spot REST .* does not answer: .*; check network/);
  expect(online.out).toMatch(/fail {2}futures stream .*ECONNREFUSED/);
});

describe("the exchange", () => {
  test.each([
    [{ serverTime: NOW_MS + 900 }, "spot clock", "ok", 0],
    [{ serverTime: NOW_MS - 1_500 }, "spot clock", "warn", 0],
    [{ serverTime: NOW_MS + 61_000 }, "futures clock", "fail", 1],
    [{ status: 451 }, "spot REST", "fail", 1],
    [{ status: 429 }, "spot REST", "warn", 0],
    [{ status: 503 }, "spot REST", "warn", 0],
    [{ status: 404 }, "spot REST", "fail", 1],
    [{ body: "<html>" }, "spot REST", "fail", 1],
    [{ body: "{}" }, "spot REST", "fail", 1],
    [{ stream: "refused" }, "futures stream", "fail", 1],
    [{ stream: "broken" }, "spot stream", "fail", 1],
  ] as const)("%j: %s is %s", async (options, what, level, code) => {
    const said = await examined(healthyEnv(), options);
    expect([said.levels[what], said.code], said.text).toEqual([level, code]);
  });
});

describe("the store", () => {
  test("one that is damaged, and one of something else, fail with the remedy", async () => {
    const damaged = healthyEnv();
    const folder = damaged.TRADE_CANVAS_DB_PATH ?? "";
    await (await storeOf(folder, { [SERIES]: candleSeries(60, 7) })).close();
    truncateSync(join(folder, "data.mdb"), 9_000);
    const said = await examined(damaged);
    expect([said.code, said.levels.store], said.text).toEqual([1, "fail"]);
    expect(said.text).toMatch(/is damaged: .*; restore a backup/);
    const other = healthyEnv();
    writeFileSync(join(other.TRADE_CANVAS_DB_PATH ?? "", "data.mdb"), "a file of something else ".repeat(1_000));
    expect(await examined(other)).toMatchObject({ code: 1, levels: { store: "fail" } });
  });

  test("a folder that cannot be used fails; one that is not there will be made", async () => {
    const file = join(tempFolder(), "file");
    writeFileSync(file, "");
    const said = await examined({ ...healthyEnv(), TRADE_CANVAS_DB_PATH: join(file, "store") });
    expect([said.code, said.levels["store folder"]], said.text).toEqual([1, "fail"]);
    const folder = tempFolder();
    expect(folderFinding("x", join(folder, "a", "b"), "S")).toMatchObject({
      level: "ok",
      text: expect.stringContaining("will be made"),
    });
    const closed = join(folder, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    // Root may write everywhere.
    if (process.getuid?.() !== 0)
      expect(folderFinding("x", closed, "S")).toMatchObject({ level: "fail", remedy: expect.stringContaining("S") });
    chmodSync(closed, 0o700);
  });
});

test("settings that a daemon would refuse end the examination; notes and the whitelist are told", async () => {
  const refused = await examined({ ...healthyEnv(), TRADE_CANVAS_PORT: "70000" });
  expect([refused.code, refused.levels.settings, refused.levels.store], refused.text).toEqual([1, "fail", undefined]);
  const noted = await examined({ ...healthyEnv(), TRADE_CANVAS_WHITELIST_PAHT: "x" });
  expect(noted).toMatchObject({
    code: 0,
    text: expect.stringMatching(/warn {2}settings .*did you mean TRADE_CANVAS_WHITELIST_PATH/),
  });
  expect(await examined({ ...healthyEnv(), TRADE_CANVAS_WHITELIST_PATH: whitelistFile([]) })).toMatchObject({
    code: 0,
    levels: { whitelist: "warn" },
  });
  const broken = join(tempFolder(), "whitelist.json");
  writeFileSync(broken, "[");
  expect(await examined({ ...healthyEnv(), TRADE_CANVAS_WHITELIST_PATH: broken })).toMatchObject({
    code: 1,
    levels: { whitelist: "fail" },
  });
});

test("Node, open files and disk against their limits", async () => {
  expect(["v20.18.9", "v20.19.0", "v22.1.0", "v18.20.0"].map((version) => nodeFinding(version).level)).toEqual([
    "fail",
    "ok",
    "ok",
    "fail",
  ]);
  const { engines } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${LEAST_NODE.join(".")}`);
  expect([null, 100, 1_024, 65_536].map((limit) => openFilesFinding(limit).level)).toEqual([
    "ok",
    "fail",
    "warn",
    "ok",
  ]);
  expect(
    [null, DISK_FAIL_BYTES - 1, DISK_WARN_BYTES - 1, DISK_WARN_BYTES].map((free) => diskFinding("/x", free).level),
  ).toEqual(["warn", "fail", "warn", "ok"]);
});

test("access tokens that a daemon would refuse are told, those that it takes are counted", async () => {
  const file = join(tempFolder(), "tokens.json");
  const env = { ...healthyEnv(), TRADE_CANVAS_ACCESS_TOKENS_PATH: file };
  expect(await examined(env)).toMatchObject({ code: 1, levels: { "access tokens": "fail" } });
  writeFileSync(file, JSON.stringify({ tokens: [{ name: "grafana", sha256: "0f".repeat(32), scopes: ["read"] }] }));
  expect(await examined(env)).toMatchObject({
    code: 0,
    text: expect.stringContaining("access tokens  1; needed at 127.0.0.1"),
  });
});
