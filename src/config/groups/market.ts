/** Reads of candles, and the backfill of missing ones. Spec: flags §3.5, ingest §6. */
import type { BoolSetting, NumberSetting, SettingGroup } from "../setting.js";

/** Stands alone because the defaults of other settings follow it. */
export const enableMarketAutoTailBackfill = {
  env: "TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL",
  kind: "bool",
  default: false,
  since: "now",
  effect:
    "Backfills the tail of a series after its candles were read without `since`: from stored minutes, then from the exchange.",
} as const satisfies BoolSetting;

/** Stands alone because the minimum of the stale window follows it. */
const marketFreshWindowCandles = {
  env: "TRADE_CANVAS_MARKET_FRESH_WINDOW_CANDLES",
  kind: "int",
  default: 2,
  min: 1,
  unit: "candles",
  since: "now",
  effect: "A series that lags by at most this much is fresh.",
} as const satisfies NumberSetting;

export const marketGroup = {
  title: "Market reads and backfill",
  settings: {
    enableMarketAutoTailBackfill,
    marketAutoTailBackfillMaxCandles: {
      env: "TRADE_CANVAS_MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES",
      kind: "optional-int",
      default: undefined,
      unit: "candles",
      since: "now",
      effect: "Upper limit of what a read may have backfilled; without it the limit of the read itself.",
    },
    enableStrictClosedOnly: {
      env: "TRADE_CANVAS_ENABLE_STRICT_CLOSED_ONLY",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Ends tail coverage at the newest closed candle instead of the one that is still forming.",
    },
    enableMarketGapBackfill: {
      env: "TRADE_CANVAS_ENABLE_MARKET_GAP_BACKFILL",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Tries to fill a gap before it is announced to subscribers.",
    },
    marketGapBackfillFreqtradeLimit: {
      env: "TRADE_CANVAS_MARKET_GAP_BACKFILL_FREQTRADE_LIMIT",
      kind: "int",
      default: 2000,
      min: 1,
      unit: "rows",
      since: "accepted",
      effect:
        "No effect: it limits reads from local freqtrade files, a source of history that this program does not have.",
    },
    marketGapBackfillReadLimit: {
      env: "TRADE_CANVAS_MARKET_GAP_BACKFILL_READ_LIMIT",
      kind: "int",
      default: 5000,
      min: 100,
      unit: "candles",
      since: "now",
      effect: "Candles sent to a subscriber at once when a gap has been filled; the rest follows in pages.",
    },
    enableMarketBackfillProgressPersistence: {
      env: "TRADE_CANVAS_ENABLE_MARKET_BACKFILL_PROGRESS_PERSISTENCE",
      kind: "bool",
      default: false,
      since: "now",
      effect:
        "Keeps the progress of backfills over a restart, in `runtime_state/market_backfill_progress.json` beside the store.",
    },
    enableStartupKlineSync: {
      env: "TRADE_CANVAS_ENABLE_STARTUP_KLINE_SYNC",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Brings the series of the whitelist up to date before requests are served.",
    },
    startupKlineSyncTargetCandles: {
      env: "TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES",
      kind: "int",
      default: 2000,
      min: 100,
      unit: "candles",
      since: "now",
      effect: "Newest candles per series that the start-up sync makes sure of.",
    },
    enableCcxtBackfill: {
      env: "TRADE_CANVAS_ENABLE_CCXT_BACKFILL",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Allows history to be fetched from the exchange's REST API at all, by whichever backfill.",
    },
    enableCcxtBackfillOnRead: {
      env: "TRADE_CANVAS_ENABLE_CCXT_BACKFILL_ON_READ",
      kind: "bool",
      default: { sameAs: enableMarketAutoTailBackfill },
      since: "now",
      effect: "Allows a backfill that a read has triggered to use the REST API, if `ENABLE_CCXT_BACKFILL` does.",
    },
    ccxtTimeoutMs: {
      env: "TRADE_CANVAS_CCXT_TIMEOUT_MS",
      kind: "int",
      default: 10000,
      min: 1000,
      unit: "milliseconds",
      since: "now",
      effect: "Time limit of one REST call to the exchange.",
    },
    marketWsCatchupLimit: {
      env: "TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT",
      kind: "int",
      default: 5000,
      min: 100,
      unit: "candles",
      since: "now",
      effect: "Candles of one page of a subscriber's catch-up; without a cursor one page is all.",
    },
    marketFreshWindowCandles,
    marketStaleWindowCandles: {
      env: "TRADE_CANVAS_MARKET_STALE_WINDOW_CANDLES",
      kind: "int",
      default: 5,
      min: { above: marketFreshWindowCandles },
      unit: "candles",
      since: "now",
      effect: "A series that lags by at most this much, but is not fresh, is stale; beyond it is degraded.",
    },
  },
} as const satisfies SettingGroup;
