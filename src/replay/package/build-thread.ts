/** Runs a build in a thread of its own, off the event loop. Design: docs/replay.md, "How it is built". */
import { Worker } from "node:worker_threads";
import type { Clock } from "../../clock/clock.js";
import { ReplayBuildError } from "./archive.js";
import type { BuildReport, BuildTask } from "./build-task.js";

/** A build that takes longer than this has hung, in milliseconds. */
export const BUILD_LIMIT_MS = 600_000;

/** Memory of the thread's heap at most, and of its part for what is forgotten soon: a build makes much and keeps little. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 64 };

export interface BuildThreadOptions {
  readonly clock: Clock;
  /** The module that the thread runs. */
  readonly worker: URL;
  readonly limitMs: number;
}

/**
 * @param signal ends the build within a bar.
 * @throws ReplayBuildError
 */
export function buildInThread(
  { clock, worker, limitMs }: BuildThreadOptions,
  task: Omit<BuildTask, "stop">,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const workerData: BuildTask = { ...task, stop };
    const thread = new Worker(worker, { workerData, resourceLimits: RESOURCE_LIMITS, execArgv: [] });
    let report: BuildReport = { type: "failed", code: "build_failed", message: "the build ended without a report" };
    const fail = (code: "build_timed_out" | "build_failed", message: string): void => {
      report = { type: "failed", code, message };
    };
    const abort = (): void => {
      Atomics.store(new Int32Array(stop), 0, 1);
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    const limit = clock.ioTimeout(() => {
      fail("build_timed_out", `the build took longer than ${limitMs / 1000} s; ask for fewer candles`);
      void thread.terminate();
    }, limitMs);
    thread.once("message", (answer: BuildReport) => {
      report = answer;
    });
    thread.once("error", (error: Error) => fail("build_failed", error.message));
    thread.once("exit", () => {
      clock.clearTimeout(limit);
      signal.removeEventListener("abort", abort);
      if (report.type === "built") resolve();
      else reject(new ReplayBuildError(report.code, report.message));
    });
  });
}
