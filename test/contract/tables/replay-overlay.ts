/** The overlay packages of replay. Spec: replay §7; http-api §8. */
import { candleAt } from "../../support/candles.js";
import type { ErrorCase, Gate, RouteContract } from "../support/contract.js";
import { COUNT, SERIES } from "../support/fixture.js";
import type { Member } from "../support/member.js";
import { OVERLAY, PACKAGE, packageOf } from "../support/replay-jobs.js";
import { members, oneOf, only, orNull, text } from "../support/shape.js";
import { optionalTime, readSeries } from "./common.js";
import {
  begun,
  buildMembers,
  jobId,
  noData,
  noWindow,
  OF_SERIES,
  ofNothing,
  STRANGE_IDS,
  targetIdx,
  tooManyJobs,
  zeroOrOne,
} from "./replay-common.js";
import { bars, deltaMeta, storedWindow } from "./replay-shapes.js";

const GATE: Gate = { asked: "after validation", opens: [["ENABLE_REPLAY_PACKAGE"]] };

const optionalCount = (max: number): Member => ({ kind: "integer", min: 1, max, need: "optional", sample: 5 });

/** A series whose candle nobody has drawn. */
const LAGGING = "binance:spot:LAGGING/USDT:1m";

const job = { job_id: text, cache_key: text };

const preflightErrors: readonly ErrorCase[] = [
  ...noData,
  {
    status: 409,
    detail: "ledger_out_of_sync:overlay",
    arrange: async ({ app }) => void (await app.store.commit({ series: LAGGING, upsert: [candleAt(60)] })),
    values: { series_id: LAGGING },
  },
];

export const REPLAY_OVERLAY: readonly RouteContract[] = [
  {
    method: "GET",
    path: `${OVERLAY}/read_only`,
    gate: GATE,
    members: {
      series_id: readSeries,
      to_time: optionalTime,
      window_candles: optionalCount(2_000),
      window_size: optionalCount(2_000),
      snapshot_interval: optionalCount(200),
    },
    given: async (daemon) => {
      await packageOf(daemon, OVERLAY);
      return PACKAGE;
    },
    examples: [{}, { to_time: 777, window_size: 1_999 }],
    answer: oneOf(
      members({ ...job, status: only("done"), delta_meta: deltaMeta, compute_hint: only(null) }),
      members({
        ...job,
        status: only("build_required"),
        delta_meta: only(null),
        compute_hint: only("build_required:POST /api/replay/overlay_package/build"),
      }),
    ),
    errors: preflightErrors,
  },
  {
    method: "POST",
    path: `${OVERLAY}/build`,
    gate: GATE,
    members: buildMembers(2_000),
    given: ofNothing,
    examples: [
      OF_SERIES,
      { series_id: SERIES, to_time: null, window_candles: null, window_size: null, snapshot_interval: null },
    ],
    answer: begun,
    errors: [...preflightErrors, { ...tooManyJobs, values: OF_SERIES }],
  },
  {
    method: "GET",
    path: `${OVERLAY}/status`,
    gate: GATE,
    members: { job_id: jobId, include_delta_package: zeroOrOne },
    given: async (daemon) => ({ job_id: await packageOf(daemon, OVERLAY) }),
    examples: [
      {},
      { include_delta_package: 1 },
      ...STRANGE_IDS.map((job_id) => ({ job_id, include_delta_package: 1 })),
    ],
    answer: oneOf(
      members({
        ...job,
        status: only("done"),
        error: only(null),
        delta_meta: deltaMeta,
        kline: orNull(bars),
        preload_window: orNull(storedWindow),
      }),
      members({
        ...job,
        status: only("build_required"),
        error: only(null),
        delta_meta: only(null),
        kline: only(null),
        preload_window: only(null),
      }),
    ),
    // Windows have at least 50 candles, and the first one begins with the series.
    emptyHere: ["preload_window.catalog_base"],
    errors: [],
  },
  {
    method: "GET",
    path: `${OVERLAY}/window`,
    gate: GATE,
    members: { job_id: jobId, target_idx: targetIdx },
    given: async (daemon) => ({ job_id: await packageOf(daemon, OVERLAY) }),
    examples: [{}, { target_idx: COUNT - 1 }],
    answer: members({ job_id: text, window: storedWindow }),
    emptyHere: ["window.catalog_base"],
    errors: noWindow,
  },
];
