/**
 * The process that builds, beside the daemon. It is started for a build and stays a while for the next: one that has just built
 * takes less than half the time of a fresh one. A thread would not do: two threads of a process may not open one LMDB store, as
 * the library keeps its maps in tables that no lock guards, and what crashes there is the daemon. Design: docs/replay.md, "How it
 * is built".
 */
import { type ChildProcess, fork } from "node:child_process";
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { Store } from "../../storage/store.js";
import { ReplayBuildError } from "./archive.js";
import type { BuildReport, BuildTask } from "./build-task.js";

/** A build that takes longer than this has hung, in milliseconds. */
export const BUILD_LIMIT_MS = 600_000;

/** How long the process stays without a build, in milliseconds. */
export const IDLE_LIMIT_MS = 30_000;

/**
 * Memory of its heap at most, and of the part for what is forgotten soon (a build makes much and keeps little), in MiB. Its garbage
 * is collected by the thread that makes it: helper threads would not have its low priority, and take from ingest and reads.
 */
const NODE_OPTIONS = ["--max-old-space-size=1024", "--max-semi-space-size=16", "--single-threaded-gc"];

export interface BuildProcessOptions {
  readonly clock: Clock;
  /** The module that the process runs. */
  readonly worker: URL;
  readonly limitMs: number;
  /** The store that builds read. */
  readonly store: Pick<Store, "releaseDeadReaders">;
}

export class BuildProcess {
  readonly #options: BuildProcessOptions;
  #child: ChildProcess | undefined;
  #idle: TimerHandle | undefined;

  constructor(options: BuildProcessOptions) {
    this.#options = options;
  }

  /**
   * Not to be called while a build runs.
   * @param signal ends the build at once.
   * @throws ReplayBuildError
   */
  async build(task: BuildTask, signal: AbortSignal): Promise<void> {
    const { clock, limitMs } = this.#options;
    clock.clearTimeout(this.#idle);
    if (signal.aborted) throw aborted();
    const child = this.#started();
    const kill = (): void => {
      child.kill("SIGKILL");
    };
    signal.addEventListener("abort", kill);
    let isLate = false;
    const limit = clock.ioTimeout(() => {
      isLate = true;
      kill();
    }, limitMs);
    const report = await reported(child, task);
    clock.clearTimeout(limit);
    signal.removeEventListener("abort", kill);
    this.#idle = clock.ioTimeout(() => void this.end(), IDLE_LIMIT_MS);
    if (report.type === "built") return;
    if (signal.aborted) throw aborted();
    if (isLate) {
      throw new ReplayBuildError(
        "build_timed_out",
        `the build took longer than ${limitMs / 1000} s; ask for fewer candles`,
      );
    }
    throw new ReplayBuildError(report.code, report.message);
  }

  /** Ends the process. Not to be called while a build runs. */
  async end(): Promise<void> {
    this.#options.clock.clearTimeout(this.#idle);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  #started(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const child = fork(this.#options.worker, {
      execArgv: NODE_OPTIONS,
      serialization: "advanced",
      // What it says when it breaks belongs beside what the daemon says.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const forget = (): void => {
      if (this.#child === child) this.#child = undefined;
    };
    // One that cannot be started, or not be told anything, is of no use.
    child.on("error", () => {
      forget();
      child.kill("SIGKILL");
    });
    child.once("exit", () => {
      forget();
      this.#options.store.releaseDeadReaders();
    });
    this.#child = child;
    return child;
  }
}

function aborted(): ReplayBuildError {
  return new ReplayBuildError("build_aborted", "the build was ended");
}

/** Has a task done. Resolves when nothing of it goes on. */
function reported(child: ChildProcess, task: BuildTask): Promise<BuildReport> {
  return new Promise((resolve) => {
    const settle = (report: BuildReport): void => {
      child.off("message", settle);
      child.off("error", fail);
      child.off("exit", gone);
      resolve(report);
    };
    const fail = ({ message }: Error): void => settle({ type: "failed", code: "build_failed", message });
    const gone = (code: number | null, signal: NodeJS.Signals | null): void =>
      fail(new Error(`the process of the build ended without a report (${signal ?? `exit code ${code}`})`));
    child.on("message", settle);
    child.on("error", fail);
    child.on("exit", gone);
    child.send(task);
  });
}
