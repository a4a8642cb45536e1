/** Names that are no settings of this program but may still be in an environment. Spec: flags §3, §5. */

export const ENV_PREFIX = "TRADE_CANVAS_";

/** Read by commands that talk to a daemon; nothing to a daemon itself, and no setting. */
export const COMMAND_NAMES: readonly string[] = ["TRADE_CANVAS_TOKEN"];

/** Settings that once existed; setting them has no effect. */
export const WITHDRAWN_NAMES: Readonly<Record<string, string>> = {
  TRADE_CANVAS_ENABLE_LEDGER_SYNC_SERVICE: "there is one path of ledger sync, and no switch around it",
  TRADE_CANVAS_ENABLE_SQLITE_STORE: "there is one store, at TRADE_CANVAS_DB_PATH",
  TRADE_CANVAS_MARKET_REALTIME_SOURCE: "the exchange of a series is in its id",
};

/** Abilities of the reference server that this program does not have; setting their variables has no effect. */
export const FOREIGN_NAMES: Readonly<Record<string, readonly string[]>> = {
  "the feature ledger": ["TRADE_CANVAS_ENABLE_FEATURE_INGEST", "TRADE_CANVAS_ENABLE_FEATURE_STRICT_READ"],
  "local freqtrade files and backtests": [
    "TRADE_CANVAS_MARKET_HISTORY_SOURCE",
    "TRADE_CANVAS_BACKTEST_REQUIRE_TRADES",
    "TRADE_CANVAS_FREQTRADE_*",
  ],
  "storage in Postgres": ["TRADE_CANVAS_ENABLE_PG_STORE", "TRADE_CANVAS_ENABLE_PG_ONLY", "TRADE_CANVAS_POSTGRES_*"],
  "publishing through Redis": ["TRADE_CANVAS_ENABLE_WS_PUBSUB", "TRADE_CANVAS_REDIS_URL"],
  "Python stack dumps": ["TRADE_CANVAS_ENABLE_FAULTHANDLER", "TRADE_CANVAS_FAULTHANDLER_PATH"],
};

/** The ability that a variable belonged to; undefined when it is none of {@link FOREIGN_NAMES}. */
export function foreignAbility(name: string): string | undefined {
  const covers = (pattern: string): boolean =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  return Object.entries(FOREIGN_NAMES).find(([, patterns]) => patterns.some(covers))?.[0];
}
