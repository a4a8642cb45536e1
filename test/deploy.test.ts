/** What is shipped to run the daemon with: the unit and the container image, as far as that can be told without them running. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ALL_SETTINGS } from "../src/config/schema.js";
import { ROOT } from "./support/root.js";
import { tempFolder } from "./support/temp.js";

const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const isThere = (path: string): boolean => existsSync(new URL(path, ROOT));

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const MANIFEST = JSON.parse(read("package.json")) as Manifest;
const ENTRY = MANIFEST.bin["trade-canvas"]?.replace("./", "");
const KNOWN_SETTINGS: readonly string[] = ALL_SETTINGS.map(([, { env }]) => env);

describe("the unit", () => {
  const text = read("deploy/trade-canvas.service");
  const lines = text.split("\n").filter((line) => /^\w+=/.test(line));
  const values = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));

  test("starts the program as package.json names it, with settings that there are", () => {
    expect(values("ExecStart")).toEqual([`/usr/bin/node /opt/trade-canvas/${ENTRY} start`]);
    const settings = values("Environment").map((pair) => pair.split("=")[0]);
    for (const name of settings.filter((one) => one?.startsWith("TRADE_CANVAS_")))
      expect(KNOWN_SETTINGS).toContain(name);
    const state = values("StateDirectory")[0];
    for (const pair of values("Environment").filter((one) => one.includes("_PATH=") || one.includes("_DIR=")))
      expect(pair).toMatch(new RegExp(`=/var/lib/${state}/`));
  });

  test("is told of readiness and life by a child, and lets V8 write code", () => {
    expect([values("Type"), values("NotifyAccess"), values("WatchdogSec")]).toEqual([["notify"], ["all"], ["30"]]);
    expect(values("RestrictAddressFamilies")[0]?.split(" ")).toContain("AF_UNIX");
    expect(values("MemoryDenyWriteExecute")).toEqual([]);
    expect([values("NoNewPrivileges"), values("ProtectSystem"), values("DynamicUser")]).toEqual([
      ["yes"],
      ["strict"],
      ["yes"],
    ]);
  });

  test("gives a start and a stop the time that they may take", () => {
    const stopS = Number(
      /UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN_S` \| [^|]*\| `?(\d+)/.exec(read("docs/flags.md"))?.[1] ?? 8,
    );
    expect(Number(values("TimeoutStopSec")[0])).toBeGreaterThan(stopS);
    expect(Number(values("TimeoutStartSec")[0])).toBeGreaterThan(20);
  });

  const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
  test.skipIf(!hasAnalyze)("is a unit to systemd-analyze", () => {
    // Node and the program lie elsewhere here.
    const here = text.replace("/usr/bin/node", process.execPath).replaceAll("/opt/trade-canvas", tempFolder());
    const unit = join(tempFolder(), "trade-canvas.service");
    writeFileSync(unit, here);
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
    expect(stderr.split("\n").filter((line) => line.includes("trade-canvas.service"))).toEqual([]);
    expect(status).toBe(0);
  });
});

describe("the container image", () => {
  const text = read("deploy/Containerfile").replaceAll("\\\n", " ");
  const instructions = text.split("\n").filter((line) => /^[A-Z]+ /.test(line));
  const of = (name: string): readonly string[] =>
    instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());

  test("copies what there is, and what its first stage makes", () => {
    const made = ["node_modules", "dist"];
    for (const copy of of("COPY")) {
      const words = copy.split(" ").filter((word) => !word.startsWith("--"));
      for (const from of words.slice(0, -1)) {
        const path = from.replace(/^\/app\//, "");
        expect(made.includes(path) || isThere(path), copy).toBe(true);
      }
    }
    const ignored = read(".dockerignore").split("\n");
    expect(ignored).toEqual(expect.arrayContaining(["node_modules", "dist", ".git"]));
    for (const needed of ["src", "config", "package.json", "tsconfig.json"]) expect(ignored).not.toContain(needed);
  });

  test("builds and starts as package.json does, not as root, with settings that there are", () => {
    for (const [, script = ""] of of("RUN")
      .join("\n")
      .matchAll(/npm run (\w+)/g))
      expect(Object.keys(MANIFEST.scripts)).toContain(script);
    expect(of("ENTRYPOINT")).toEqual([JSON.stringify(["node", ENTRY]).replace(",", ", ")]);
    expect(of("CMD")).toEqual(['["start"]']);
    expect(of("USER")).toEqual(["node"]);
    const settings = of("ENV").map((pair) => pair.split("=")[0] ?? "");
    for (const name of settings.filter((one) => one.startsWith("TRADE_CANVAS_")))
      expect(KNOWN_SETTINGS).toContain(name);
    expect(of("HEALTHCHECK")[0]).toContain("/healthz");
  });

  test("its health check is a program that Node reads, and fails where nothing answers", () => {
    const [, json = ""] = /CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
    const [command = "", ...args] = JSON.parse(json) as readonly string[];
    const elsewhere = args.map((arg) => arg.replace("127.0.0.1:8000", "127.0.0.1:9"));
    expect(() => execFileSync(command, elsewhere, { stdio: "pipe" })).toThrow(expect.objectContaining({ status: 1 }));
  });
});
