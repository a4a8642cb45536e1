/** Everything about replay that routes ask for, in one object. */
import type { SeriesId } from "../market/series-id.js";
import type { CoverageService } from "./coverage.js";
import type { PackageService } from "./package-service.js";
import type { Prepared } from "./prepare.js";

export interface Replay {
  /** @throws like `prepareReplay` */
  prepare(id: SeriesId, toTime: number | null, windowCandles: number | null): Promise<Prepared>;
  readonly packages: PackageService;
  readonly overlayPackages: PackageService;
  readonly coverage: CoverageService;
  /** Ends jobs under way and awaits them: nothing is written any more, and no half package is left. Idempotent. */
  stop(): Promise<void>;
}
