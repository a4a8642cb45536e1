/** Puts together what replay needs of a daemon. Assembly only. */
import type { Backfills } from "./actors/feed/backfills.js";
import type { MarketRuntime } from "./actors/market-runtime.js";
import type { RuntimeParts } from "./assembly.js";
import { nowSeconds } from "./clock/clock.js";
import type { LedgerQueries } from "./ledger/ledger-queries.js";
import { latestClosedTime } from "./market/closed-window.js";
import { slotAtOrBefore } from "./market/slots.js";
import type { Metrics } from "./observability/metrics.js";
import {
  COVERAGE_LIMIT_MS,
  type CoverageProgress,
  type CoverageRequest,
  CoverageService,
  MAX_RUNNING_COVERAGES,
} from "./replay/coverage.js";
import { JobTable, MAX_ACTIVE_JOBS } from "./replay/job-table.js";
import type { PackageArchive, PackageKind } from "./replay/package/archive.js";
import { openPackageArchive } from "./replay/package/package-archive.js";
import { PackageService } from "./replay/package-service.js";
import { overlayPreflight, type Preflight, replayPreflight } from "./replay/preflight.js";
import { prepareReplay } from "./replay/prepare.js";
import type { Replay } from "./replay/replay.js";
import type { Store } from "./storage/store.js";

export interface ReplayParts {
  /** What a test puts in place of the archive of packages. */
  readonly createArchive?: (shared: ReplayShared) => PackageArchive;
  /** The module of the process that builds packages; only a test that runs from the sources gives another. */
  readonly buildWorker?: URL;
}

/** What replay shares with the rest of the daemon. */
export interface ReplayShared {
  readonly store: Store;
  readonly runtime: MarketRuntime;
  readonly ledgers: LedgerQueries;
  readonly backfills: Backfills;
  readonly metrics: Metrics;
}

/** @throws Error of the system when the archive cannot be opened. */
export async function createReplay(options: RuntimeParts & ReplayParts, shared: ReplayShared): Promise<Replay> {
  const { clock, log, settings, createArchive, buildWorker: worker } = options;
  const { store, runtime, ledgers, backfills, metrics } = shared;
  const { sync } = ledgers;
  const archive =
    createArchive?.(shared) ??
    (await openPackageArchive({
      artifactsFolder: settings.artifactsDir,
      storeFolder: settings.dbPath,
      store,
      engines: settings,
      rebuildOnNewFingerprint: settings.enableFactorFingerprintRebuild,
      clock,
      log,
      worker,
    }));
  const tableParts = { clock, log, metrics };
  const builds = new JobTable<null>({ ...tableParts, name: "package", maxRunning: MAX_ACTIVE_JOBS });
  const coverages = new JobTable<CoverageProgress>({
    ...tableParts,
    name: "coverage",
    maxRunning: MAX_RUNNING_COVERAGES,
  });
  const service = (kind: PackageKind, preflight: Preflight): PackageService =>
    new PackageService({ kind, preflight, archive, jobs: builds });
  return {
    prepare: (id, toTime, windowCandles) => prepareReplay(sync, id, toTime, windowCandles),
    packages: service("replay", replayPreflight({ store, sync })),
    overlayPackages: service("overlay", overlayPreflight({ store, sync })),
    coverage: new CoverageService({
      store,
      sync,
      log,
      jobs: coverages,
      onLedgerFailure: settings.enableIngestPipelineV2 ? "fail" : "swallow",
      cover: (request, signal) => cover(runtime, backfills, request, signal),
    }),
    stop: async () => {
      await Promise.all([builds.stop(), coverages.stop()]);
      await archive.close();
    },
  };
}

/** Of the exchange there is nothing to be had beyond its newest closed candle, nor between the slots of its grid. */
async function cover(
  runtime: MarketRuntime,
  backfills: Backfills,
  { id, toTime, target }: CoverageRequest,
  signal: AbortSignal,
): Promise<void> {
  const { timeframeSeconds } = id;
  const newestS = latestClosedTime(nowSeconds(runtime.clockOf(id)), timeframeSeconds);
  const toS = Math.min(slotAtOrBefore(toTime, timeframeSeconds), newestS);
  await backfills.cover(id, { target, toS, limitMs: COVERAGE_LIMIT_MS, signal });
}
