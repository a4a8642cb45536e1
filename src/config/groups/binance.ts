/** Where Binance is, and how long its answers are good for. Spec: flags §3.9, feed-behaviour B23. */
import type { SettingGroup } from "../setting.js";

export const binanceGroup = {
  title: "Binance",
  settings: {
    binanceSpotBaseUrl: {
      env: "TRADE_CANVAS_BINANCE_SPOT_BASE_URL",
      kind: "url",
      schemes: ["http", "https"],
      default: "https://api.binance.com",
      since: "now",
      effect: "Base of the spot REST API.",
    },
    binanceFuturesBaseUrl: {
      env: "TRADE_CANVAS_BINANCE_FUTURES_BASE_URL",
      kind: "url",
      schemes: ["http", "https"],
      default: "https://fapi.binance.com",
      since: "now",
      effect: "Base of the futures REST API.",
    },
    binanceSpotWsUrl: {
      env: "TRADE_CANVAS_BINANCE_SPOT_WS_URL",
      kind: "url",
      schemes: ["ws", "wss"],
      default: "wss://stream.binance.com:9443",
      since: "now",
      effect: "Base of the spot streams; the route is appended.",
    },
    binanceFuturesWsUrl: {
      env: "TRADE_CANVAS_BINANCE_FUTURES_WS_URL",
      kind: "url",
      schemes: ["ws", "wss"],
      default: "wss://fstream.binance.com",
      since: "now",
      effect: "Base of the futures streams; the route is appended.",
    },
    binanceExchangeinfoTtlS: {
      env: "TRADE_CANVAS_BINANCE_EXCHANGEINFO_TTL_S",
      kind: "int",
      default: 3600,
      min: 1,
      unit: "seconds",
      since: "now",
      effect: "How long the exchange's list of markets is good for.",
    },
    binanceTickerTtlS: {
      env: "TRADE_CANVAS_BINANCE_TICKER_TTL_S",
      kind: "int",
      default: 10,
      min: 1,
      unit: "seconds",
      since: "now",
      effect: "How long the exchange's 24-hour tickers are good for.",
    },
    binanceWsRotateAfterS: {
      env: "TRADE_CANVAS_BINANCE_WS_ROTATE_AFTER_S",
      kind: "int",
      default: 82800,
      min: 1,
      unit: "seconds",
      since: "now",
      effect: "Age at which a stream connection is renewed, the new one being up before the old one goes.",
    },
  },
} as const satisfies SettingGroup;
