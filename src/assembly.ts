/**
 * Puts the market runtime together from the settings: the same for the daemon and for a simulation of it, which differ in
 * what they inject. Assembly only.
 */
import type { BreakerBoard } from "./actors/breaker/breaker-board.js";
import { fixedPause } from "./actors/breaker/retry-policy.js";
import { ExchangeMarket, type ExchangeNetwork } from "./actors/endpoint/exchange-market.js";
import { EXCHANGE } from "./actors/feed/obstacle.js";
import { runPolicies } from "./actors/ingest/policy.js";
import { MarketRuntime, type MarketRuntimeOptions } from "./actors/market-runtime.js";
import type { TreeParts } from "./actors/series/tree-parts.js";
import type { Clock } from "./clock/clock.js";
import type { Random } from "./clock/random.js";
import type { Settings } from "./config/schema.js";
import { derivedParts } from "./derived.js";
import { createEngines } from "./engines.js";
import type { SavedSilence } from "./exchange/binance/silence.js";
import type { BinanceMarket } from "./exchange/binance/urls.js";
import type { EventLog } from "./observability/event-log.js";
import type { Store } from "./storage/store.js";
import { VERSION } from "./version.js";

/** What a runtime is made of, besides its store. */
export interface RuntimeParts {
  readonly settings: Settings;
  readonly whitelist: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  /** Parts that a test puts in place of the usual ones. */
  readonly parts?: Partial<Pick<TreeParts, "factor" | "overlay" | "sinkFor">>;
  /** What stands in for the network; the real one when left out. */
  readonly network?: ExchangeNetwork;
}

type Shared = Pick<MarketRuntimeOptions, "store" | "debug" | "metrics" | "damage" | "breakers">;

/** The markets of the exchange, to be started by a runtime. */
export function createMarkets(
  options: RuntimeParts,
  { store, breakers }: Pick<Shared, "store" | "breakers">,
): Readonly<Record<BinanceMarket, ExchangeMarket>> {
  const market = (name: BinanceMarket): ExchangeMarket => createMarket(options, store, breakers, name);
  return { spot: market("spot"), futures: market("futures") };
}

/** The runtime on a store; nothing runs before its `start`. */
export function createRuntime(
  options: RuntimeParts,
  shared: Shared,
  markets = createMarkets(options, shared),
): MarketRuntime {
  const { settings, whitelist, clock, random, log, parts } = options;
  const { metrics } = shared;
  return new MarketRuntime({
    ...shared,
    clock,
    random,
    log,
    markets,
    guardrail: settings.enableIngestLoopGuardrail,
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
    derived: derivedParts(settings, log),
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
        ? { readLimit: settings.marketGapBackfillReadLimit, timeoutMs: settings.ccxtTimeoutMs, metrics }
        : undefined,
  });
}

/** The ledgers' engines, and whether they run. */
export function ledgerParts({ settings, parts }: RuntimeParts): Pick<TreeParts, "factor" | "overlay"> {
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

function createMarket(
  { settings, clock, random, log, network }: RuntimeParts,
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
    renewAfterMs: settings.binanceWsRotateAfterS * 1000,
    version: VERSION,
    network,
    retryPolicy: () =>
      settings.enableIngestLoopGuardrail ? breakers.guardrail("endpoint", `${EXCHANGE}:${market}`) : fixedPause,
    onBreaker: (breaker) => breakers.adopt(breaker),
    silence: {
      load: () => store.state(silenceKey) as SavedSilence | undefined,
      save: (silence) => store.putState(silenceKey, { ...silence }),
    },
  });
}
