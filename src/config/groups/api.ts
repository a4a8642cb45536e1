/** Gates of the API, and what is observed about the process. Spec: flags §3.1. */
import type { SettingGroup } from "../setting.js";
import { enableMarketAutoTailBackfill } from "./market.js";

export const apiGroup = {
  title: "API gates and observability",
  settings: {
    enableDebugApi: {
      env: "TRADE_CANVAS_ENABLE_DEBUG_API",
      kind: "bool",
      default: false,
      since: "now",
      effect:
        "Opens the debug HTTP routes, `/ws/debug`, the forming-candle route and the health route, and records request-level debug events.",
    },
    enableDevApi: {
      env: "TRADE_CANVAS_ENABLE_DEV_API",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Opens `/api/dev/**`.",
    },
    enableReadRepairApi: {
      env: "TRADE_CANVAS_ENABLE_READ_REPAIR_API",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Together with `ENABLE_DEV_API` opens `POST /api/dev/repair/overlay`.",
    },
    enableRuntimeMetrics: {
      env: "TRADE_CANVAS_ENABLE_RUNTIME_METRICS",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Collects metrics; together with `ENABLE_DEBUG_API` opens `/api/market/debug/metrics`.",
    },
    enableCapacityMetrics: {
      env: "TRADE_CANVAS_ENABLE_CAPACITY_METRICS",
      kind: "bool",
      default: false,
      since: "accepted",
      effect: "No effect: the reference server accepts it without acting on it, and so does this one.",
    },
    enableKlineHealthV2: {
      env: "TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Opens `/api/market/health` and `/api/feed/state`, which `ENABLE_DEBUG_API` opens too.",
    },
    klineHealthBackfillRecentSeconds: {
      env: "TRADE_CANVAS_KLINE_HEALTH_BACKFILL_RECENT_SECONDS",
      kind: "int",
      default: 120,
      min: 5,
      unit: "seconds",
      since: "now",
      effect: "How long after its last progress a backfill counts as recent in the health answer.",
    },
    enableReadLedgerWarmup: {
      env: "TRADE_CANVAS_ENABLE_READ_LEDGER_WARMUP",
      kind: "bool",
      default: { sameAs: enableMarketAutoTailBackfill },
      since: "now",
      effect: "Brings the ledgers of a series up to date after its candles were read.",
    },
  },
} as const satisfies SettingGroup;
