/** What the routes of both kinds of packages have in common. Spec: replay §2; http-api §8. */
import { vi } from "vitest";
import { JobTable } from "../../../src/replay/job-table.js";
import { PackageService } from "../../../src/replay/package-service.js";
import { ReplayError } from "../../../src/replay/replay-error.js";
import type { ErrorCase, Values } from "../support/contract.js";
import { COUNT, LAST, SERIES, UNKNOWN } from "../support/fixture.js";
import type { Member, Members } from "../support/member.js";
import { NO_JOB, PACKAGE } from "../support/replay-jobs.js";
import { members, only, text } from "../support/shape.js";
import { readSeries } from "./common.js";

export const NO_FACTORS = { TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" };
export const NO_DRAWING = { TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" };

export const nullableTime: Member = { kind: "integer", min: 0, need: "optional", nullable: true, sample: LAST };

/** How many candles of something, where null is the default. */
export function nullableCount(max: number): Member {
  return { kind: "integer", min: 1, max, need: "optional", nullable: true, sample: 5 };
}

/** What a build is asked for with. @param maxCandles of a package. */
export function buildMembers(maxCandles: number): Members {
  return {
    series_id: readSeries,
    to_time: nullableTime,
    window_candles: nullableCount(maxCandles),
    window_size: nullableCount(2_000),
    snapshot_interval: nullableCount(200),
  };
}

/** Parameters are tried on a series that nobody has stored: on another one each of them would be a package to be made. */
export const ofNothing = async (): Promise<Values> => ({ series_id: UNKNOWN });

/** The package that there is. */
export const OF_SERIES: Values = { series_id: SERIES, ...PACKAGE };

export const jobId: Member = { kind: "text", min: 1, need: "required", sample: NO_JOB };
export const targetIdx: Member = { kind: "integer", min: 0, need: "required", sample: 0 };
export const zeroOrOne: Member = { kind: "integer", min: 0, max: 1, need: { default: 0 }, sample: 1 };

/** What a build answers. */
export const begun = members({ status: only("building", "done"), job_id: text, cache_key: text });

/** As many jobs are under way as may be. */
export const tooManyJobs: ErrorCase = {
  status: 503,
  detail: "too_many_replay_jobs",
  arrange: () => {
    vi.spyOn(JobTable.prototype, "reserve").mockImplementationOnce(() => {
      throw new ReplayError("too_many_jobs", "32 jobs wait or run already");
    });
  },
};

/** There is no candle, or none at or before the time. */
export const noData: readonly ErrorCase[] = [{ series_id: UNKNOWN }, { series_id: "x" }, { to_time: 59 }].map(
  (values) => ({ status: 404, detail: "no_data", values }),
);

export const noJob = (job_id: string): ErrorCase => ({ status: 404, detail: "not_found", values: { job_id } });

/** Ids of nothing, of nothing that could be, and of a coverage. */
export const STRANGE_IDS: readonly string[] = [NO_JOB, "x", "../..", `coverage_${SERIES}:${LAST}:5`];

export const noWindow: readonly ErrorCase[] = [
  ...STRANGE_IDS.map(noJob),
  { status: 422, detail: "target_idx_out_of_range", values: { target_idx: COUNT } },
  {
    status: 422,
    detail: "window_index_out_of_range",
    arrange: () => void vi.spyOn(PackageService.prototype, "windowAt").mockResolvedValueOnce(undefined),
  },
];
