/** What a seed stands for: which series run with which settings, who watches them, and what goes wrong when. Pure. */
import type { MarketKind, MarketSettingsChange } from "../sim/settings.js";
import type { WalkOptions } from "../sim/truth/walk-source.js";
import { Chance } from "./chance.js";
import { type Act, planTroubles, type TruthFault } from "./troubles.js";

/** One series of the whitelist, or one that clients ask for. */
export interface PlannedSeries {
  /** `binance:futures:BTC/USDT:1m` */
  readonly id: string;
  readonly market: MarketKind;
  /** `BTCUSDT` */
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeS: number;
  readonly pinned: boolean;
}

/** A client of one series that comes and goes. */
export interface PlannedClient {
  readonly name: string;
  readonly series: string;
  readonly batches: boolean;
  /** Times of coming and going, alternately, in ms from the start; the last one is a coming. */
  readonly turnsMs: readonly number[];
}

export interface PlannedSymbol {
  readonly symbol: string;
  readonly base: string;
  readonly walk: WalkOptions;
}

export interface PlannedMarket {
  readonly symbols: readonly PlannedSymbol[];
  readonly settings: MarketSettingsChange;
  /** What is true of the market for the whole run, switched on before it begins. */
  readonly truthFaults: readonly TruthFault[];
}

export interface Plan {
  readonly seed: number;
  /** Unix ms. */
  readonly startMs: number;
  /** How long things go wrong, and how long they then do not; ms. */
  readonly troubledMs: number;
  readonly calmMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly series: readonly PlannedSeries[];
  readonly clients: readonly PlannedClient[];
  /** Timeframes that are derived of 1m; none in most runs. */
  readonly derived: readonly string[];
  readonly markets: Readonly<Record<MarketKind, PlannedMarket>>;
  /** By time. */
  readonly acts: readonly Act[];
}

