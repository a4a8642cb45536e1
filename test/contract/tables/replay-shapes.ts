/** Shapes of packages and their windows, member by member. Spec: replay §4, §5, §7. */
import { count, listOf, members, number, only, type Shape, text } from "../support/shape.js";
import { FACTOR_NAMES, instructions } from "./derived-shapes.js";

export const bars = listOf(
  members({ time: count, open: number, high: number, low: number, close: number, volume: number }),
);

const checkpoints = listOf(members({ at_idx: count, active_ids: listOf(text) }));
const diffs = listOf(members({ at_idx: count, add_ids: listOf(text), remove_ids: listOf(text) }));
const place = { window_index: count, start_idx: count, end_idx: count };

/** A window of a replay package. */
export const drawWindow = members({
  ...place,
  kline: bars,
  draw_catalog_base: instructions,
  draw_catalog_patch: instructions,
  draw_active_checkpoints: checkpoints,
  draw_active_diffs: diffs,
});

/** A window of an overlay package. */
export const storedWindow = members({
  ...place,
  kline: bars,
  catalog_base: instructions,
  catalog_patch: instructions,
  checkpoints,
  diffs,
  event_catalog: only(null),
});

const extent: Readonly<Record<string, Shape>> = {
  schema_version: only(1),
  series_id: text,
  total_candles: count,
  from_candle_time: count,
  to_candle_time: count,
  window_size: count,
  snapshot_interval: count,
};

export const replayMeta = members({
  ...extent,
  timeframe_s: count,
  preload_offset: only(0),
  idx_to_time: only("windows[*].kline[idx].time"),
  factor_schema: listOf(
    members({ factor_name: only(...FACTOR_NAMES), history_keys: listOf(text), head_keys: listOf(text) }),
  ),
});

export const deltaMeta = members({
  ...extent,
  windows: listOf(members({ ...place, start_time: count, end_time: count })),
  overlay_store_last_version_id: count,
});
