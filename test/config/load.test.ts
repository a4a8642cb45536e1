import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/config-error.js";
import { formatValue, loadSettings } from "../../src/config/load.js";
import type { SettingsNote } from "../../src/config/notes.js";
import { ALL_SETTINGS } from "../../src/config/schema.js";

const ROOT = "/srv/canvas";

function prefixed(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`TRADE_CANVAS_${name}`, value]));
}

function load(values: Readonly<Record<string, string>> = {}) {
  return loadSettings(prefixed(values), ROOT);
}

function settings(values: Readonly<Record<string, string>>) {
  return load(values).settings;
}

function problemsOf(values: Readonly<Record<string, string>>): readonly string[] {
  try {
    load(values);
  } catch (error) {
    if (error instanceof ConfigError && error.code === "settings_invalid") return error.problems;
    throw error;
  }
  return [];
}

describe("defaults", () => {
  it("of an empty environment are those of the specification", () => {
    expect(load().settings).toEqual({
      enableDebugApi: false,
      enableDevApi: false,
      enableReadRepairApi: false,
      enableRuntimeMetrics: false,
      enableCapacityMetrics: false,
      enableKlineHealthV2: false,
      klineHealthBackfillRecentSeconds: 120,
      enableReadLedgerWarmup: false,
      enableIngestPipelineV2: false,
      enableIngestLoopGuardrail: false,
      enableReadStrictMode: false,
      enableReadImplicitRecompute: false,
      enableIngestWsPipelinePublish: false,
      enableFactorIngest: true,
      enableFactorFingerprintRebuild: true,
      factorLogicVersion: "",
      factorRebuildKeepCandles: 2000,
      pivotWindowMajor: 50,
      pivotWindowMinor: 5,
      factorLookbackCandles: 20000,
      factorStateRebuildEventLimit: 50000,
      enableOverlayIngest: true,
      overlayWindowCandles: 2000,
      enableWhitelistIngest: false,
      enableOndemandIngest: false,
      ondemandIdleTtlS: 60,
      ondemandMaxJobs: 0,
      binanceWsBatchMax: 200,
      binanceWsFlushS: 0.5,
      marketFormingMinIntervalMs: 250,
      enableIngestCompensateOverlayError: false,
      enableIngestCompensateNewCandles: false,
      enableIngestRoleGuard: false,
      ingestRole: "hybrid",
      enableMarketAutoTailBackfill: false,
      marketAutoTailBackfillMaxCandles: undefined,
      enableStrictClosedOnly: false,
      enableMarketGapBackfill: false,
      marketGapBackfillFreqtradeLimit: 2000,
      marketGapBackfillReadLimit: 5000,
      enableMarketBackfillProgressPersistence: false,
      enableStartupKlineSync: false,
      startupKlineSyncTargetCandles: 2000,
      enableCcxtBackfill: false,
      enableCcxtBackfillOnRead: false,
      ccxtTimeoutMs: 10000,
      marketWsCatchupLimit: 5000,
      marketFreshWindowCandles: 2,
      marketStaleWindowCandles: 5,
      enableDerivedTimeframes: false,
      derivedBaseTimeframe: "1m",
      derivedTimeframes: ["5m", "15m", "1h", "4h", "1d"],
      derivedBackfillBaseCandles: 2000,
      enableReplayV1: true,
      enableReplayEnsureCoverage: true,
      enableReplayPackage: false,
      artifactsDir: "/srv/canvas/var/artifacts",
      host: "127.0.0.1",
      port: 8000,
      corsOrigins: ["http://localhost:5173", "http://127.0.0.1:5173"],
      dbPath: "/srv/canvas/var/store",
      whitelistPath: "/srv/canvas/config/whitelist.json",
      uvicornTimeoutGracefulShutdownS: 3,
      blockingWorkers: 8,
      simClock: undefined,
      logLevel: "info",
      logFormat: "auto",
      accessTokensPath: undefined,
      maxConnections: 25_000,
      maxConnectionsPerAddress: 256,
      requestsPerSecond: 100,
      clientMessagesPerSecond: 100,
      enableLoopbackLimits: false,
      binanceSpotBaseUrl: "https://api.binance.com",
      binanceFuturesBaseUrl: "https://fapi.binance.com",
      binanceSpotWsUrl: "wss://stream.binance.com:9443",
      binanceFuturesWsUrl: "wss://fstream.binance.com",
      binanceExchangeinfoTtlS: 3600,
      binanceTickerTtlS: 10,
      binanceWsRotateAfterS: 82800,
    });
  });

  it("come without notes", () => {
    expect(load().notes).toEqual([]);
  });
});

