/**
 * The composition root: from settings to a running daemon and back. Assembly only; nothing is decided here. Things start
 * in the order store → runtime → HTTP and stop in the reverse order.
 */
import { join } from "node:path";
import { BreakerBoard } from "./actors/breaker/breaker-board.js";
import type { Duty } from "./actors/duty.js";
import type { Backfills } from "./actors/feed/backfills.js";
import { freshnessWatch } from "./actors/feed/freshness-watch.js";
import { syncAtStart } from "./actors/feed/startup-sync.js";
import type { MarketRuntime } from "./actors/market-runtime.js";
import { TopMarkets } from "./actors/markets/top-markets.js";
import { createMarkets, createRuntime, ledgerParts, type RuntimeParts } from "./assembly.js";
import { createBackfills } from "./backfills.js";
import { loadAccessTokens } from "./config/access-tokens.js";
import { AccessGuard } from "./http/access/access-guard.js";
import { affordableConnections } from "./http/access/connection-limit.js";
import { debugNote } from "./http/context.js";
import { createHttpServer } from "./http/server.js";
import { DamageNotes } from "./ledger/damage.js";
import { LedgerQueries } from "./ledger/ledger-queries.js";
import { LedgerReader } from "./ledger/ledger-reader.js";
import { LedgerSync } from "./ledger/ledger-sync.js";
import { LedgerWarmup } from "./ledger/ledger-warmup.js";
import { DebugHub, type DebugNote } from "./observability/debug-hub.js";
import { type LoopDelay, measureLoopDelay } from "./observability/loop-delay.js";
import { Metrics } from "./observability/metrics.js";
import { openFilesLimit, readProcessFacts } from "./observability/process-facts.js";
import { createReplay, type ReplayParts } from "./replays.js";
import { openLmdbStore } from "./storage/lmdb-store.js";
import { DATA_FILE } from "./storage/preflight.js";
import type { Store } from "./storage/store.js";

/** A running daemon. */
export interface App {
  /** Where it listens, `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly runtime: MarketRuntime;
  readonly store: Store;
  readonly ledgers: LedgerQueries;
  /** Ends connections, writes what was received, closes the store. Idempotent. */
  stop(): Promise<void>;
}

export interface AppParts extends RuntimeParts, ReplayParts {
  /** How busy the process is; measured when left out. */
  readonly loopDelay?: LoopDelay;
  /** Aborted when the process is to end: a start that is under way waits for nothing any more. */
  readonly stop?: AbortSignal;
}

