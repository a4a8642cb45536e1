/** Replay: prepare, packages, coverage. Spec: replay §1, §3, §5, §6; http-api §8. */
import { vi } from "vitest";
import { ActorError } from "../../../src/actors/runtime/errors.js";
import { TooManySeriesError } from "../../../src/actors/series/registry.js";
import type { ErrorCase, Gate, RouteContract } from "../support/contract.js";
import { COUNT, LAST, SERIES, UNKNOWN } from "../support/fixture.js";
import { coverageOf, NO_JOB, packageOf, REPLAY } from "../support/replay-jobs.js";
import { count, flag, listOf, members, oneOf, only, orNull, type Shape, text } from "../support/shape.js";
import { badSeriesIds, readSeries } from "./common.js";
import { factorSnapshot } from "./derived-shapes.js";
import {
  begun,
  buildMembers,
  jobId,
  NO_DRAWING,
  NO_FACTORS,
  noData,
  noJob,
  noWindow,
  nullableCount,
  nullableTime,
  OF_SERIES,
  ofNothing,
  STRANGE_IDS,
  targetIdx,
  tooManyJobs,
  zeroOrOne,
} from "./replay-common.js";
import { drawWindow, replayMeta } from "./replay-shapes.js";

const GATE: Gate = { asked: "after validation", opens: [["ENABLE_REPLAY_V1"]] };
const COVERAGE: Gate = { asked: "after validation", opens: [["ENABLE_REPLAY_V1", "ENABLE_REPLAY_ENSURE_COVERAGE"]] };

/** One candle more than there is. */
const TOO_MANY = COUNT + 1;

const unwilling = (status: number, detail: string, error: Error): ErrorCase => ({
  status,
  detail,
  arrange: ({ app }) => void vi.spyOn(app.ledgers.sync, "refreshIfNeeded").mockRejectedValueOnce(error),
});

const covered = (status: string, required: number, error: string | null): Shape =>
  members({
    status: only(status),
    job_id: only(`coverage_${SERIES}:${LAST}:${required}`),
    candles_ready: only(COUNT),
    required_candles: only(required),
    head_time: only(LAST),
    error: only(error),
  });

export const REPLAY_ROUTES: readonly RouteContract[] = [
  {
    method: "POST",
    path: `${REPLAY}/prepare`,
    gate: "open",
    members: { series_id: readSeries, to_time: nullableTime, window_candles: nullableCount(5_000) },
    examples: [{}, { to_time: null, window_candles: null }, { to_time: 777, window_candles: 1 }],
    answer: members({
      ok: only(true),
      series_id: only(SERIES),
      requested_time: count,
      aligned_time: count,
      window_candles: count,
      factor_head_time: orNull(count),
      overlay_head_time: orNull(count),
      computed: flag,
    }),
    errors: [
      ...noData,
      { status: 409, detail: "ledger_out_of_sync:factor", env: NO_FACTORS },
      { status: 409, detail: "ledger_out_of_sync:overlay", env: NO_DRAWING },
      unwilling(503, "ingest_busy", new ActorError("mailbox_full", "series/ingest", "1024 wait already")),
      unwilling(503, "too_many_series", new TooManySeriesError("10000 are active")),
    ],
  },
  {
    method: "POST",
    path: `${REPLAY}/build`,
    gate: GATE,
    members: buildMembers(5_000),
    given: ofNothing,
    examples: [OF_SERIES, { ...OF_SERIES, to_time: null }, { ...OF_SERIES, to_time: LAST + 59 }],
    answer: begun,
    errors: [
      ...noData,
      { status: 409, detail: "coverage_missing", values: { ...OF_SERIES, window_candles: TOO_MANY } },
      { status: 409, detail: "coverage_missing", values: { series_id: SERIES } },
      { status: 409, detail: "ledger_out_of_sync:replay", env: NO_FACTORS, values: OF_SERIES },
      { status: 409, detail: "ledger_out_of_sync:replay", env: NO_DRAWING, values: OF_SERIES },
      { ...tooManyJobs, values: OF_SERIES },
    ],
  },
  {
    method: "GET",
    path: `${REPLAY}/status`,
    gate: GATE,
    members: { job_id: jobId, include_preload: zeroOrOne },
    given: async (daemon) => ({ job_id: await packageOf(daemon, REPLAY) }),
    examples: [{}, { include_preload: 1 }],
    answer: members({
      status: only("done"),
      job_id: text,
      cache_key: text,
      error: only(null),
      metadata: replayMeta,
      preload_window: orNull(drawWindow),
    }),
    errors: STRANGE_IDS.map(noJob),
  },
  {
    method: "GET",
    path: `${REPLAY}/window`,
    gate: GATE,
    members: { job_id: jobId, target_idx: targetIdx },
    given: async (daemon) => ({ job_id: await packageOf(daemon, REPLAY) }),
    examples: [{}, { target_idx: COUNT - 1 }],
    answer: members({ job_id: text, window: drawWindow, factor_snapshots: listOf(factorSnapshot) }),
    errors: noWindow,
  },
  {
    method: "POST",
    path: `${REPLAY}/ensure_coverage`,
    gate: COVERAGE,
    members: {
      series_id: { kind: "text", min: 1, max: 200, need: "required", sample: SERIES },
      target_candles: { kind: "integer", min: 1, max: 5_000, need: { default: 2_000 }, sample: 5 },
      to_time: nullableTime,
    },
    examples: [{}, { target_candles: 5, to_time: null }, { series_id: UNKNOWN }],
    answer: members({ status: only("building", "done"), job_id: text, error: only(null) }),
    errors: [...badSeriesIds(), tooManyJobs],
  },
  {
    method: "GET",
    path: `${REPLAY}/coverage_status`,
    gate: COVERAGE,
    members: { job_id: jobId },
    given: async (daemon) => {
      await coverageOf(daemon, TOO_MANY);
      return { job_id: await coverageOf(daemon, COUNT) };
    },
    examples: [{}, { job_id: `coverage_${SERIES}:${LAST}:${TOO_MANY}` }],
    answer: oneOf(covered("done", COUNT, null), covered("error", TOO_MANY, "coverage_missing")),
    errors: [NO_JOB, "x", `coverage_${SERIES}:${LAST}:${COUNT + 2}`].map(noJob),
  },
];