describe("minimum", () => {
  it.each([
    ["PIVOT_WINDOW_MAJOR", "0", "pivotWindowMajor", 1],
    ["PIVOT_WINDOW_MINOR", "-1", "pivotWindowMinor", 1],
    ["FACTOR_LOOKBACK_CANDLES", "9", "factorLookbackCandles", 100],
    ["FACTOR_STATE_REBUILD_EVENT_LIMIT", "99", "factorStateRebuildEventLimit", 1000],
    ["FACTOR_REBUILD_KEEP_CANDLES", "10", "factorRebuildKeepCandles", 100],
    ["OVERLAY_WINDOW_CANDLES", "9", "overlayWindowCandles", 100],
    ["STARTUP_KLINE_SYNC_TARGET_CANDLES", "9", "startupKlineSyncTargetCandles", 100],
    ["CCXT_TIMEOUT_MS", "9", "ccxtTimeoutMs", 1000],
    ["BLOCKING_WORKERS", "0", "blockingWorkers", 1],
    ["DERIVED_BACKFILL_BASE_CANDLES", "9", "derivedBackfillBaseCandles", 100],
    ["BINANCE_WS_BATCH_MAX", "0", "binanceWsBatchMax", 1],
    ["BINANCE_WS_FLUSH_S", "0.01", "binanceWsFlushS", 0.05],
    ["MARKET_FORMING_MIN_INTERVAL_MS", "-10", "marketFormingMinIntervalMs", 0],
    ["MARKET_WS_CATCHUP_LIMIT", "10", "marketWsCatchupLimit", 100],
    ["MARKET_GAP_BACKFILL_READ_LIMIT", "99", "marketGapBackfillReadLimit", 100],
    ["MARKET_GAP_BACKFILL_FREQTRADE_LIMIT", "0", "marketGapBackfillFreqtradeLimit", 1],
    ["MARKET_FRESH_WINDOW_CANDLES", "0", "marketFreshWindowCandles", 1],
    ["BINANCE_TICKER_TTL_S", "0", "binanceTickerTtlS", 1],
    ["BINANCE_EXCHANGEINFO_TTL_S", "-5", "binanceExchangeinfoTtlS", 1],
    ["BINANCE_WS_ROTATE_AFTER_S", "0", "binanceWsRotateAfterS", 1],
    ["ONDEMAND_IDLE_TTL_S", "0", "ondemandIdleTtlS", 1],
    ["ONDEMAND_MAX_JOBS", "-3", "ondemandMaxJobs", 0],
    ["KLINE_HEALTH_BACKFILL_RECENT_SECONDS", "4", "klineHealthBackfillRecentSeconds", 5],
    ["UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN_S", "0", "uvicornTimeoutGracefulShutdownS", 0.1],
  ] as const)("raises %s=%s", (name, given, key, used) => {
    const loaded = load({ [name]: given });
    expect(loaded.settings[key]).toBe(used);
    expect(loaded.origins[key]).toEqual({ from: "environment" });
    expect(loaded.notes).toContainEqual({
      kind: "raised",
      env: `TRADE_CANVAS_${name}`,
      given,
      used: String(used),
    } satisfies SettingsNote);
  });

  it("leaves every number at or above its minimum alone, however large", () => {
    const numbers = ALL_SETTINGS.flatMap(([key, setting]) =>
      setting.kind === "int" && typeof setting.min === "number" ? [{ key, setting, min: setting.min }] : [],
    );
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.maxSafeInteger(), ({ key, setting, min }, given) => {
        const { settings: loaded, notes } = loadSettings({ [setting.env]: String(given) }, ROOT);
        expect(loaded[key]).toBe(Math.max(given, min));
        expect(notes.some(({ kind }) => kind === "raised")).toBe(given < min);
      }),
    );
  });

  it("of the stale window is one more than the fresh window, whether stale is set, unreadable or unset", () => {
    expect(settings({ MARKET_FRESH_WINDOW_CANDLES: "8", MARKET_STALE_WINDOW_CANDLES: "5" })).toMatchObject({
      marketFreshWindowCandles: 8,
      marketStaleWindowCandles: 9,
    });
    expect(settings({ MARKET_FRESH_WINDOW_CANDLES: "8", MARKET_STALE_WINDOW_CANDLES: "x" })).toMatchObject({
      marketStaleWindowCandles: 9,
    });
    const blank = load({ MARKET_FRESH_WINDOW_CANDLES: "8", MARKET_STALE_WINDOW_CANDLES: "" });
    expect(blank.settings.marketStaleWindowCandles).toBe(9);
    expect(blank.notes.map(({ kind }) => kind)).toEqual([]);
    const unset = load({ MARKET_FRESH_WINDOW_CANDLES: "8" });
    expect(unset.settings.marketStaleWindowCandles).toBe(9);
    expect(unset.origins.marketStaleWindowCandles).toEqual({
      from: "setting",
      env: "TRADE_CANVAS_MARKET_FRESH_WINDOW_CANDLES",
    });
  });

  it("of the stale window follows the fresh window as it counts, not as it was given", () => {
    const { marketStaleWindowCandles } = settings({
      MARKET_FRESH_WINDOW_CANDLES: "-9",
      MARKET_STALE_WINDOW_CANDLES: "1",
    });
    expect(marketStaleWindowCandles).toBe(2);
  });
});

