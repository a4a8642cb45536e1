/** Answers about candles and markets, as docs/api has them. Times are Unix seconds, members that end in `_ms` milliseconds. */

/** One interval of a series, by its open time. */
export interface WireCandle {
  /** Open time, Unix seconds. */
  readonly candle_time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface SeriesQuery {
  /** `<exchange>:<market>:<symbol>:<timeframe>` */
  readonly series_id: string;
}

export interface CandlesQuery extends SeriesQuery {
  /** Only candles after this open time, Unix seconds; left out: the newest ones. */
  readonly since?: number | undefined;
  /** 1 to 5,000; 500 by default. */
  readonly limit?: number | undefined;
}

/** GET /api/market/candles */
export interface CandlesAnswer {
  readonly series_id: string;
  /** Open time of the newest stored candle; null without one. */
  readonly server_head_time: number | null;
  /** Ascending by time. */
  readonly candles: readonly WireCandle[];
}

/** POST /api/market/ingest/candle_closed and candle_forming */
export interface IngestBody extends SeriesQuery {
  readonly candle: WireCandle;
}

export interface IngestAnswer {
  readonly ok: true;
  readonly series_id: string;
  readonly candle_time: number;
}

/** GET /api/market/whitelist */
export interface WhitelistAnswer {
  readonly series_ids: readonly string[];
}

export type MarketName = "spot" | "futures";

export interface TopMarketsQuery {
  /** `binance` by default; there is no other. */
  readonly exchange?: string | undefined;
  readonly market: MarketName;
  /** `USDT` by default. */
  readonly quote_asset?: string | undefined;
  /** 1 to 200; 20 by default. */
  readonly limit?: number | undefined;
  /** Asks the exchange in any case; let pass once in 2 s. */
  readonly force?: boolean | undefined;
}

export interface TopMarketsStreamQuery extends Omit<TopMarketsQuery, "force"> {
  /** Seconds between two looks: 0.2 to 30; 2 by default. */
  readonly interval_s?: number | undefined;
  /** Events after which the stream ends: up to 1,000; 0, the default, for no end. */
  readonly max_events?: number | undefined;
}

export interface TopMarket {
  readonly exchange: string;
  readonly market: MarketName;
  /** `BTC/USDT` */
  readonly symbol: string;
  /** `BTCUSDT` */
  readonly symbol_id: string;
  readonly base_asset: string;
  readonly quote_asset: string;
  readonly last_price: number | null;
  readonly quote_volume: number | null;
  readonly price_change_percent: number | null;
}

/** GET /api/market/top_markets, and each event of its stream */
export interface TopMarketsAnswer {
  readonly exchange: string;
  readonly market: MarketName;
  readonly quote_asset: string;
  readonly limit: number;
  readonly generated_at_ms: number;
  readonly cached: boolean;
  /** Descending by volume in the quote asset. */
  readonly items: readonly TopMarket[];
}

export interface MarketHealthQuery extends SeriesQuery {
  /** The time by which to judge, Unix seconds; left out: the daemon's. */
  readonly now_time?: number | undefined;
}

export type HealthColour = "green" | "yellow" | "red" | "gray";

export interface BackfillOfHealth {
  readonly state: "idle" | "running" | "succeeded" | "failed";
  readonly progress_pct: number | null;
  readonly started_at: number | null;
  readonly updated_at: number | null;
  readonly reason: string | null;
  readonly note: string | null;
  readonly error: string | null;
  readonly recent: boolean;
  readonly start_missing_seconds: number;
  readonly start_missing_candles: number;
  readonly current_missing_seconds: number;
  readonly current_missing_candles: number;
}

/** GET /api/market/health */
export interface MarketHealthAnswer {
  readonly series_id: string;
  readonly timeframe_seconds: number;
  readonly now_time: number;
  readonly expected_latest_closed_time: number;
  readonly head_time: number | null;
  readonly lag_seconds: number | null;
  readonly missing_seconds: number | null;
  readonly missing_candles: number | null;
  readonly status: HealthColour;
  readonly status_reason:
    | "missing_head"
    | "head_ahead_of_closed_window"
    | "up_to_date"
    | "backfill_running"
    | "backfill_recent"
    | "lagging_no_recent_backfill";
  readonly backfill: BackfillOfHealth;
}

export interface SeriesHealthQuery extends SeriesQuery {
  /** 1 to 50; 5 by default. */
  readonly max_recent_gaps?: number | undefined;
  /** 1 to 48; 8 by default. */
  readonly recent_base_buckets?: number | undefined;
}

/** GET /api/market/debug/series_health */
export interface SeriesHealthAnswer {
  readonly series_id: string;
  readonly timeframe_seconds: number;
  readonly now_time: number;
  readonly first_time: number | null;
  readonly head_time: number | null;
  readonly lag_seconds: number | null;
  readonly candle_count: number;
  readonly gap_count: number;
  readonly max_gap_seconds: number | null;
  readonly recent_gaps: readonly {
    readonly prev_time: number;
    readonly next_time: number;
    readonly delta_seconds: number;
    readonly missing_candles: number;
  }[];
  readonly base_series_id: string;
  readonly base_bucket_completeness: readonly {
    readonly bucket_open_time: number;
    readonly expected_minutes: number;
    readonly actual_minutes: number;
    readonly missing_minutes: number;
  }[];
}
