/** The thread of one build: reads the store through a handle of its own, writes the package beside its place, and ends. */
import { setPriority } from "node:os";
import { platform } from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { createEngines } from "../../engines.js";
import { LedgerDamage } from "../../storage/errors.js";
import { openStoreReader } from "../../storage/lmdb-store.js";
import { ReplayBuildError } from "./archive.js";
import { buildPackage } from "./build.js";
import type { BuildReport, BuildTask } from "./build-task.js";
import { ContentsWriter } from "./contents-writer.js";

/** On few processors ingest and reads go first. Linux gives threads priorities of their own; elsewhere it is the process's. */
const BUILD_PRIORITY = 10;

const task = workerData as BuildTask;
if (platform === "linux") setPriority(BUILD_PRIORITY);
const report = await build(task);
parentPort?.postMessage(report);

async function build({ order, storeFolder, engines, rebuildOnNewFingerprint, draft, stop }: BuildTask) {
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
    return { type: "built" } satisfies BuildReport;
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
