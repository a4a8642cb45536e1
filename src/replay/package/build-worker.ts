/** The thread that builds: reads the store through a handle of its own, and writes each package beside its place. */
import { setPriority } from "node:os";
import { platform } from "node:process";
import { parentPort } from "node:worker_threads";
import { createEngines } from "../../engines.js";
import { LedgerDamage } from "../../storage/errors.js";
import { openStoreReader } from "../../storage/lmdb-store.js";
import { ReplayBuildError } from "./archive.js";
import { buildPackage } from "./build.js";
import type { BuildReport, BuildTask } from "./build-task.js";
import { ContentsWriter } from "./contents-writer.js";

/** On few processors ingest and reads go first. Linux gives threads priorities of their own; elsewhere it is the process's. */
const BUILD_PRIORITY = 10;

if (platform === "linux") setPriority(BUILD_PRIORITY);
parentPort?.on("message", (task: BuildTask) => {
  void build(task).then((report) => parentPort?.postMessage(report));
});

async function build(task: BuildTask): Promise<BuildReport> {
  const { order, storeFolder, engines, rebuildOnNewFingerprint, draft, stop } = task;
  const stopped = new Int32Array(stop);
  const isAborted = (): boolean => Atomics.load(stopped, 0) !== 0;
  try {
    const store = openStoreReader(storeFolder);
    try {
      const contents = new ContentsWriter(draft);
      try {
        const source = { store, ...createEngines(engines), rebuildOnNewFingerprint };
        contents.finish(buildPackage(source, order, contents, isAborted));
      } finally {
        contents.close();
      }
    } finally {
      await store.close();
    }
    return { type: "built" };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): BuildReport {
  const { message } = error as Error;
  if (error instanceof ReplayBuildError) return { type: "failed", code: error.code, message };
  if (error instanceof LedgerDamage) return { type: "failed", code: "ledger_damaged", message };
  const isOfSystem = (error as NodeJS.ErrnoException).syscall !== undefined;
  return { type: "failed", code: isOfSystem ? "not_stored" : "build_failed", message };
}
