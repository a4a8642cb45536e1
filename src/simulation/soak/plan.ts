/**
 * What a soak lives through: a thousand series for a day, with the troubles that a day brings, at times drawn from the
 * seed. Longer, wider and quieter than the plan of a seed, which looks for rare orders of events. Pure.
 */
import type { MarketKind } from "../../sim/settings.js";
import { Chance } from "../chance.js";
import type { Plan, PlannedMarket, PlannedSeries } from "../plan.js";
import type { Act, TruthFault } from "../troubles.js";

export interface SoakOptions {
  readonly seed: number;
  /** How many series are followed, all of 1m. */
  readonly series: number;
  /** Virtual hours. */
  readonly hours: number;
  /** Derive factors and drawings. Their state fills for weeks, so that other growth is easier to see without them. */
  readonly ledgers: boolean;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** 2025-05-05 00:00 UTC. */
const START_MS = 1_746_403_200_000;
/** As for a seed: the longest silence that a refusal asks for, and the repair after it. */
const CALM_MS = 16 * MINUTE_MS;
const LISTED_BEFORE_MS = 3 * 24 * HOUR_MS;

/** Share of the series that are futures; the others are spot. */
const FUTURES_SHARE = 0.7;
/** Share of the symbols that hardly trade, and share of their minutes without a trade. */
const QUIET_SYMBOLS = 0.1;
const QUIET_MINUTES = 0.7;

/** Updates of a forming candle come no faster than this, in milliseconds: a few per minute. */
const UPDATE_CADENCE_MS = 15 * SECOND_MS;

/** Mean time between two resets of all connections of a market, in milliseconds. */
const RESET_EVERY_MS = HOUR_MS;
/**
 * Lives of connections, in milliseconds. Shorter than the real 24 hours, so that resets leave enough of them to their end: the
 * daemon renews those of spot itself, those of futures end before it does, without a notice.
 */
const RENEW_AFTER_MS = 90 * MINUTE_MS;
const LIFE_MS: Readonly<Record<MarketKind, number>> = { spot: 120 * MINUTE_MS, futures: 75 * MINUTE_MS };

/** REST refuses everything for so long, in minutes. */
const REFUSAL_MINUTES = [2, 5] as const;
/** One time of refusals per market in so many hours, and at least one of each status. */
const REFUSAL_EVERY_HOURS = 6;
const MAINTENANCE_MS = 10 * MINUTE_MS;
const SHUTDOWN_LEAD_MS = 10 * SECOND_MS;
/** How long the process is gone, in milliseconds. */
const RESTART_DOWN_MS = 20 * SECOND_MS;
const CRASH_DOWN_MS = 90 * SECOND_MS;
/** When the process ends and begins anew, as shares of the run. Early, so that the last life is long enough to see memory grow. */
const CRASH_AT = 0.1;
const RESTART_AT = 0.2;
const MAINTENANCE_AT = 0.5;

export function soakPlan({ seed, series, hours, ledgers }: SoakOptions): Plan {
  const troubledMs = Math.round(hours * HOUR_MS);
  const futures = Math.round(series * FUTURES_SHARE);
  const acts = new Chance(seed, "soak troubles");
  const maintenanceMs = minuteIn(troubledMs * MAINTENANCE_AT);
  const halt: TruthFault = {
    kind: "halt",
    haltFromMs: START_MS + maintenanceMs,
    haltToMs: START_MS + maintenanceMs + MAINTENANCE_MS,
  };
  return {
    seed,
    startMs: START_MS,
    troubledMs,
    calmMs: CALM_MS,
    env: { ...SETTINGS, ...(ledgers ? LEDGERS : {}) },
    series: [...planSeries("futures", futures), ...planSeries("spot", series - futures)],
    clients: [],
    derived: [],
    markets: {
      spot: planMarket("spot", seed, series - futures, []),
      futures: planMarket("futures", seed, futures, [halt]),
    },
    acts: planActs(acts, troubledMs, maintenanceMs),
  };
}

const SETTINGS: Readonly<Record<string, string>> = {
  TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1",
  TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
  TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH: "1",
  TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
  TRADE_CANVAS_ENABLE_MARKET_GAP_BACKFILL: "1",
  TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "1",
  TRADE_CANVAS_ENABLE_STARTUP_KLINE_SYNC: "1",
  TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: "100",
  TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0",
  TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0",
  TRADE_CANVAS_BINANCE_WS_ROTATE_AFTER_S: String(RENEW_AFTER_MS / SECOND_MS),
};

const LEDGERS: Readonly<Record<string, string>> = {
  TRADE_CANVAS_ENABLE_FACTOR_INGEST: "1",
  TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "1",
};

function planSeries(market: MarketKind, count: number): readonly PlannedSeries[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `binance:${market}:${baseOf(index)}/USDT:1m`,
    market,
    symbol: `${baseOf(index)}USDT`,
    timeframe: "1m",
    timeframeS: 60,
    pinned: true,
  }));
}