describe("values that were not understood", () => {
  it.each([
    ["MARKET_GAP_BACKFILL_READ_LIMIT", "bad", "marketGapBackfillReadLimit", 5000],
    ["CCXT_TIMEOUT_MS", "12.5", "ccxtTimeoutMs", 10000],
    ["CCXT_TIMEOUT_MS", "99999999999999999999", "ccxtTimeoutMs", 10000],
    ["BINANCE_WS_FLUSH_S", "soon", "binanceWsFlushS", 0.5],
    ["BINANCE_WS_FLUSH_S", "inf", "binanceWsFlushS", 0.5],
    ["PORT", "http", "port", 8000],
    ["INGEST_ROLE", "writer", "ingestRole", "hybrid"],
    ["LOG_LEVEL", "verbose", "logLevel", "info"],
  ] as const)("fall back to the default, with a note: %s=%s", (name, given, key, used) => {
    const loaded = load({ [name]: given });
    expect(loaded.settings[key]).toBe(used);
    expect(loaded.origins[key]).toEqual({ from: "default" });
    expect(loaded.notes).toContainEqual(
      expect.objectContaining({ kind: "misread", env: `TRADE_CANVAS_${name}`, given, used: String(used) }),
    );
  });

  it("are false for a bool, even one that is on by default", () => {
    const loaded = load({ ENABLE_FACTOR_INGEST: "enabled" });
    expect(loaded.settings.enableFactorIngest).toBe(false);
    expect(loaded.notes).toEqual([expect.objectContaining({ kind: "misread", given: "enabled", used: "0" })]);
  });

  it("mean no limit for the optional count", () => {
    const loaded = load({ MARKET_AUTO_TAIL_BACKFILL_MAX_CANDLES: "many" });
    expect(loaded.settings.marketAutoTailBackfillMaxCandles).toBeUndefined();
    expect(loaded.notes).toContainEqual(expect.objectContaining({ kind: "misread", given: "many" }));
  });

  it("raise no note where a blank just means the default", () => {
    const blank = Object.fromEntries(
      ALL_SETTINGS.filter(([, { since }]) => since === "now").map(([, { env }]) => [env, " "]),
    );
    const { notes } = loadSettings(blank, ROOT);
    expect(notes.map(({ env }) => env)).toEqual([
      "TRADE_CANVAS_ENABLE_FACTOR_INGEST",
      "TRADE_CANVAS_ENABLE_FACTOR_FINGERPRINT_REBUILD",
      "TRADE_CANVAS_ENABLE_OVERLAY_INGEST",
      "TRADE_CANVAS_ENABLE_REPLAY_V1",
      "TRADE_CANVAS_ENABLE_REPLAY_ENSURE_COVERAGE",
    ]);
  });
});