export interface PlanOptions {
  /** Hours of trouble; drawn from the seed when left out. */
  readonly hours?: number | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 2025-05-05 00:00 UTC. */
const EPOCH_MS = 1_746_403_200_000;
const START_SPREAD_MS = 7 * 24 * HOUR_MS;
/** Longest and shortest time of trouble, in minutes. */
const TROUBLED_MINUTES = [30, 110] as const;
/** Long enough for the longest silence that a refusal asks for (10 min) and the repair after it (4 min, B7). */
const CALM_MS = 16 * MINUTE_MS;
const LISTED_BEFORE_MS = 3 * 24 * HOUR_MS;

const BASES = ["BTC", "ETH", "SOL"] as const;
const MARKETS: readonly MarketKind[] = ["spot", "futures"];
/** Short ones come up more often: more closes in the same time. */
const TIMEFRAMES = { "1m": 60, "3m": 180, "5m": 300, "15m": 900 } as const;
const TIMEFRAME_DRAW = ["1m", "1m", "1m", "3m", "5m", "15m"] as const;
/** What is derived in runs in which anything is. */
const DERIVED = ["5m", "15m"] as const;
const DERIVED_SHARE = 0.3;

/** Draws the plan of a seed; the same seed and options give the same plan. */
export function planOf(seed: number, { hours }: PlanOptions = {}): Plan {
  const chance = new Chance(seed, "plan");
  const startMs = EPOCH_MS + chance.whole(0, START_SPREAD_MS);
  const drawnMs = chance.whole(...TROUBLED_MINUTES) * MINUTE_MS;
  const troubledMs = hours === undefined ? drawnMs : Math.round(hours * HOUR_MS);
  // Drawn apart: without them a seed is what it was before there were any.
  const derived = new Chance(seed, "derived").happens(DERIVED_SHARE) ? DERIVED : [];
  const series = planSeries(new Chance(seed, "series"), derived);
  const acts = planTroubles({ chance: new Chance(seed, "troubles"), series, startMs, troubledMs });
  return {
    seed,
    startMs,
    troubledMs,
    calmMs: CALM_MS,
    env: {
      ...planSettings(new Chance(seed, "settings")),
      TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: derived.length > 0 ? "1" : "0",
      TRADE_CANVAS_DERIVED_TIMEFRAMES: derived.join(","),
    },
    series,
    derived,
    clients: [
      ...planClients(new Chance(seed, "clients"), series, troubledMs),
      ...planClients(new Chance(seed, "derived clients"), derivedSeries(series, derived), troubledMs),
    ],
    markets: {
      spot: planMarket("spot", seed, startMs, acts.truthFaults.spot),
      futures: planMarket("futures", seed, startMs, acts.truthFaults.futures),
    },
    acts: acts.acts,
  };
}

/** @param derived have no series of their own: what would be one is one of their base. */
function planSeries(chance: Chance, derived: readonly string[]): readonly PlannedSeries[] {
  const count = chance.whole(2, 5);
  const drawn = Array.from({ length: count }, (): PlannedSeries => {
    const market = chance.pick(MARKETS);
    const base = chance.pick(BASES);
    const drawn = chance.pick(TIMEFRAME_DRAW);
    const timeframe = derived.includes(drawn) ? "1m" : drawn;
    const id = `binance:${market}:${base}/USDT:${timeframe}`;
    const pinned = chance.happens(0.6);
    return { id, market, symbol: `${base}USDT`, timeframe, timeframeS: TIMEFRAMES[timeframe], pinned };
  });
  return [...new Map(drawn.map((series) => [series.id, series])).values()];
}

/** The series that clients of derived timeframes follow. */
function derivedSeries(series: readonly PlannedSeries[], derived: readonly string[]): readonly PlannedSeries[] {
  const bases = series.filter(({ timeframe }) => timeframe === "1m");
  return bases.flatMap((base) =>
    derived.map((timeframe) => ({ ...base, id: base.id.replace(/1m$/, timeframe), timeframe })),
  );
}

function planSettings(chance: Chance): Readonly<Record<string, string>> {
  const flag = (probability: number): string => (chance.happens(probability) ? "1" : "0");
  return {
    TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: flag(0.9),
    TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: flag(0.9),
    TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH: flag(0.8),
    TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
    TRADE_CANVAS_ENABLE_ONDEMAND_INGEST: "1",
    TRADE_CANVAS_ONDEMAND_IDLE_TTL_S: String(chance.pick([10, 60, 300])),
    TRADE_CANVAS_ENABLE_MARKET_GAP_BACKFILL: flag(0.5),
    TRADE_CANVAS_ENABLE_CCXT_BACKFILL: "1",
    TRADE_CANVAS_ENABLE_STARTUP_KLINE_SYNC: flag(0.7),
    TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: String(chance.pick([100, 100, 250])),
    TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT: String(chance.pick([100, 5_000])),
    TRADE_CANVAS_BINANCE_WS_BATCH_MAX: String(chance.pick([1, 200])),
    TRADE_CANVAS_BINANCE_WS_FLUSH_S: String(chance.pick([0.05, 0.5, 2])),
    TRADE_CANVAS_ENABLE_FACTOR_INGEST: flag(0.8),
    TRADE_CANVAS_ENABLE_OVERLAY_INGEST: flag(0.8),
    TRADE_CANVAS_BINANCE_EXCHANGEINFO_TTL_S: String(chance.pick([60, 3_600])),
    TRADE_CANVAS_BINANCE_WS_ROTATE_AFTER_S: String(chance.pick([600, 1_800, 82_800])),
  };
}

function planClients(chance: Chance, series: readonly PlannedSeries[], troubledMs: number): readonly PlannedClient[] {
  return series.flatMap(({ id, pinned }) => {
    const count = pinned ? chance.whole(0, 2) : chance.whole(1, 2);
    return Array.from({ length: count }, (_, index) => {
      const turns = 2 * chance.whole(0, 4) + 1;
      const turnsMs = Array.from({ length: turns }, () => chance.whole(0, troubledMs)).sort((a, b) => a - b);
      return { name: `${id}#${index}`, series: id, batches: chance.happens(0.5), turnsMs };
    });
  });
}

function planMarket(
  market: MarketKind,
  seed: number,
  startMs: number,
  truthFaults: readonly TruthFault[],
): PlannedMarket {
  const chance = new Chance(seed, `market ${market}`);
  const quietShare = chance.pick([0, 0, 0.1, 0.6]);
  const symbols = BASES.map((base) => ({
    symbol: `${base}USDT`,
    base,
    walk: {
      seed: chance.whole(1, 1_000_000),
      startPrice: chance.whole(5, 5_000),
      quietShare,
      listedMs: startMs - (startMs % MINUTE_MS) - LISTED_BEFORE_MS,
    },
  }));
  const shortLife = chance.happens(0.4);
  return {
    symbols,
    truthFaults,
    settings: {
      clockOffsetMs: chance.pick([0, 0, -700, 1_300, 4_000]),
      stream: {
        zeroTradeInterval: chance.pick(["silent", "final"] as const),
        // Few moments of trading: updates are the bulk of all messages, and the more of them the fewer seeds are tried.
        path: { fewestSteps: 2, mostSteps: chance.pick([4, 8]), unseenTailShare: 0.4 },
      },
      connection: {
        ...(shortLife ? { lifeMs: chance.whole(20, 90) * MINUTE_MS } : {}),
        shutdownNoticeMs: chance.happens(0.6) ? 10_000 : undefined,
      },
      rest: { banTimeIn: { header: chance.happens(0.5), text: true } },
    },
  };
}
