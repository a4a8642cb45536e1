/** Timeframes that are folded from a base timeframe. Spec: flags §3.6, ingest §7. */
import type { SettingGroup } from "../setting.js";

export const derivedTimeframesGroup = {
  title: "Derived timeframes",
  settings: {
    enableDerivedTimeframes: {
      env: "TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Folds the candles of the base timeframe into the derived ones, which then need no stream of their own.",
    },
    derivedBaseTimeframe: {
      env: "TRADE_CANVAS_DERIVED_BASE_TIMEFRAME",
      kind: "string",
      default: "1m",
      blank: "default",
      since: "now",
      effect: "The timeframe that is folded.",
    },
    derivedTimeframes: {
      env: "TRADE_CANVAS_DERIVED_TIMEFRAMES",
      kind: "csv",
      default: ["5m", "15m", "1h", "4h", "1d"],
      since: "now",
      effect: "The timeframes that are derived; what is no proper multiple of the base is skipped.",
    },
    derivedBackfillBaseCandles: {
      env: "TRADE_CANVAS_DERIVED_BACKFILL_BASE_CANDLES",
      kind: "int",
      default: 2000,
      min: 100,
      unit: "candles",
      since: "now",
      effect:
        "Base candles that are folded when a derived series without candles is first subscribed to, and compared with it when its base is followed.",
    },
  },
} as const satisfies SettingGroup;
