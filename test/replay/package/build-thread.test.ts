import { expect, onTestFinished, test } from "vitest";
import type { BuildTask } from "../../../src/replay/package/build-task.js";
import { BuildThread, IDLE_LIMIT_MS } from "../../../src/replay/package/build-thread.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { workerOf } from "./archive-world.js";

/** Fails every build, and says the how manieth of its thread it was. */
const COUNTING = `
  import { parentPort } from "node:worker_threads";
  let builds = 0;
  parentPort.on("message", () => {
    builds += 1;
    parentPort.postMessage({ type: "failed", code: "no_candles", message: "build " + builds });
  });
`;

function threadOf(text: string) {
  const clock = new SimulatedClock(0);
  const thread = new BuildThread({ clock, worker: workerOf(text), limitMs: 1_000 });
  onTestFinished(() => thread.end());
  const build = () => thread.build({} as Omit<BuildTask, "stop">, new AbortController().signal);
  return { clock, thread, build };
}

test("a thread serves one build after the other, and ends when there was none for a while", async () => {
  const { clock, build } = threadOf(COUNTING);
  await expect(build()).rejects.toMatchObject({ code: "no_candles", message: "build 1" });
  clock.advance(IDLE_LIMIT_MS - 1);
  await expect(build()).rejects.toMatchObject({ message: "build 2" });
  clock.advance(IDLE_LIMIT_MS);
  await expect(build()).rejects.toMatchObject({ message: "build 1" });
});

test("a thread that breaks or hangs fails its build, and the next one has a new thread", async () => {
  const broken = threadOf(COUNTING.replace("builds += 1", 'throw new Error("broken")'));
  await expect(broken.build()).rejects.toMatchObject({ code: "build_failed", message: "broken" });
  await expect(broken.build()).rejects.toMatchObject({ code: "build_failed", message: "broken" });
  const hanging = threadOf("setInterval(() => {}, 1000)");
  const building = hanging.build();
  hanging.clock.advance(1_000);
  await expect(building).rejects.toMatchObject({ code: "build_timed_out" });
  const again = hanging.build();
  hanging.clock.advance(1_000);
  await expect(again).rejects.toMatchObject({ code: "build_timed_out" });
});