/** @throws ConfigError for access tokens that are not to be had, StoreError, or an error of the system when the address cannot be listened on; nothing is left running then. */
export async function startApp(options: AppParts): Promise<App> {
  const { settings, clock, log } = options;
  const guard = createGuard(options);
  const store = openLmdbStore(settings.dbPath);
  const debug = new DebugHub(clock);
  const metrics = new Metrics(clock, settings.enableRuntimeMetrics);
  const damage = new DamageNotes(log);
  const breakers = new BreakerBoard({ clock, log, debug, metrics, store });
  const markets = createMarkets(options, { store, breakers });
  const runtime = createRuntime(options, { store, debug, metrics, damage, breakers }, markets);
  const topMarkets = new TopMarkets({ clock, markets, tickerTtlMs: settings.binanceTickerTtlS * 1000 });
  const ledgers = createLedgers(options, store, runtime, damage);
  const backfills = createBackfills(options, store, runtime);
  const replay = await createReplay(options, { store, runtime, ledgers, backfills, metrics }).catch(async (error) => {
    await store.close();
    throw error;
  });
  const gates = {
    debugApi: settings.enableDebugApi,
    devApi: settings.enableDevApi,
    readRepairApi: settings.enableReadRepairApi,
    runtimeMetrics: settings.enableRuntimeMetrics,
    klineHealth: settings.enableKlineHealthV2,
    replay: settings.enableReplayV1,
    replayCoverage: settings.enableReplayEnsureCoverage,
    overlayPackages: settings.enableReplayPackage,
  };
  const freshness = createFreshnessWatch(options, { metrics, store, runtime });
  const context = {
    runtime,
    store,
    ledgers,
    topMarkets,
    breakers,
    backfills,
    replay,
    clock,
    log,
    debug,
    metrics,
    processFacts: () => readProcessFacts(join(settings.dbPath, DATA_FILE)),
    gates,
  };
  const note = (event: DebugNote): void => debugNote(context, event);
  const warmup = settings.enableReadLedgerWarmup ? new LedgerWarmup({ clock, sync: ledgers.sync, note }) : undefined;
  const server = await createHttpServer({
    context: { ...context, warmup },
    guard,
    corsOrigins: settings.corsOrigins,
    loopDelay: options.loopDelay ?? measureLoopDelay(),
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      freshness.stop();
      await server.close();
      // Not waited for yet: one that is far behind ends only when its series does.
      const warmedUp = warmup?.stop();
      await replay.stop();
      await backfills.stop();
      await runtime.stop();
      await warmedUp;
      await store.close();
    })();
    return stopping;
  };
  try {
    await runtime.start();
    if (settings.enableRuntimeMetrics) freshness.start();
    if (settings.enableStartupKlineSync) await bringUpToDate(options, { store, debug, ledgers, backfills });
    const port = await server.listen(settings.host, settings.port);
    const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
    return { url: `http://${host}:${port}`, runtime, store, ledgers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createGuard({ settings, clock }: AppParts): AccessGuard {
  return new AccessGuard(
    {
      tokens: loadAccessTokens(settings.accessTokensPath),
      host: settings.host,
      corsOrigins: settings.corsOrigins,
      maxConnections: affordableConnections(settings.maxConnections, openFilesLimit()),
      maxConnectionsPerAddress: settings.maxConnectionsPerAddress,
      requestsPerSecond: settings.requestsPerSecond,
      clientMessagesPerSecond: settings.clientMessagesPerSecond,
      limitsLoopback: settings.enableLoopbackLimits,
    },
    clock,
  );
}

interface WatchedParts {
  readonly metrics: Metrics;
  readonly store: Store;
  readonly runtime: MarketRuntime;
}

function createFreshnessWatch({ settings, clock }: AppParts, { metrics, store, runtime }: WatchedParts): Duty {
  const windows = {
    freshCandles: settings.marketFreshWindowCandles,
    staleCandles: settings.marketStaleWindowCandles,
  };
  const series = (): readonly string[] => [...runtime.whitelist, ...runtime.followed()];
  return freshnessWatch({ clock, metrics, store, windows, series });
}

interface StartParts {
  readonly store: Store;
  readonly debug: DebugHub;
  readonly ledgers: LedgerQueries;
  readonly backfills: Backfills;
}

async function bringUpToDate({ settings, whitelist, clock, log, stop }: AppParts, parts: StartParts): Promise<void> {
  const { store, debug, ledgers, backfills } = parts;
  const targetCandles = settings.startupKlineSyncTargetCandles;
  const cover = backfills.coverAtStart;
  const note = (event: DebugNote): void => debug.emit(event);
  await syncAtStart({ clock, log, note, store, sync: ledgers.sync, whitelist, targetCandles, cover, stop });
}

function createLedgers(
  options: RuntimeParts,
  store: Store,
  runtime: MarketRuntime,
  damage: DamageNotes,
): LedgerQueries {
  const { settings } = options;
  const { factor, overlay } = ledgerParts(options);
  const reader = new LedgerReader({
    store,
    factors: factor.engine,
    overlays: overlay.engine,
    rebuildOnNewFingerprint: factor.rebuildOnNewFingerprint,
    strict: settings.enableReadStrictMode,
    kept: { factor: factor.enabled, overlay: overlay.enabled },
  });
  const sync = new LedgerSync(reader, {
    refresh: (id, onLedgerFailure) => {
      const { sync, syncStrict } = runtime.policies;
      return runtime.refreshLedgers(id, onLedgerFailure === "fail" ? syncStrict : sync);
    },
    resetOverlay: (id) => runtime.resetOverlay(id),
  });
  return new LedgerQueries({ reader, sync, implicitRecompute: settings.enableReadImplicitRecompute, damage });
}