/** `S0001` */
function baseOf(index: number): string {
  return `S${String(index + 1).padStart(4, "0")}`;
}

function planMarket(
  market: MarketKind,
  seed: number,
  count: number,
  truthFaults: readonly TruthFault[],
): PlannedMarket {
  const chance = new Chance(seed, `soak ${market}`);
  const symbols = Array.from({ length: count }, (_, index) => ({
    symbol: `${baseOf(index)}USDT`,
    base: baseOf(index),
    walk: {
      seed: chance.whole(1, 1_000_000_000),
      startPrice: chance.whole(5, 5_000),
      quietShare: chance.happens(QUIET_SYMBOLS) ? QUIET_MINUTES : 0,
      listedMs: START_MS - LISTED_BEFORE_MS,
    },
  }));
  return {
    symbols,
    truthFaults,
    settings: {
      stream: {
        updateCadenceMs: UPDATE_CADENCE_MS,
        // Spot says nothing of a quiet minute, so that REST is asked; futures a flat candle.
        zeroTradeInterval: market === "spot" ? "silent" : "final",
        path: { fewestSteps: 2, mostSteps: 4, unseenTailShare: 0.4 },
      },
      connection: {
        lifeMs: LIFE_MS[market],
        ...(market === "futures" ? { shutdownNoticeMs: undefined } : {}),
      },
    },
  };
}

function planActs(chance: Chance, troubledMs: number, maintenanceMs: number): readonly Act[] {
  const markets: readonly MarketKind[] = ["spot", "futures"];
  const perMarket = markets.flatMap((market): readonly Act[] => [
    ...resets(chance, market, troubledMs),
    ...refusals(chance, market, troubledMs),
    { atMs: maintenanceMs, type: "offline", market, forMs: MAINTENANCE_MS },
    {
      atMs: chance.whole(0, troubledMs - 1),
      type: "strike",
      market,
      strike: { kind: "server-shutdown", leadMs: SHUTDOWN_LEAD_MS, manner: { by: "close", code: 1001 } },
    },
  ]);
  const process: readonly Act[] = [
    { atMs: Math.round(troubledMs * CRASH_AT), type: "crash", downMs: CRASH_DOWN_MS, flushed: false },
    { atMs: Math.round(troubledMs * RESTART_AT), type: "restart", downMs: RESTART_DOWN_MS },
  ];
  return [...perMarket, ...process].sort((a, b) => a.atMs - b.atMs);
}

/** Resets come without memory: however long the last one is ago, the next is as near. */
function resets(chance: Chance, market: MarketKind, troubledMs: number): readonly Act[] {
  const acts: Act[] = [];
  const gapMs = (): number => Math.ceil(-RESET_EVERY_MS * Math.log(1 - chance.random()));
  for (let atMs = gapMs(); atMs < troubledMs; atMs += gapMs()) acts.push({ atMs, type: "network_reset", market });
  return acts;
}

/** Times in which REST answers 429 and 418 by turns, whatever was asked. */
function refusals(chance: Chance, market: MarketKind, troubledMs: number): readonly Act[] {
  const count = Math.max(2, Math.round(troubledMs / HOUR_MS / REFUSAL_EVERY_HOURS));
  return Array.from({ length: count }, (_, index): Act => {
    const minutes = chance.whole(...REFUSAL_MINUTES);
    const atMs = chance.whole(0, troubledMs - 1);
    const status = index % 2 === 0 ? 429 : 418;
    const fault = { kind: "rest-refusal", status, retryAfterS: minutes * 60 } as const;
    return { atMs, type: "fault", market, fault, forMs: minutes * MINUTE_MS };
  });
}

function minuteIn(ms: number): number {
  return Math.round(ms / MINUTE_MS) * MINUTE_MS;
}
