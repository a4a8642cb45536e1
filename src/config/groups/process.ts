/** The process: where it listens, stores, logs, and which time it lives in. Spec: flags §3.8. */
import type { SettingGroup } from "../setting.js";
import { accessTokensPath } from "./access.js";

export const processGroup = {
  title: "Process and storage",
  settings: {
    host: {
      env: "TRADE_CANVAS_HOST",
      kind: "host",
      default: "127.0.0.1",
      beyondLoopback: accessTokensPath,
      since: "now",
      effect:
        "Address to listen on; any other than loopback (127.0.0.0/8, `::1`, `localhost`) needs `ACCESS_TOKENS_PATH`.",
    },
    port: {
      env: "TRADE_CANVAS_PORT",
      kind: "port",
      default: 8000,
      since: "now",
      effect: "Port to listen on, 0 to 65535; 0 lets the system choose a free one.",
    },
    corsOrigins: {
      env: "TRADE_CANVAS_CORS_ORIGINS",
      kind: "csv",
      default: ["http://localhost:5173", "http://127.0.0.1:5173"],
      since: "now",
      effect: "Origins whose pages may call the API from a browser, and whose names may stand in `Host` on loopback.",
    },
    dbPath: {
      env: "TRADE_CANVAS_DB_PATH",
      kind: "path",
      default: "var/store",
      since: "now",
      effect: "Folder of the store.",
    },
    whitelistPath: {
      env: "TRADE_CANVAS_WHITELIST_PATH",
      kind: "path",
      default: "config/whitelist.json",
      since: "now",
      effect: 'The whitelist, `{"series_ids": […]}`; a missing file is an empty list.',
    },
    uvicornTimeoutGracefulShutdownS: {
      env: "TRADE_CANVAS_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN_S",
      kind: "float",
      default: 3,
      min: 0.1,
      unit: "seconds",
      since: "now",
      effect: "Time limit of a graceful stop; the name is that of the reference server.",
    },
    blockingWorkers: {
      env: "TRADE_CANVAS_BLOCKING_WORKERS",
      kind: "int",
      default: 8,
      min: 1,
      unit: "workers",
      since: "accepted",
      effect: "No effect: there is no worker pool, because long work is cut into short slices instead.",
    },
    simClock: {
      env: "TRADE_CANVAS_SIM_CLOCK",
      kind: "clock",
      default: undefined,
      since: "now",
      effect:
        "`<virtual_ms>@<real_ms>x<speed>`: virtual time is virtual_ms + (real now − real_ms) · speed for every timer and timestamp of the process; without it time is real.",
    },
    logLevel: {
      env: "TRADE_CANVAS_LOG_LEVEL",
      kind: "choice",
      choices: ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
      default: "info",
      since: "now",
      effect: "The least severe level that is logged.",
    },
    logFormat: {
      env: "TRADE_CANVAS_LOG_FORMAT",
      kind: "choice",
      choices: ["auto", "pretty", "json"],
      default: "auto",
      since: "now",
      effect: "How the log is written; `auto` is `pretty` on a terminal and `json` elsewhere.",
    },
  },
} as const satisfies SettingGroup;
