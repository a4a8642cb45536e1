/** Answers about replay: coverage, packages and their windows. Spec: replay §2–§7; http-api §8. */
import { Type } from "typebox";
import { Instruction } from "./drawing.js";
import { FactorName, FactorSnapshot } from "./factors.js";
import {
  always,
  count,
  DONE,
  flag,
  list,
  named,
  nullable,
  object,
  oneOf,
  quantity,
  SCHEMA_VERSION,
  SERIES_ID,
  text,
  unixSeconds,
} from "./parts.js";

const JOB_ID = text("Of the job, and of what it makes.");
const CACHE_KEY = text("The same text as `job_id`.");

export const ReplayPrepareAnswer = named("ReplayPrepareAnswer", "Ledgers that were brought up to a candle.", {
  ok: DONE,
  series_id: SERIES_ID,
  requested_time: unixSeconds("The time asked for, or that of the newest candle."),
  aligned_time: unixSeconds("Open time of the candle at or before it."),
  window_candles: count("As it was used."),
  factor_head_time: nullable(unixSeconds("Candle that the factors have come to.")),
  overlay_head_time: nullable(unixSeconds("Candle that the drawing has come to.")),
  computed: flag("Something had to be computed."),
});

export const PackageBuildAnswer = named("PackageBuildAnswer", "A package that is there, or is being made.", {
  status: oneOf(["building", "done"]),
  job_id: JOB_ID,
  cache_key: CACHE_KEY,
});

export const EnsureCoverageAnswer = named("EnsureCoverageAnswer", "A coverage that is done, or goes on.", {
  status: oneOf(["building", "done"]),
  job_id: text("`coverage_<series_id>:<to_time>:<target_candles>`."),
  error: Type.Null(),
});

export const CoverageStatusAnswer = named("CoverageStatusAnswer", "How far a coverage is.", {
  status: oneOf(["building", "done", "error"]),
  job_id: JOB_ID,
  candles_ready: count("Candles of the range that are stored, at most the target."),
  required_candles: count("The target."),
  head_time: nullable(unixSeconds("Newest stored candle, 0 without any; null until it is looked for.")),
  error: nullable(text("`coverage_missing`, or what went wrong; otherwise null.")),
});

const extent = {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  total_candles: count("Candles of the package, counted from 0."),
  from_candle_time: unixSeconds("Open time of the first."),
  to_candle_time: unixSeconds("Open time of the last."),
  window_size: count("Candles of a window."),
  snapshot_interval: count("Candles between two checkpoints."),
};

const ReplayMetadata = named("ReplayMetadata", "What a replay package holds.", {
  ...extent,
  timeframe_s: count("Length of a candle in seconds."),
  preload_offset: always(0),
  idx_to_time: always("windows[*].kline[idx].time", "Where the time of a candle is found."),
  factor_schema: list(
    object({ factor_name: FactorName, history_keys: list(text()), head_keys: list(text()) }),
    "Every factor, with the members of its slices.",
  ),
});

const Bar = named("Bar", "A candle of a package.", {
  time: unixSeconds("Open time."),
  open: quantity(),
  high: quantity(),
  low: quantity(),
  close: quantity(),
  volume: quantity(),
});

const Checkpoint = named("DrawCheckpoint", "All that is shown at a candle.", {
  at_idx: count("Index of the candle."),
  active_ids: list(text()),
});

const Diff = named("DrawDiff", "What changes at a candle.", {
  at_idx: count("Index of the candle."),
  add_ids: list(text()),
  remove_ids: list(text()),
});

const place = {
  window_index: count("From 0."),
  start_idx: count("Index of its first candle."),
  end_idx: count("Index behind its last candle."),
};
const base = list(Instruction, "Newest version of each that was visible at the first bar.");
const patch = list(Instruction, "Versions that became visible later in the window.");
const checkpoints = list(Checkpoint, "At the first candle and every `snapshot_interval`-th from there.");
const diffs = list(Diff, "Between checkpoints.");

const ReplayWindow = named("ReplayWindow", "A window of a replay package.", {
  ...place,
  kline: list(Bar),
  draw_catalog_base: base,
  draw_catalog_patch: patch,
  draw_active_checkpoints: checkpoints,
  draw_active_diffs: diffs,
});

const OverlayWindow = named("OverlayWindow", "A window of an overlay package.", {
  ...place,
  kline: list(Bar),
  catalog_base: base,
  catalog_patch: patch,
  checkpoints,
  diffs,
  event_catalog: Type.Null(),
});

export const ReplayStatusAnswer = named("ReplayStatusAnswer", "Whether a replay package is there, and what it holds.", {
  status: oneOf(["building", "done", "error"]),
  job_id: JOB_ID,
  cache_key: CACHE_KEY,
  error: nullable(text("Why the build failed; otherwise null.")),
  metadata: nullable(ReplayMetadata),
  preload_window: nullable(ReplayWindow),
});

export const ReplayWindowAnswer = named("ReplayWindowAnswer", "A window of a replay package, with factor snapshots.", {
  job_id: JOB_ID,
  window: ReplayWindow,
  factor_snapshots: list(FactorSnapshot, "By time and factor, with the newest of each before the window."),
});

const OverlayMetadata = named("OverlayMetadata", "What an overlay package holds.", {
  ...extent,
  windows: list(
    object({ ...place, start_time: unixSeconds("Its first candle."), end_time: unixSeconds("Its last candle.") }),
  ),
  overlay_store_last_version_id: count("Highest version of the drawing when the package was made."),
});

export const OverlayReadOnlyAnswer = named("OverlayReadOnlyAnswer", "Whether an overlay package is there.", {
  status: oneOf(["done", "build_required"]),
  job_id: JOB_ID,
  cache_key: CACHE_KEY,
  delta_meta: nullable(OverlayMetadata),
  compute_hint: nullable(text("How to have it made; null if it is done.")),
});

export const OverlayStatusAnswer = named("OverlayStatusAnswer", "How far an overlay package is, and what it holds.", {
  status: oneOf(["building", "done", "error", "build_required"]),
  job_id: JOB_ID,
  cache_key: CACHE_KEY,
  error: nullable(text("Why the build failed; otherwise null.")),
  delta_meta: nullable(OverlayMetadata),
  kline: nullable(list(Bar, "All bars, when asked for and done; otherwise null.")),
  preload_window: nullable(OverlayWindow),
});

export const OverlayWindowAnswer = named("OverlayWindowAnswer", "A window of an overlay package.", {
  job_id: JOB_ID,
  window: OverlayWindow,
});
