/** Drawings, and drawings with factors, as docs/api has them. */
import type { Direction, SlicesAnswer } from "./factors.js";

export interface MarkerDefinition {
  readonly type: "marker";
  /** The feature of the factor catalog. */
  readonly feature: string;
  readonly time: number;
  readonly position: "aboveBar" | "belowBar";
  readonly color: string;
  readonly shape: "circle" | "arrowUp" | "arrowDown";
  readonly text: string;
  readonly size: number;
}

export interface PolylineDefinition {
  readonly type: "polyline";
  readonly feature: string;
  /** Ascending by time. */
  readonly points: readonly { readonly time: number; readonly value: number }[];
  readonly color: string;
  readonly lineWidth: 1 | 2;
  readonly lineStyle?: "dashed";
  readonly entryDirection?: Direction;
}

interface Version {
  readonly version_id: number;
  readonly instruction_id: string;
  /** Open time of the candle at which this version came to be. */
  readonly visible_time: number;
}

/** One version of one thing that is drawn. */
export type Instruction =
  | (Version & { readonly kind: "marker"; readonly definition: MarkerDefinition })
  | (Version & { readonly kind: "polyline"; readonly definition: PolylineDefinition });

export interface DrawDeltaQuery {
  readonly series_id: string;
  /** The version that the caller has come to; 0, the default: it has nothing. */
  readonly cursor_version_id?: number | undefined;
  /** 1 to 5,000; 2,000 by default. */
  readonly window_candles?: number | undefined;
  /** The drawing as it was at this time, Unix seconds. */
  readonly at_time?: number | undefined;
}

/** GET /api/draw/delta */
export interface DrawDeltaAnswer {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly to_candle_id: string | null;
  readonly to_candle_time: number | null;
  /** What is to be shown. */
  readonly active_ids: readonly string[];
  /** What the caller lacks, by ascending version. */
  readonly instruction_catalog_patch: readonly Instruction[];
  readonly series_points: Readonly<Record<string, never>>;
  readonly next_cursor: { readonly version_id: number; readonly point_time: null };
}

export interface FrameLiveQuery {
  readonly series_id: string;
  /** 1 to 5,000; 2,000 by default. */
  readonly window_candles?: number | undefined;
}

export interface FrameAtTimeQuery extends FrameLiveQuery {
  /** Unix seconds; the frame is of the stored candle at or before it. */
  readonly at_time: number;
}

/** GET /api/frame/live and /api/frame/at_time */
export interface FrameAnswer {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly time: { readonly at_time: number; readonly aligned_time: number; readonly candle_id: string };
  readonly factor_slices: SlicesAnswer;
  readonly draw_state: DrawDeltaAnswer;
}

export interface DeltaPollQuery extends FrameLiveQuery {
  /** The id of the last record that the caller has; 0, the default: it has none. */
  readonly after_id?: number | undefined;
  /** 1 to 5,000; without effect. */
  readonly limit?: number | undefined;
}

/** GET /api/delta/poll */
export interface DeltaPollAnswer {
  readonly schema_version: 1;
  readonly series_id: string;
  /** One, or none when nothing was drawn since. */
  readonly records: readonly {
    readonly id: number;
    readonly series_id: string;
    readonly to_candle_id: string;
    readonly to_candle_time: number;
    readonly draw_delta: DrawDeltaAnswer;
    readonly factor_slices: SlicesAnswer | null;
  }[];
  readonly next_cursor: { readonly id: number };
}
