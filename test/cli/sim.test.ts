import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { simCommand } from "../../src/cli/sim.js";
import { tempFolder } from "../support/temp.js";

async function run(...args: readonly string[]) {
  const [out, err] = [[] as string[], [] as string[]];
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), env: {} };
  const code = await simCommand.run(args, { ...io, stop: new AbortController().signal });
  return { code, out, err };
}

describe("sim", () => {
  test("runs a seed before one's eyes, and writes down what it came to", async () => {
    const file = join(tempFolder(), "summary.json");
    const { code, out, err } = await run("--seeds", "1", "--from", "5", "--hours", "0.1", "--verbose", "--out", file);
    expect([code, err]).toEqual([0, []]);
    expect(out.some((line) => line.includes("daemon 1 feed.started"))).toBe(true);
    expect(out.at(-1)).toMatch(/^1\/1 seeds, /);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ from: 5, seeds: 1, failed_seeds: 0, failures: [] });
  });

  test.each([
    [["--seeds", "0"], "--seeds 0 is not a whole number from 1 to 10000000"],
    [["--seeds", "21", "--verbose"], "--seeds 21 is not a whole number from 1 to 20"],
    [["--from", "x"], "--from x is not a whole number"],
    [["--jobs", "65"], "--jobs 65 is not a whole number from 1 to 64"],
    [["--hours", "-1"], "--hours"],
    [["--out", "/nowhere/at/all.json"], "--out /nowhere/at/all.json cannot be written"],
    [["--sedes", "3"], "--sedes"],
  ])("%j is refused with what is wrong, and runs nothing", async (args, message) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, []]);
    expect(err[0]).toContain(message);
  });

  test("tells what it does", async () => {
    const { code, out } = await run("--help");
    expect([code, out[0]]).toEqual([0, expect.stringContaining("usage: trade-canvas sim")]);
  });
});
