/** The market runtime in this process, on an exchange that serves every series at once. */
import { BreakerBoard } from "../../src/actors/breaker/breaker-board.js";
import type { ExchangePort } from "../../src/actors/feed/exchange-port.js";
import { runPolicies } from "../../src/actors/ingest/policy.js";
import { MarketRuntime, type MarketRuntimeOptions } from "../../src/actors/market-runtime.js";
import type { Supervised } from "../../src/actors/runtime/supervised.js";
import type { Clock } from "../../src/clock/clock.js";
import { systemRandom } from "../../src/clock/random.js";
import { loadSettings } from "../../src/config/load.js";
import { createEngines } from "../../src/engines.js";
import { DamageNotes } from "../../src/ledger/damage.js";
import type { Candle } from "../../src/market/candle.js";
import { DebugHub } from "../../src/observability/debug-hub.js";
import { Metrics } from "../../src/observability/metrics.js";
import { createPinoLog } from "../../src/observability/pino-log.js";
import type { Store } from "../../src/storage/store.js";

/** What the exchange tells of every series: a candle that has closed, to be fetched, and the one that is forming. */
export interface Served {
  readonly closed: Candle;
  readonly forming: Candle;
}

function exchange(clock: Clock, { closed, forming }: Served): ExchangePort & Supervised {
  return {
    start: async () => undefined,
    stop: async () => undefined,
    onCrash: () => undefined,
    verify: async () => ({ type: "usable" }),
    attach: (_series, listener) => {
      clock.immediate(() => {
        listener.subscribed();
        listener.kline({ candle: forming, final: false, eventTimeMs: clock.now() });
      });
      return { detach: () => undefined, suspect: () => undefined, connection: () => null };
    },
    async *history() {
      yield { type: "page", candles: [closed] };
      yield { type: "end", finalUpToMs: clock.now() };
    },
    newest: async () => undefined,
    doubt: async () => undefined,
    clockMoved: async () => undefined,
    facts: () => undefined,
    nowMs: () => clock.now(),
  };
}

/** A started runtime, assembled as the daemon does with its live settings: breakers, gap backfill, ledgers. */
export async function startRuntime(
  store: Store,
  clock: Clock,
  served: Served,
  derived?: MarketRuntimeOptions["derived"],
): Promise<MarketRuntime> {
  const { settings } = loadSettings({});
  const { factors, overlays } = createEngines(settings);
  const market = exchange(clock, served);
  const log = createPinoLog({ level: "warn", pretty: false, clock });
  const debug = new DebugHub(clock);
  const metrics = new Metrics(clock, settings.enableRuntimeMetrics);
  const runtime = new MarketRuntime({
    store,
    clock,
    random: systemRandom,
    log,
    debug,
    metrics,
    breakers: new BreakerBoard({ clock, log, debug, metrics, store }),
    damage: new DamageNotes(log),
    markets: { futures: market },
    guardrail: true,
    policies: runPolicies({ pipelineV2: true, wsPipelinePublish: true }),
    feed: { batchMax: settings.binanceWsBatchMax, flushMs: 0, formingMinIntervalMs: 0 },
    compensateNewCandles: false,
    compensateOverlay: false,
    factor: {
      engine: factors,
      enabled: true,
      rebuildOnNewFingerprint: true,
      rebuildKeepCandles: settings.factorRebuildKeepCandles,
    },
    overlay: { engine: overlays, enabled: true },
    jobs: {
      whitelist: [],
      whitelistIngest: false,
      onDemandIngest: true,
      maxJobs: 0,
      idleTtlMs: settings.ondemandIdleTtlS * 1000,
      pinnedHistoryCandles: 0,
      roleGuard: false,
      role: settings.ingestRole,
    },
    derived,
    catchUpLimit: settings.marketWsCatchupLimit,
    gapBackfill: { readLimit: settings.marketGapBackfillReadLimit, timeoutMs: settings.ccxtTimeoutMs },
  });
  await runtime.start();
  return runtime;
}
