/** Runs a soak: a world of many series for many hours, what is counted of it, and what has to hold. */
import type { Gap } from "../../market/gap.js";
import type { MarketKind } from "../../sim/settings.js";
import { MAX_GAPS_PER_SERIES } from "../../storage/gap-store.js";
import type { Failure } from "../checks.js";
import { runWorld, troublesOf } from "../run.js";
import { storeOnDisk } from "../store-checks.js";
import { MARKET_KINDS, World, type WorldOptions } from "../world.js";
import { checkMemory, checkTally, type SoakFailure } from "./checks.js";
import { ExchangeTally, type MarketTally } from "./exchange-tally.js";
import { MemoryDiary, type MemoryProbe, type MemorySample, type MemoryVerdict } from "./memory.js";
import { type SoakOptions, soakPlan } from "./plan.js";

export interface SoakRunOptions extends SoakOptions {
  /** How memory is read; left out, it is not looked at. */
  readonly probe?: MemoryProbe | undefined;
  /** Called after every virtual hour. */
  readonly onHour?: (progress: SoakProgress) => void;
  /** For tests that the checks find what they look for. */
  readonly world?: WorldOptions;
}

export interface SoakProgress {
  readonly hour: number;
  /** Finals that the exchange has sent so far. */
  readonly finals: number;
  readonly memory: MemorySample | undefined;
}

/** What a soak came to. */
export interface SoakResult {
  readonly seed: number;
  readonly series: number;
  readonly ledgers: boolean;
  readonly virtualHours: number;
  readonly lives: number;
  readonly digest: string;
  readonly troubles: readonly string[];
  /** Closed candles on disk at the end. */
  readonly candles: number;
  /** Holes on record, by what became of them. */
  readonly gaps: Readonly<Record<Gap["state"], number>>;
  readonly markets: Readonly<Record<MarketKind, MarketTally>>;
  readonly memory: (MemoryVerdict & { readonly samples: readonly MemorySample[] }) | undefined;
  readonly failures: readonly (Failure | SoakFailure)[];
}

const HOUR_MS = 3_600_000;
/** What the exchange's journals keep of each kind: little, so that they are full long before memory is judged. */
const JOURNAL_CAPACITY = 200;

export async function runSoak(options: SoakRunOptions): Promise<SoakResult> {
  const { seed, series, ledgers, probe, onHour } = options;
  const diary = probe === undefined ? undefined : new MemoryDiary(probe);
  const plan = soakPlan(options);
  const world = new World(plan, { journalCapacity: JOURNAL_CAPACITY, ...options.world });
  const tallies = { spot: new ExchangeTally(world.markets.spot), futures: new ExchangeTally(world.markets.futures) };
  const hours = Math.floor((plan.troubledMs + plan.calmMs) / HOUR_MS);
  for (let hour = 1; hour <= hours; hour += 1) {
    world.clock.setTimeout(() => {
      diary?.note(hour, world.process?.life ?? 0, world.disk);
      const finals = MARKET_KINDS.reduce((sum, market) => sum + world.markets[market].journal.count("final"), 0);
      onHour?.({ hour, finals, memory: diary?.samples.at(-1) });
    }, hour * HOUR_MS);
  }
  const held = await runWorld(world);
  const markets = { spot: tallies.spot.view(), futures: tallies.futures.view() };
  const verdict = diary?.verdict(options);
  return {
    seed,
    series,
    ledgers,
    virtualHours: (world.clock.now() - plan.startMs) / HOUR_MS,
    lives: world.lives,
    digest: world.journal.digest(),
    troubles: troublesOf(plan),
    ...storedIn(world),
    markets,
    memory: diary && verdict && { ...verdict, samples: diary.samples },
    failures: [
      ...held,
      ...MARKET_KINDS.flatMap((market) => checkTally(market, markets[market])),
      ...(verdict === undefined ? [] : checkMemory(verdict)),
    ],
  };
}

function storedIn(world: World): Pick<SoakResult, "candles" | "gaps"> {
  const store = storeOnDisk(world);
  const gaps = { repairing: 0, repaired: 0, absent_at_source: 0, unrepairable: 0 };
  let candles = 0;
  for (const { id } of world.plan.series) {
    candles += store.count(id, 0, Number.MAX_SAFE_INTEGER);
    for (const gap of store.gaps(id, { limit: MAX_GAPS_PER_SERIES }).gaps) gaps[gap.state] += 1;
  }
  return { candles, gaps };
}
