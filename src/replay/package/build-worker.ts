/** What the process runs that builds: it reads the store through a handle of its own, and writes each package beside its place. */
import { setPriority } from "node:os";
import { createEngines } from "../../engines.js";
import { LedgerDamage } from "../../storage/errors.js";
import { openStoreReader } from "../../storage/lmdb-store.js";
import { ReplayBuildError } from "./archive.js";
import { buildPackage } from "./build.js";
import type { BuildReport, BuildTask } from "./build-task.js";
import { ContentsWriter } from "./contents-writer.js";

/** On few processors ingest and reads go first. */
const BUILD_PRIORITY = 10;

setPriority(BUILD_PRIORITY);
process.on("message", (task: BuildTask) => {
  void build(task).then((report) => process.send?.(report));
});
// Without a daemon nobody wants a package.
process.on("disconnect", () => process.exit());

async function build(task: BuildTask): Promise<BuildReport> {
  const { order, storeFolder, engines, rebuildOnNewFingerprint, draft } = task;
  try {
    const store = openStoreReader(storeFolder);
    try {
      const contents = new ContentsWriter(draft);
      try {
        const source = { store, ...createEngines(engines), rebuildOnNewFingerprint };
        contents.finish(buildPackage(source, order, contents));
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
