/** What the factors say, as docs/api has it. Members that end in `_idx` or `_indices` are positions of candles, from 0. */
import type { HealthColour } from "./market.js";

/** 1 up, -1 down. */
export type Direction = 1 | -1;

/** GET /api/factor/catalog */
export interface FactorCatalogAnswer {
  readonly schema_version: 1;
  readonly factors: readonly (CatalogEntry & { readonly sub_features: readonly CatalogEntry[] })[];
}

export interface CatalogEntry {
  readonly key: string;
  readonly label: string;
  readonly default_visible: boolean;
}

/** GET /api/factor/health */
export interface FactorHealthAnswer {
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
  readonly status: HealthColour;
  readonly status_reason: string;
}

export interface Pivot {
  readonly pivot_time: number;
  readonly pivot_price: number;
  readonly direction: "support" | "resistance";
  readonly visible_time: number;
  readonly window: number;
  readonly pivot_idx: number;
}

export interface PenLeg {
  readonly start_time: number;
  readonly end_time: number;
  readonly start_price: number;
  readonly end_price: number;
  readonly direction: Direction;
}

export interface ConfirmedPen extends PenLeg {
  readonly visible_time: number;
  readonly start_idx: number;
  readonly end_idx: number;
}

export interface Zhongshu {
  readonly start_time: number;
  readonly end_time: number;
  readonly zg: number;
  readonly zd: number;
  readonly entry_direction: Direction;
  readonly formed_time: number;
  readonly visible_time: number;
  readonly formed_reason: "pen_confirmed" | "price_cross";
  /** Null while it lives. */
  readonly death_time: number | null;
}

export interface AnchorRef {
  readonly kind: "confirmed" | "candidate";
  readonly start_time: number;
  readonly end_time: number;
  readonly direction: Direction;
}

export interface AnchorSwitch {
  readonly switch_time: number;
  readonly reason: "strong_pen" | "zhongshu_entry";
  readonly old_anchor: AnchorRef | null;
  readonly new_anchor: AnchorRef;
  readonly visible_time: number;
}

export interface PriceLevel {
  readonly price: number;
  readonly type: "support" | "resistance" | "flip";
  readonly level_type: "support" | "resistance";
  readonly status: "active" | "broken" | "flip";
  readonly first_idx: number;
  readonly second_idx: number;
  readonly last_idx: number;
  readonly first_time: number;
  readonly second_time: number;
  readonly last_time: number;
  readonly count: number;
  readonly flip_dir: string | null;
  readonly touch_indices: readonly number[];
  readonly touch_times: readonly number[];
  readonly level_score: number;
  readonly band_low: number;
  readonly band_high: number;
  readonly band_width_atr: number;
  readonly death_idx: number | null;
  readonly death_time: number | null;
  readonly death_price: number | null;
}

export interface PriceLevels {
  readonly algorithm: string;
  readonly levels: readonly PriceLevel[];
  readonly pivots: readonly {
    readonly idx: number;
    readonly time: number;
    readonly price: number;
    readonly type: string;
    readonly source_window: string;
  }[];
}

/** What each factor hands over: what became known in the window, and how things stand. */
export interface FactorParts {
  readonly pivot: {
    readonly history: { readonly major: readonly Pivot[]; readonly minor: readonly Pivot[] };
    readonly head: Readonly<Record<string, never>>;
  };
  readonly pen: {
    readonly history: { readonly confirmed: readonly ConfirmedPen[] };
    readonly head: { readonly extending?: PenLeg; readonly candidate?: PenLeg };
  };
  readonly zhongshu: {
    readonly history: { readonly dead: readonly Zhongshu[] };
    readonly head: { readonly alive: readonly Zhongshu[] };
  };
  readonly anchor: {
    readonly history: { readonly anchors: readonly AnchorRef[]; readonly switches: readonly AnchorSwitch[] };
    readonly head: { readonly current_anchor_ref: AnchorRef | null };
  };
  readonly sr: {
    readonly history: { readonly snapshots: readonly (PriceLevels & { readonly visible_time: number })[] };
    readonly head: PriceLevels;
  };
}

export type FactorName = keyof FactorParts;

/** What one factor says at a candle. */
export type FactorSlice<Name extends FactorName> = FactorParts[Name] & {
  readonly schema_version: 1;
  readonly meta: {
    readonly series_id: string;
    readonly epoch: 0;
    readonly at_time: number;
    readonly candle_id: string;
    readonly factor_name: Name;
  };
};

export type FactorSlices = { readonly [Name in FactorName]?: FactorSlice<Name> };

export interface SlicesQuery {
  readonly series_id: string;
  /** Unix seconds; the slices are of the stored candle at or before it. */
  readonly at_time: number;
  /** 1 to 5,000; 2,000 by default. */
  readonly window_candles?: number | undefined;
}

/** GET /api/factor/slices */
export interface SlicesAnswer {
  readonly schema_version: 1;
  readonly series_id: string;
  readonly at_time: number;
  /** Null when there is no candle at or before the time. */
  readonly candle_id: string | null;
  readonly factors: readonly FactorName[];
  readonly snapshots: FactorSlices;
}
