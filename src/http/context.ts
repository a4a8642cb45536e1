/** What routes and WebSocket feeds are given: one object, assembled once. */
import type { BreakerBoard } from "../actors/breaker/breaker-board.js";
import type { Backfills } from "../actors/feed/backfills.js";
import type { MarketRuntime } from "../actors/market-runtime.js";
import type { TopMarkets } from "../actors/markets/top-markets.js";
import type { Clock } from "../clock/clock.js";
import type { LedgerQueries } from "../ledger/ledger-queries.js";
import type { LedgerWarmup } from "../ledger/ledger-warmup.js";
import type { DebugHub, DebugNote } from "../observability/debug-hub.js";
import type { EventLog } from "../observability/event-log.js";
import type { Metrics } from "../observability/metrics.js";
import type { ProcessFacts } from "../observability/process-facts.js";
import type { Replay } from "../replay/replay.js";
import type { StoreReader } from "../storage/store.js";

/** Which optional routes are open. */
export interface HttpGates {
  readonly debugApi: boolean;
  readonly devApi: boolean;
  readonly readRepairApi: boolean;
  readonly runtimeMetrics: boolean;
  readonly klineHealth: boolean;
  readonly replay: boolean;
  /** Besides `replay`. */
  readonly replayCoverage: boolean;
  readonly overlayPackages: boolean;
}

export interface HttpContext {
  readonly runtime: MarketRuntime;
  readonly store: StoreReader;
  readonly ledgers: LedgerQueries;
  /** Undefined when reads have no ledgers warmed up. */
  readonly warmup: LedgerWarmup | undefined;
  readonly topMarkets: TopMarkets;
  readonly breakers: BreakerBoard;
  readonly backfills: Backfills;
  readonly replay: Replay;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly debug: DebugHub;
  readonly metrics: Metrics;
  /** What the system says of the process now. */
  readonly processFacts: () => ProcessFacts;
  readonly gates: HttpGates;
}

/** Emits an event that exists only while the debug API is on. Spec: http-api §4.4, events marked D. */
export function debugNote(context: Pick<HttpContext, "gates" | "debug">, note: DebugNote): void {
  if (context.gates.debugApi) context.debug.emit(note);
}
