/** What the reads of the ledgers answer, as their clients know it. Spec: http-api §2. */

export interface SliceBody {
  readonly schema_version: 1;
  readonly history: Readonly<Record<string, readonly Payload[]>>;
  readonly head: Readonly<Record<string, unknown>>;
  readonly meta: {
    readonly series_id: string;
    readonly epoch: 0;
    readonly at_time: number;
    readonly candle_id: string;
    readonly factor_name: string;
  };
}

/** An event in a slice's history; its other members depend on the factor. */
export interface Payload {
  readonly visible_time?: number;
  readonly [member: string]: unknown;
}

export interface SlicesBody {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly at_time: number;
  readonly candle_id: string | null;
  readonly factors: readonly string[];
  readonly snapshots: Readonly<Record<string, SliceBody>>;
}

export interface PatchItem {
  readonly version_id: number;
  readonly instruction_id: string;
  readonly kind: "marker" | "polyline";
  readonly visible_time: number;
  readonly definition: {
    readonly type: string;
    readonly feature: string;
    readonly time?: number;
    readonly points?: readonly { readonly time: number; readonly value: number }[];
  };
}

export interface DrawBody {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly to_candle_id: string | null;
  readonly to_candle_time: number | null;
  readonly active_ids: readonly string[];
  readonly instruction_catalog_patch: readonly PatchItem[];
  readonly series_points: Readonly<Record<string, never>>;
  readonly next_cursor: { readonly version_id: number; readonly point_time: null };
}

export interface FrameBody {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly time: { readonly at_time: number; readonly aligned_time: number; readonly candle_id: string };
  readonly factor_slices: SlicesBody;
  readonly draw_state: DrawBody;
}

export interface PollRecord {
  readonly id: number;
  readonly series_id: string;
  readonly to_candle_id: string;
  readonly to_candle_time: number;
  readonly draw_delta: DrawBody;
  readonly factor_slices: SlicesBody;
}

export interface PollBody {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly records: readonly PollRecord[];
  readonly next_cursor: { readonly id: number };
}

export interface HealthBody {
  readonly series_id: string;
  readonly timeframe_seconds: number;
  readonly store_head_time: number | null;
  readonly factor_head_time: number | null;
  readonly overlay_head_time: number | null;
  readonly factor_delay_seconds: number | null;
  readonly factor_delay_candles: number | null;
  readonly overlay_delay_seconds: number | null;
  readonly overlay_delay_candles: number | null;
  readonly max_delay_seconds: number | null;
  readonly max_delay_candles: number | null;
  readonly status: string;
  readonly status_reason: string;
}

/** First and last time, in seconds, that an instruction touches. */
export function spanOfItem({ definition: { time, points } }: PatchItem): readonly [from: number, to: number] {
  const times = points?.map((point) => point.time) ?? [time ?? Number.NaN];
  return [Math.min(...times), Math.max(...times)];
}

/** Where a line begins, in seconds. */
export function startOfItem({ definition: { points } }: PatchItem): number | undefined {
  return points?.[0]?.time;
}
