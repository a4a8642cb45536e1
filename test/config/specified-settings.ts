/**
 * The settings that the reference server has and this program has to have, with what counts when they are not set, and the
 * least that is taken. Names without prefix; a default in `${…}` is that of another setting. Spec: flags §3.
 */

export interface SpecifiedSetting {
  readonly name: string;
  readonly kind: "bool" | "int" | "float" | "string" | "csv" | "path" | "url" | "int or none";
  readonly default: boolean | number | string | readonly string[] | undefined;
  readonly min?: number | `${string} + 1`;
}

type Row = readonly [name: string, default_: SpecifiedSetting["default"], min?: SpecifiedSetting["min"]];

const rows = (kind: SpecifiedSetting["kind"], table: readonly Row[]): readonly SpecifiedSetting[] =>
  table.map(([name, standard, min]) => ({ name, kind, default: standard, ...(min === undefined ? {} : { min }) }));

/** Those that must do what they say. */
export const SPECIFIED: readonly SpecifiedSetting[] = [
  ...rows("bool", [
    ["ENABLE_DEBUG_API", false],
    ["ENABLE_DEV_API", false],
    ["ENABLE_READ_REPAIR_API", false],
    ["ENABLE_RUNTIME_METRICS", false],
    ["ENABLE_KLINE_HEALTH_V2", false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of this table.
    ["ENABLE_READ_LEDGER_WARMUP", "${ENABLE_MARKET_AUTO_TAIL_BACKFILL}"],
    ["ENABLE_INGEST_PIPELINE_V2", false],
    ["ENABLE_INGEST_LOOP_GUARDRAIL", false],
    ["ENABLE_READ_STRICT_MODE", false],
    ["ENABLE_READ_IMPLICIT_RECOMPUTE", false],
    ["ENABLE_INGEST_WS_PIPELINE_PUBLISH", false],
    ["ENABLE_FACTOR_INGEST", true],
    ["ENABLE_FACTOR_FINGERPRINT_REBUILD", true],
    ["ENABLE_OVERLAY_INGEST", true],
    ["ENABLE_WHITELIST_INGEST", false],
    ["ENABLE_ONDEMAND_INGEST", false],
    ["ENABLE_INGEST_COMPENSATE_OVERLAY_ERROR", false],
    ["ENABLE_INGEST_COMPENSATE_NEW_CANDLES", false],
    ["ENABLE_MARKET_AUTO_TAIL_BACKFILL", false],
    ["ENABLE_STRICT_CLOSED_ONLY", false],
    ["ENABLE_MARKET_GAP_BACKFILL", false],
    ["ENABLE_MARKET_BACKFILL_PROGRESS_PERSISTENCE", false],
    ["ENABLE_STARTUP_KLINE_SYNC", false],
    ["ENABLE_CCXT_BACKFILL", false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of this table.
    ["ENABLE_CCXT_BACKFILL_ON_READ", "${ENABLE_MARKET_AUTO_TAIL_BACKFILL}"],
    ["ENABLE_DERIVED_TIMEFRAMES", false],
    ["ENABLE_REPLAY_V1", true],
    ["ENABLE_REPLAY_ENSURE_COVERAGE", true],
    ["ENABLE_REPLAY_PACKAGE", false],
  ]),
  ...rows("int", [
    ["KLINE_HEALTH_BACKFILL_RECENT_SECONDS", 120, 5],
    ["FACTOR_REBUILD_KEEP_CANDLES", 2_000, 100],
    ["PIVOT_WINDOW_MAJOR", 50, 1],
    ["PIVOT_WINDOW_MINOR", 5, 1],
    ["FACTOR_LOOKBACK_CANDLES", 20_000, 100],
    ["FACTOR_STATE_REBUILD_EVENT_LIMIT", 50_000, 1_000],
    ["OVERLAY_WINDOW_CANDLES", 2_000, 100],
    ["ONDEMAND_IDLE_TTL_S", 60, 1],
    ["ONDEMAND_MAX_JOBS", 0, 0],
    ["BINANCE_WS_BATCH_MAX", 200, 1],
    ["MARKET_FORMING_MIN_INTERVAL_MS", 250, 0],
    ["MARKET_GAP_BACKFILL_READ_LIMIT", 5_000, 100],
    ["STARTUP_KLINE_SYNC_TARGET_CANDLES", 2_000, 100],
    ["CCXT_TIMEOUT_MS", 10_000, 1_000],
    ["MARKET_WS_CATCHUP_LIMIT", 5_000, 100],
    ["MARKET_FRESH_WINDOW_CANDLES", 2, 1],
    ["MARKET_STALE_WINDOW_CANDLES", 5, "MARKET_FRESH_WINDOW_CANDLES + 1"],
    ["DERIVED_BACKFILL_BASE_CANDLES", 2_000, 100],
    ["BINANCE_EXCHANGEINFO_TTL_S", 3_600, 1],
    ["BINANCE_TICKER_TTL_S", 10, 1],
  ]),
  ...rows("float", [["BINANCE_WS_FLUSH_S", 0.5, 0.05]]),
  ...rows("int or none", [["MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES", undefined]]),
  ...rows("string", [
    ["FACTOR_LOGIC_VERSION", ""],
    ["DERIVED_BASE_TIMEFRAME", "1m"],
  ]),
  ...rows("csv", [
    ["DERIVED_TIMEFRAMES", ["5m", "15m", "1h", "4h", "1d"]],
    ["CORS_ORIGINS", ["http://localhost:5173", "http://127.0.0.1:5173"]],
  ]),
  // Where they lie by default is up to the program, as long as it is below the project.
  ...rows("path", [
    ["ARTIFACTS_DIR", undefined],
    ["DB_PATH", undefined],
    ["WHITELIST_PATH", undefined],
  ]),
  ...rows("url", [
    ["BINANCE_SPOT_BASE_URL", "https://api.binance.com"],
    ["BINANCE_FUTURES_BASE_URL", "https://fapi.binance.com"],
  ]),
];

/** Optional ones, and those of abilities that are out of scope: known by name, and without harm. */
export const OPTIONAL: readonly string[] = [
  ...["ENABLE_CAPACITY_METRICS", "ENABLE_FEATURE_INGEST", "ENABLE_FEATURE_STRICT_READ", "ENABLE_INGEST_ROLE_GUARD"],
  ...["INGEST_ROLE", "MARKET_GAP_BACKFILL_FREQTRADE_LIMIT", "MARKET_HISTORY_SOURCE", "BLOCKING_WORKERS"],
  ...["UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN_S", "ENABLE_FAULTHANDLER", "FAULTHANDLER_PATH", "ENABLE_PG_STORE"],
  ...["ENABLE_PG_ONLY", "POSTGRES_DSN", "POSTGRES_SCHEMA", "POSTGRES_CONNECT_TIMEOUT_S", "POSTGRES_POOL_MIN_SIZE"],
  ...["POSTGRES_POOL_MAX_SIZE", "ENABLE_WS_PUBSUB", "REDIS_URL", "FREQTRADE_ROOT", "FREQTRADE_USERDIR"],
  ...["FREQTRADE_CONFIG", "FREQTRADE_DATADIR", "FREQTRADE_BIN", "FREQTRADE_STRATEGY_PATH", "FREQTRADE_MOCK"],
  ...["FREQTRADE_OFFLINE_MARKETS", "FREQTRADE_OFFLINE_MARKETS_PAIRS", "FREQTRADE_SUBPROCESS_TIMEOUT_S"],
  "BACKTEST_REQUIRE_TRADES",
];

/** Specified, and by decision without effect here: a ledger is a fold over all candles, restored from checkpoints. */
export const WITHOUT_EFFECT: readonly string[] = ["FACTOR_LOOKBACK_CANDLES", "FACTOR_STATE_REBUILD_EVENT_LIMIT"];