describe("the empty text", () => {
  it("is false for every bool, whatever its default", () => {
    const bools = ALL_SETTINGS.filter(([, { kind }]) => kind === "bool");
    const empty = Object.fromEntries(bools.map(([, { env }]) => [env, ""]));
    const { settings: loaded } = loadSettings(empty, ROOT);
    expect(bools.map(([key]) => loaded[key])).toEqual(bools.map(() => false));
    expect(bools.length).toBeGreaterThan(25);
  });

  it("is the default for everything else", () => {
    const others = ALL_SETTINGS.filter(([, { kind }]) => kind !== "bool");
    const empty = Object.fromEntries(others.map(([, { env }]) => [env, ""]));
    expect(loadSettings(empty, ROOT).settings).toEqual(load().settings);
  });
});

describe("dependent defaults", () => {
  it("follow the tail backfill", () => {
    const loaded = load({ ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1" });
    expect(loaded.settings).toMatchObject({ enableReadLedgerWarmup: true, enableCcxtBackfillOnRead: true });
    const origin = { from: "setting", env: "TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL" };
    expect(loaded.origins).toMatchObject({ enableReadLedgerWarmup: origin, enableCcxtBackfillOnRead: origin });
  });

  it("give way to explicit values, either way", () => {
    expect(
      settings({
        ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1",
        ENABLE_READ_LEDGER_WARMUP: "0",
        ENABLE_CCXT_BACKFILL_ON_READ: "",
      }),
    ).toMatchObject({ enableReadLedgerWarmup: false, enableCcxtBackfillOnRead: false });
    expect(settings({ ENABLE_READ_LEDGER_WARMUP: "1" })).toMatchObject({
      enableMarketAutoTailBackfill: false,
      enableReadLedgerWarmup: true,
      enableCcxtBackfillOnRead: false,
    });
  });
});

describe("values that refuse the start", () => {
  it("are listed all at once, each with the value and the remedy", () => {
    const problems = problemsOf({
      SIM_CLOCK: "yesterday",
      BINANCE_SPOT_BASE_URL: "api.binance.com",
      BINANCE_FUTURES_WS_URL: "https://fstream.binance.com",
      HOST: "0.0.0.0",
      PORT: "70000",
      MARKET_WS_CATCHUP_LIMIT: "bad",
    });
    expect(problems).toEqual([
      expect.stringMatching(/^TRADE_CANVAS_HOST="0\.0\.0\.0" is not loopback: .*access token.*Use 127\.0\.0\.1/),
      expect.stringMatching(/^TRADE_CANVAS_PORT="70000" is no port\. Give a port from 0 to 65535/),
      expect.stringMatching(/^TRADE_CANVAS_SIM_CLOCK: 'yesterday' is not of the form <virtual_ms>@<real_ms>x<speed>/),
      expect.stringMatching(/^TRADE_CANVAS_BINANCE_SPOT_BASE_URL="api\.binance\.com" .* http:\/\/ or https:\/\//),
      expect.stringMatching(/^TRADE_CANVAS_BINANCE_FUTURES_WS_URL="https:.* ws:\/\/ or wss:\/\//),
    ]);
  });

  it("make an error whose message has every problem", () => {
    expect(() => load({ HOST: "10.0.0.1", PORT: "-1" })).toThrow(/10\.0\.0\.1[\s\S]*"-1"/);
  });
});

describe("the address to listen on", () => {
  const FAR = ["0.0.0.0", "::", "192.168.0.2", "canvas.example.org", "127.0.0.1.example.org"];

  it.each(FAR)("may be %s when tokens are configured, and only then", (host) => {
    expect(load({ HOST: host, ACCESS_TOKENS_PATH: "tokens.json" }).settings).toMatchObject({
      host,
      accessTokensPath: "/srv/canvas/tokens.json",
    });
    for (const path of [{}, { ACCESS_TOKENS_PATH: "" }, { ACCESS_TOKENS_PATH: "  " }]) {
      expect(problemsOf({ HOST: host, ...path })).toEqual([
        `TRADE_CANVAS_HOST="${host}" is not loopback: binding another address needs an access token, and none is configured. ` +
          "Use 127.0.0.1, ::1 or localhost, or make a token with trade-canvas token and name its file by TRADE_CANVAS_ACCESS_TOKENS_PATH",
      ]);
    }
  });

  it.each(["127.0.0.1", "127.9.9.9", "::1", "localhost"])("may be %s with and without", (host) => {
    expect(load({ HOST: host }).settings.host).toBe(host);
    expect(load({ HOST: host, ACCESS_TOKENS_PATH: "/t" }).settings).toMatchObject({ host, accessTokensPath: "/t" });
  });

  it("is refused when it is no address, with tokens too", () => {
    expect(problemsOf({ HOST: "0.0.0.0:80", ACCESS_TOKENS_PATH: "/t" })).toEqual([
      expect.stringMatching(/^TRADE_CANVAS_HOST="0\.0\.0\.0:80" is no address to listen on\./),
    ]);
  });
});

describe("withdrawn and foreign names", () => {
  it("change nothing and are noted", () => {
    const loaded = load({
      ENABLE_LEDGER_SYNC_SERVICE: "0",
      ENABLE_SQLITE_STORE: "1",
      MARKET_REALTIME_SOURCE: "other",
      MARKET_HISTORY_SOURCE: "freqtrade",
      FREQTRADE_DATADIR: "/data",
      ENABLE_PG_ONLY: "1",
      ENABLE_WS_PUBSUB: "1",
      ENABLE_FEATURE_INGEST: "0",
      ENABLE_FAULTHANDLER: "1",
    });
    expect(loaded.settings).toEqual(load().settings);
    expect(loaded.notes.map(({ kind, env }) => `${kind} ${env.slice("TRADE_CANVAS_".length)}`)).toEqual([
      "foreign ENABLE_FAULTHANDLER",
      "foreign ENABLE_FEATURE_INGEST",
      "withdrawn ENABLE_LEDGER_SYNC_SERVICE",
      "foreign ENABLE_PG_ONLY",
      "withdrawn ENABLE_SQLITE_STORE",
      "foreign ENABLE_WS_PUBSUB",
      "foreign FREQTRADE_DATADIR",
      "foreign MARKET_HISTORY_SOURCE",
      "withdrawn MARKET_REALTIME_SOURCE",
    ]);
  });
});

describe("the loaded settings", () => {
  it("cannot be changed, lists and clock included", () => {
    const { settings: loaded } = load({ SIM_CLOCK: "1000@2000x60", CORS_ORIGINS: "http://a" });
    expect(() => Object.assign(loaded, { port: 1 })).toThrow(TypeError);
    expect(() => (loaded.corsOrigins as string[]).push("http://b")).toThrow(TypeError);
    expect(() => (loaded.derivedTimeframes as string[]).push("2m")).toThrow(TypeError);
    expect(() => Object.assign(loaded.simClock ?? {}, { speed: 1 })).toThrow(TypeError);
  });

  it("do not follow the environment any more", () => {
    const env: Record<string, string> = prefixed({ PORT: "9000" });
    const { settings: loaded } = loadSettings(env, ROOT);
    env.TRADE_CANVAS_PORT = "9001";
    expect(loaded.port).toBe(9000);
  });

  it("never depend on a variable without the prefix", () => {
    expect(loadSettings({ PORT: "1", HOST: "0.0.0.0", ENABLE_DEBUG_API: "1" }, ROOT)).toEqual(load());
  });

  it("say for each setting whether its variable decided", () => {
    const { origins } = load({ PORT: "8000", HOST: "" });
    expect(origins.port).toEqual({ from: "environment" });
    expect(origins.host).toEqual({ from: "default" });
    expect(origins.dbPath).toEqual({ from: "default" });
  });
});

it("writes a value as the environment would have it", () => {
  expect([true, false, 0.5, "a", ["a", "b"], undefined].map(formatValue)).toEqual(["1", "0", "0.5", "a", "a,b", ""]);
  expect(formatValue({ virtualMs: 1000, realMs: 2000, speed: 60 })).toBe("1000@2000x60");
});
