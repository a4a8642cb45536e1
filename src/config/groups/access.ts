/** Who may use the daemon, and how much one of them may ask of it. */
import type { OptionalPathSetting, SettingGroup } from "../setting.js";

/** What allows the daemon to listen on an address that other machines reach. */
export const accessTokensPath = {
  env: "TRADE_CANVAS_ACCESS_TOKENS_PATH",
  kind: "optional-path",
  default: undefined,
  since: "now",
  effect:
    "File with the digests of access tokens, of which each request then needs one, from this machine as well; `trade-canvas token` makes them.",
} as const satisfies OptionalPathSetting;

export const accessGroup = {
  title: "Access and limits",
  settings: {
    accessTokensPath,
    maxConnections: {
      env: "TRADE_CANVAS_MAX_CONNECTIONS",
      kind: "int",
      default: 25_000,
      min: 1,
      unit: "connections",
      since: "now",
      effect:
        "Connections at a time, HTTP and WebSocket together; one more is answered with 503 and closed; there may be fewer where the process may not have so many files open, of which 512 are kept for the exchange and the store.",
    },
    maxConnectionsPerAddress: {
      env: "TRADE_CANVAS_MAX_CONNECTIONS_PER_ADDRESS",
      kind: "int",
      default: 256,
      min: 1,
      unit: "connections",
      since: "now",
      effect: "The same for one IPv4 address or one IPv6 network of 64 bits; loopback is free of it.",
    },
    requestsPerSecond: {
      env: "TRADE_CANVAS_REQUESTS_PER_SECOND",
      kind: "int",
      default: 100,
      min: 1,
      unit: "requests",
      since: "now",
      effect:
        "Requests a second of one token, or of one address without token, with 20 s of them at once; more are answered with 429, and loopback is free of it.",
    },
    clientMessagesPerSecond: {
      env: "TRADE_CANVAS_CLIENT_MESSAGES_PER_SECOND",
      kind: "int",
      default: 100,
      min: 1,
      unit: "messages",
      since: "now",
      effect:
        "Messages a second of one WebSocket client, with 20 s of them at once; one that sends more is closed with 1008, and loopback is free of it.",
    },
    enableLoopbackLimits: {
      env: "TRADE_CANVAS_ENABLE_LOOPBACK_LIMITS",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Applies the limits per address, token and client to loopback as well, as is wanted behind a proxy.",
    },
  },
} as const satisfies SettingGroup;
