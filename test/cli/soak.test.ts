import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { soakCommand } from "../../src/cli/soak.js";
import { tempFolder } from "../support/temp.js";

async function run(args: readonly string[], stop = new AbortController().signal) {
  const [out, err] = [[] as string[], [] as string[]];
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), env: {} };
  const code = await soakCommand.run(args, { ...io, stop });
  return { code, out, err };
}

describe("soak", () => {
  test("runs, tells every hour, and prints and writes down what it came to", { timeout: 60_000 }, async () => {
    const file = join(tempFolder(), "soak.json");
    const args = ["--series", "2", "--hours", "1", "--seed", "3", "--no-ledgers", "--out", file];
    const { code, out, err } = await run(args);
    expect([code, err]).toEqual([0, [expect.stringContaining("--expose-gc")]]);
    expect(out[0]).toMatch(/^hour 1: \d+ finals, \d+ s$/);
    const summary = JSON.parse(readFileSync(file, "utf8"));
    expect(summary).toMatchObject({ seed: 3, series: 2, ledgers: false, lives: 3, memory: null, failures: [] });
    expect(summary.candles).toBeGreaterThan(2 * 150);
    expect(JSON.parse(out.at(-1) ?? "")).toEqual(summary);
  });

  test("ends when it is told to", async () => {
    const stop = new AbortController();
    stop.abort();
    const { code, out } = await run(["--series", "2", "--hours", "0.01"], stop.signal);
    expect([code, out]).toEqual([130, []]);
  });

  test.each([
    [["--series", "1"], "--series 1 is not a whole number from 2 to 2000"],
    [["--hours", "0"], "--hours 0 is not a number above 0, up to 744"],
    [["--seed", "x"], "--seed x is not a whole number"],
    [["--out", "/nowhere/at/all.json"], "--out /nowhere/at/all.json cannot be written"],
    [["--seeds", "3"], "--seeds"],
  ])("%j is refused with what is wrong, and runs nothing", async (args, message) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, []]);
    expect(err[0]).toContain(message);
  });
});
