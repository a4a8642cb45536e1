/** What a run of the write path did to the ledgers, as debug events. Spec: http-api §4.4. */
import type { DebugHub } from "../../observability/debug-hub.js";
import type { SeriesCommit } from "../../storage/store.js";
import type { FactorFolded } from "../factor/protocol.js";
import type { OverlayRendered } from "../overlay/protocol.js";

export interface RunNoteOptions {
  readonly series: string;
  readonly debug: DebugHub;
  /** What a rebuild of the factor ledger keeps, and how far back a drawing shows pens, for those who watch. */
  readonly rebuildKeepCandles: number;
  readonly overlayWindowS: number;
}

interface Computed {
  readonly factor: FactorFolded | undefined;
  readonly overlay: OverlayRendered | undefined;
}

export function noteRun(options: RunNoteOptions, { factor, overlay }: Computed, { ledgers }: SeriesCommit): void {
  const { series, debug, rebuildKeepCandles: keep_candles, overlayWindowS } = options;
  const emit = (event: string, data: Record<string, unknown>): void =>
    debug.emit({ pipe: "write", event, series, data });
  if (factor !== undefined && ledgers?.factor?.type === "advanced") {
    const { fingerprint, time: up_to_candle_time } = ledgers.factor.head;
    if (factor.rebuilt && factor.restart.type === "beginning") {
      // Candles are never trimmed for a rebuild: what it keeps bounds the ledger alone.
      emit("factor.fingerprint.rebuild", { series_id: series, fingerprint, keep_candles, trimmed_rows: 0 });
    }
    emit("write.factor.ingest_done", {
      up_to_candle_time,
      candles_read: factor.frames.length,
      events_planned: factor.frames.reduce((sum, { events }) => sum + events.length, 0),
      db_changes: 1,
      duration_ms: factor.durationMs,
    });
  }
  if (overlay !== undefined && ledgers?.overlay?.type === "advanced") {
    const { time } = ledgers.overlay.head;
    const { factorRows, markers, penPoints, polylines } = overlay.drawn;
    emit("write.overlay.ingest_done", {
      up_to_candle_time: time,
      cutoff_time: Math.max(0, time - overlayWindowS),
      factor_rows: factorRows,
      marker_defs: markers,
      pen_points: penPoints,
      polyline_defs: polylines,
      db_changes: 1,
      duration_ms: overlay.durationMs,
    });
  }
}
