/**
 * The composition root: from settings to a running daemon and back. Assembly only; nothing is decided here. Things start
 * in the order store → runtime → HTTP and stop in the reverse order.
 */
import { BreakerBoard } from "./actors/breaker/breaker-board.js";
import { fixedPause } from "./actors/breaker/retry-policy.js";
import { ExchangeMarket } from "./actors/endpoint/exchange-market.js";
import { runPolicies } from "./actors/ingest/policy.js";
import { EXCHANGE, MarketRuntime } from "./actors/market-runtime.js";
import type { TreeParts } from "./actors/series/tree.js";
import type { Clock } from "./clock/clock.js";
import type { Random } from "./clock/random.js";
import type { Settings } from "./config/schema.js";
import { createEngines } from "./engines.js";
import type { BinanceMarket } from "./exchange/binance/urls.js";
import { createHttpServer } from "./http/server.js";
import { DamageNotes } from "./ledger/damage.js";
import { LedgerQueries } from "./ledger/ledger-queries.js";
import { LedgerReader } from "./ledger/ledger-reader.js";
import { LedgerSync } from "./ledger/ledger-sync.js";
import { DebugHub } from "./observability/debug-hub.js";
import type { EventLog } from "./observability/event-log.js";
import { Metrics } from "./observability/metrics.js";
import { openLmdbStore } from "./storage/lmdb-store.js";
import type { Store } from "./storage/store.js";
import { VERSION } from "./version.js";

export interface AppOptions {
  readonly settings: Settings;
  readonly whitelist: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  /** Parts that a test puts in place of the usual ones. */
  readonly parts?: Partial<Pick<TreeParts, "factor" | "overlay" | "sinkFor">>;
}

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

/** @throws StoreError, or an error of the system when the address cannot be listened on; nothing is left running then. */
export async function startApp(options: AppOptions): Promise<App> {
  const { settings, clock, log } = options;
  const store = openLmdbStore(settings.dbPath);
  const debug = new DebugHub(clock);
  const metrics = new Metrics(clock, settings.enableRuntimeMetrics);
  const damage = new DamageNotes(log);
  const breakers = new BreakerBoard({ clock, log, debug, metrics, store });
  const runtime = createRuntime(options, store, debug, damage, breakers);
  const ledgers = createLedgers(options, store, runtime, damage);
  const gates = {
    debugApi: settings.enableDebugApi,
    devApi: settings.enableDevApi,
    readRepairApi: settings.enableReadRepairApi,
    runtimeMetrics: settings.enableRuntimeMetrics,
    klineHealth: settings.enableKlineHealthV2,
  };
  const context = { runtime, store, ledgers, breakers, clock, log, debug, metrics, gates };
  const server = await createHttpServer({ context, corsOrigins: settings.corsOrigins });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await server.close();
      await runtime.stop();
      await store.close();
    })();
    return stopping;
  };
  try {
    await runtime.start();
    const port = await server.listen(settings.host, settings.port);
    const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
    return { url: `http://${host}:${port}`, runtime, store, ledgers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createRuntime(
  options: AppOptions,
  store: Store,
  debug: DebugHub,
  damage: DamageNotes,
  breakers: BreakerBoard,
): MarketRuntime {
  const { settings, whitelist, clock, random, log, parts } = options;
  const market = (name: BinanceMarket): ExchangeMarket => createMarket(options, store, breakers, name);
  return new MarketRuntime({
    store,
    clock,
    random,
    log,
    debug,
    damage,
    markets: { spot: market("spot"), futures: market("futures") },
    guardrail: settings.enableIngestLoopGuardrail,
    breakers,
    policies: runPolicies({
      pipelineV2: settings.enableIngestPipelineV2,
      wsPipelinePublish: settings.enableIngestWsPipelinePublish,
    }),
    feed: {
      batchMax: settings.binanceWsBatchMax,
      flushMs: settings.binanceWsFlushS * 1000,
      formingMinIntervalMs: settings.marketFormingMinIntervalMs,
    },
    compensateNewCandles: settings.enableIngestCompensateNewCandles,
    compensateOverlay: settings.enableIngestCompensateOverlayError,
    ...ledgerParts(options),
    ...(parts?.sinkFor === undefined ? {} : { sinkFor: parts.sinkFor }),
    jobs: {
      whitelist,
      whitelistIngest: settings.enableWhitelistIngest,
      onDemandIngest: settings.enableOndemandIngest,
      maxJobs: settings.ondemandMaxJobs,
      idleTtlMs: settings.ondemandIdleTtlS * 1000,
      pinnedHistoryCandles: settings.enableStartupKlineSync ? settings.startupKlineSyncTargetCandles : 0,
      roleGuard: settings.enableIngestRoleGuard,
      role: settings.ingestRole,
    },
    catchUpLimit: settings.marketWsCatchupLimit,
    gapBackfill:
      settings.enableMarketGapBackfill && settings.enableCcxtBackfill
        ? { readLimit: settings.marketGapBackfillReadLimit, timeoutMs: settings.ccxtTimeoutMs }
        : undefined,
  });
}

/** The ledgers' engines, and whether they run. */
function ledgerParts({ settings, parts }: AppOptions): Pick<TreeParts, "factor" | "overlay"> {
  const { factors, overlays } = createEngines(settings);
  return {
    factor: parts?.factor ?? {
      engine: factors,
      enabled: settings.enableFactorIngest,
      rebuildOnNewFingerprint: settings.enableFactorFingerprintRebuild,
      rebuildKeepCandles: settings.factorRebuildKeepCandles,
    },
    overlay: parts?.overlay ?? { engine: overlays, enabled: settings.enableOverlayIngest },
  };
}

function createLedgers(options: AppOptions, store: Store, runtime: MarketRuntime, damage: DamageNotes): LedgerQueries {
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
    refresh: (id) => runtime.refreshLedgers(id),
    resetOverlay: (id) => runtime.resetOverlay(id),
  });
  return new LedgerQueries({ reader, sync, implicitRecompute: settings.enableReadImplicitRecompute, damage });
}

function createMarket(
  { settings, clock, random, log }: AppOptions,
  store: Store,
  breakers: BreakerBoard,
  market: BinanceMarket,
): ExchangeMarket {
  const marketLog = log.with({ market: `${EXCHANGE}:${market}` });
  const silenceKey = `rest_silence:${EXCHANGE}:${market}`;
  const isSpot = market === "spot";
  return new ExchangeMarket({
    market,
    wsUrl: isSpot ? settings.binanceSpotWsUrl : settings.binanceFuturesWsUrl,
    restUrl: isSpot ? settings.binanceSpotBaseUrl : settings.binanceFuturesBaseUrl,
    clock,
    random,
    log: marketLog,
    restTimeoutMs: settings.ccxtTimeoutMs,
    exchangeInfoTtlMs: settings.binanceExchangeinfoTtlS * 1000,
    version: VERSION,
    retryPolicy: () =>
      settings.enableIngestLoopGuardrail ? breakers.guardrail("endpoint", `${EXCHANGE}:${market}`) : fixedPause,
    onBreaker: (breaker) => breakers.adopt(breaker),
    silence: {
      load: () => {
        const until = store.state(silenceKey);
        return typeof until === "number" ? until : undefined;
      },
      save: (untilMs) => store.putState(silenceKey, untilMs),
    },
  });
}
