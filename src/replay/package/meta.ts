/** The metadata of packages. Spec: replay §4, §7. */
import type { Candle } from "../../market/candle.js";
import type { DeltaMeta, FactorSchema, PackageRequest, ReplayMeta, WindowSpan } from "./archive.js";

/** @param factors what the slices in the package are made of, by name. */
export function replayMeta(
  request: PackageRequest,
  candles: readonly Candle[],
  factors: readonly FactorSchema[],
): ReplayMeta {
  const { id, windowSize, snapshotInterval } = request;
  return {
    schema_version: 1,
    series_id: id.text,
    timeframe_s: id.timeframeSeconds,
    ...extent(candles),
    window_size: windowSize,
    snapshot_interval: snapshotInterval,
    preload_offset: 0,
    idx_to_time: "windows[*].kline[idx].time",
    factor_schema: factors,
  };
}

/** @param lastVersion highest version id of the drawing when the build was asked for. */
export function deltaMeta(request: PackageRequest, candles: readonly Candle[], lastVersion: number): DeltaMeta {
  const { id, windowSize, snapshotInterval } = request;
  const timeAt = (index: number): number => candles[index]?.time ?? 0;
  const windows = Array.from({ length: Math.ceil(candles.length / windowSize) }, (_, window_index): WindowSpan => {
    const start_idx = window_index * windowSize;
    const end_idx = Math.min(candles.length, start_idx + windowSize);
    return { window_index, start_idx, end_idx, start_time: timeAt(start_idx), end_time: timeAt(end_idx - 1) };
  });
  return {
    schema_version: 1,
    series_id: id.text,
    ...extent(candles),
    window_size: windowSize,
    snapshot_interval: snapshotInterval,
    windows,
    overlay_store_last_version_id: lastVersion,
  };
}

function extent(candles: readonly Candle[]): Pick<DeltaMeta, "total_candles" | "from_candle_time" | "to_candle_time"> {
  return {
    total_candles: candles.length,
    from_candle_time: candles[0]?.time ?? 0,
    to_candle_time: candles.at(-1)?.time ?? 0,
  };
}
