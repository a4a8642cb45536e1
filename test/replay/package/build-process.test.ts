import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BuildProcess, IDLE_LIMIT_MS } from "../../../src/replay/package/build-process.js";
import type { BuildTask } from "../../../src/replay/package/build-task.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { tempFolder } from "../../support/temp.js";
import { untilTrue } from "../../support/until.js";
import { workerOf } from "./archive-world.js";

/** Fails every build, and says the how manieth of its process it was. */
const COUNTING = `
  let builds = 0;
  process.on("message", () => {
    builds += 1;
    process.send({ type: "failed", code: "no_candles", message: "build " + builds });
  });
`;

/** Writes its process id to the file, and is too busy to hear anything. */
const busy = (file: string): string => `
  import { writeFileSync } from "node:fs";
  process.on("message", () => {
    writeFileSync(${JSON.stringify(file)}, String(process.pid));
    for (;;);
  });
`;

function processOf(text: string) {
  const clock = new SimulatedClock(0);
  const releases: number[] = [];
  const store = { releaseDeadReaders: () => void releases.push(clock.now()) };
  const builder = new BuildProcess({ clock, worker: workerOf(text), limitMs: 1_000, store });
  onTestFinished(() => builder.end());
  const build = (signal = new AbortController().signal) => builder.build({} as BuildTask, signal);
  return { clock, builder, build, releases };
}

test("a process serves one build after the other, and ends when there was none for a while", async () => {
  const { clock, build, releases } = processOf(COUNTING);
  await expect(build()).rejects.toMatchObject({ code: "no_candles", message: "build 1" });
  clock.advance(IDLE_LIMIT_MS - 1);
  await expect(build()).rejects.toMatchObject({ message: "build 2" });
  clock.advance(IDLE_LIMIT_MS);
  await untilTrue("the process to end", () => releases.length === 1);
  await expect(build()).rejects.toMatchObject({ message: "build 1" });
});

test("a process that crashes fails its build, is let go of by the store, and the next build has a new one", async () => {
  const crashed = processOf('process.on("message", () => process.kill(process.pid, "SIGSEGV"));');
  const failure = { code: "build_failed", message: expect.stringContaining("SIGSEGV") };
  await expect(crashed.build()).rejects.toMatchObject(failure);
  await expect(crashed.build()).rejects.toMatchObject(failure);
  expect(crashed.releases).toHaveLength(2);
});

test("a build that takes too long is ended, however busy it is", async () => {
  const file = join(tempFolder(), "pid");
  const { clock, build } = processOf(busy(file));
  const building = build();
  await untilTrue("the build to begin", () => existsSync(file));
  clock.advance(1_000);
  await expect(building).rejects.toMatchObject({ code: "build_timed_out" });
});

test("a build that nobody wants any more is ended at once, or not begun", async () => {
  const file = join(tempFolder(), "pid");
  const { build } = processOf(busy(file));
  await expect(build(AbortSignal.abort())).rejects.toMatchObject({ code: "build_aborted" });
  expect(existsSync(file)).toBe(false);
  const abort = new AbortController();
  const building = build(abort.signal);
  await untilTrue("the build to begin", () => existsSync(file));
  abort.abort();
  await expect(building).rejects.toMatchObject({ code: "build_aborted" });
});

test("a process that cannot be started fails its build", async () => {
  const clock = new SimulatedClock(0);
  const store = { releaseDeadReaders: () => undefined };
  const folder = tempFolder();
  writeFileSync(join(folder, "not-a-module.mjs"), "}");
  const worker = new URL(`file://${folder}/not-a-module.mjs`);
  const builder = new BuildProcess({ clock, worker, limitMs: 1_000, store });
  await expect(builder.build({} as BuildTask, new AbortController().signal)).rejects.toMatchObject({
    code: "build_failed",
    message: expect.stringContaining("exit code 1"),
  });
});
