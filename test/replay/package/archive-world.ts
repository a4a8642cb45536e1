/** An archive beside a daemon whose store it builds from, with the process that builds as `npm test` made it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { loadSettings } from "../../../src/config/load.js";
import type { Candle } from "../../../src/market/candle.js";
import { openPackageArchive, type PackageArchiveOptions } from "../../../src/replay/package/package-archive.js";
import { RecordingLog } from "../../actors/series/world.js";
import { ID } from "../../ledger/world.js";
import { BUILD_WORKER, startTestDaemon } from "../../support/daemon.js";
import { tempFolder } from "../../support/temp.js";
import { clock } from "./world.js";

/** A module that the process may run instead, of the given text. */
export function workerOf(text: string): URL {
  const path = join(tempFolder(), "worker.mjs");
  writeFileSync(path, text);
  return pathToFileURL(path);
}

export async function archiveWorld(candles: readonly Candle[]) {
  const storeFolder = tempFolder();
  const env = {
    TRADE_CANVAS_DB_PATH: storeFolder,
    TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "5",
    TRADE_CANVAS_PIVOT_WINDOW_MINOR: "2",
    TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1",
  };
  const { app } = await startTestDaemon({ env });
  const ingest = (more: readonly Candle[]) => app.runtime.ingest(ID, more, app.runtime.policies.batchPublished);
  await ingest(candles);
  const log = new RecordingLog();
  const artifactsFolder = join(storeFolder, "artifacts");
  const open = async (change: Partial<PackageArchiveOptions> = {}) => {
    const archive = await openPackageArchive({
      artifactsFolder,
      storeFolder,
      store: app.store,
      engines: loadSettings(env).settings,
      rebuildOnNewFingerprint: true,
      clock,
      log,
      worker: BUILD_WORKER,
      ...change,
    });
    onTestFinished(() => archive.close());
    return archive;
  };
  return { app, ingest, log, open, folderOf: (key: string) => join(artifactsFolder, "replay_package_v1", key) };
}
