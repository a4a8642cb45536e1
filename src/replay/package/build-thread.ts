/**
 * The thread that builds, off the event loop. It is started for a build and stays a while for the next: a thread that has just
 * built takes less than half the time of a fresh one. Design: docs/replay.md, "How it is built".
 */
import { Worker } from "node:worker_threads";
import type { Clock, TimerHandle } from "../../clock/clock.js";
import { ReplayBuildError } from "./archive.js";
import type { BuildReport, BuildTask } from "./build-task.js";

/** A build that takes longer than this has hung, in milliseconds. */
export const BUILD_LIMIT_MS = 600_000;

/** How long the thread stays without a build, in milliseconds. */
export const IDLE_LIMIT_MS = 30_000;

/** Memory of the thread's heap at most, and of its part for what is forgotten soon: a build makes much and keeps little. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 64 };

export interface BuildThreadOptions {
  readonly clock: Clock;
  /** The module that the thread runs. */
  readonly worker: URL;
  readonly limitMs: number;
}

export class BuildThread {
  readonly #options: BuildThreadOptions;
  #worker: Worker | undefined;
  #idle: TimerHandle | undefined;

  constructor(options: BuildThreadOptions) {
    this.#options = options;
  }

  /**
   * Not to be called while a build runs.
   * @param signal ends the build within a bar.
   * @throws ReplayBuildError
   */
  async build(task: Omit<BuildTask, "stop">, signal: AbortSignal): Promise<void> {
    const { clock, limitMs } = this.#options;
    clock.clearTimeout(this.#idle);
    const worker = this.#started();
    const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const abort = (): void => {
      Atomics.store(new Int32Array(stop), 0, 1);
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    let isLate = false;
    const limit = clock.ioTimeout(() => {
      isLate = true;
      void worker.terminate();
    }, limitMs);
    const report = await reported(worker, { ...task, stop });
    clock.clearTimeout(limit);
    signal.removeEventListener("abort", abort);
    this.#idle = clock.ioTimeout(() => void this.end(), IDLE_LIMIT_MS);
    if (isLate) {
      throw new ReplayBuildError(
        "build_timed_out",
        `the build took longer than ${limitMs / 1000} s; ask for fewer candles`,
      );
    }
    if (report.type === "failed") throw new ReplayBuildError(report.code, report.message);
  }

  /** Ends the thread. Not to be called while a build runs. */
  async end(): Promise<void> {
    this.#options.clock.clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#options.worker, { resourceLimits: RESOURCE_LIMITS, execArgv: [] });
    // A thread that breaks says so to the build that runs; without one nothing is lost.
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    return worker;
  }
}

/** Has a task done. Resolves when nothing of it goes on. */
function reported(worker: Worker, task: BuildTask): Promise<BuildReport> {
  return new Promise((resolve) => {
    let message = "the build ended without a report";
    const fail = (error: Error): void => {
      message = error.message;
    };
    const settle = (report: BuildReport): void => {
      worker.off("message", settle);
      worker.off("error", fail);
      worker.off("exit", gone);
      resolve(report);
    };
    const gone = (): void => settle({ type: "failed", code: "build_failed", message });
    worker.on("message", settle);
    worker.on("error", fail);
    worker.on("exit", gone);
    worker.postMessage(task);
  });
}
