/** Everything that goes wrong in a run, drawn from the seed: faults of the exchange, the network, the disk, the process. Pure. */
import type { Fault } from "../sim/faults/catalogue.js";
import type { MarketKind } from "../sim/settings.js";
import type { Strike } from "../sim/strikes.js";
import type { Chance } from "./chance.js";
import { drawFault, drawStrike } from "./exchange-troubles.js";
import type { PlannedSeries } from "./plan.js";

/** Changes what is true of a market. */
export type TruthFault = Extract<Fault, { kind: "halt" | "delisting" | "revision" }>;

/** One thing that happens, `atMs` from the start of the run; what lasts is over after `forMs`. Milliseconds. */
export type Act = { readonly atMs: number } & Trouble;

export type Trouble =
  | { readonly type: "fault"; readonly market: MarketKind; readonly fault: Fault; readonly forMs: number }
  | { readonly type: "strike"; readonly market: MarketKind; readonly strike: Strike }
  | { readonly type: "offline" | "black_hole"; readonly market: MarketKind; readonly forMs: number }
  | { readonly type: "lost_answers"; readonly market: MarketKind; readonly share: number; readonly forMs: number }
  | { readonly type: "slow_network"; readonly market: MarketKind; readonly upToMs: number; readonly forMs: number }
  | { readonly type: "network_reset"; readonly market: MarketKind }
  | { readonly type: "disk_full"; readonly forMs: number }
  | { readonly type: "slow_disk"; readonly upToMs: number; readonly forMs: number }
  /** The process is gone from one moment to the next. With `flushed`, what was on its way to the disk got there. */
  | { readonly type: "crash"; readonly downMs: number; readonly flushed: boolean }
  | { readonly type: "restart"; readonly downMs: number }
  | { readonly type: "wall_clock_jump"; readonly byMs: number }
  /** The machine sleeps, and wakes up in the middle of what it was doing. */
  | { readonly type: "sleep"; readonly forMs: number };

export interface TroublesOptions {
  readonly chance: Chance;
  readonly series: readonly PlannedSeries[];
  /** Unix ms. */
  readonly startMs: number;
  readonly troubledMs: number;
}

export interface Troubles {
  readonly acts: readonly Act[];
  readonly truthFaults: Readonly<Record<MarketKind, readonly TruthFault[]>>;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Longest trouble, in milliseconds; longer ones only make runs longer. */
const LONGEST_MS = 12 * MINUTE_MS;

/** How far a wall clock jumps at most, in milliseconds. */
const LONGEST_JUMP_MS = 15 * MINUTE_MS;

export function planTroubles(options: TroublesOptions): Troubles {
  const { chance, troubledMs } = options;
  const count = chance.pick([0, 2, 5, 10, 20]);
  const acts = Array.from({ length: count }, (): Act => {
    const atMs = chance.whole(0, troubledMs - 1);
    const longest = Math.min(LONGEST_MS, troubledMs - atMs);
    const forMs = Math.min(longest, chance.whole(SECOND_MS, chance.pick([20 * SECOND_MS, 3 * MINUTE_MS, LONGEST_MS])));
    return { atMs, ...drawTrouble(options, atMs, forMs) };
  }).sort((a, b) => a.atMs - b.atMs);
  return { acts, truthFaults: { spot: truthFaults("spot", options), futures: truthFaults("futures", options) } };
}

function drawTrouble({ chance, series, startMs }: TroublesOptions, atMs: number, forMs: number): Trouble {
  const market = chance.pick(series).market;
  switch (chance.whole(0, 20)) {
    case 0:
    case 1:
      return { type: "crash", downMs: chance.whole(0, forMs), flushed: chance.happens(0.5) };
    case 2:
      return { type: "restart", downMs: chance.whole(0, forMs) };
    case 3:
      return { type: "disk_full", forMs };
    case 4:
      return { type: "slow_disk", upToMs: chance.whole(100, 3_000), forMs };
    case 5:
      return { type: "offline", market, forMs };
    case 6:
      return { type: "black_hole", market, forMs };
    case 7:
      return { type: "lost_answers", market, share: chance.pick([0.2, 0.5, 1]), forMs };
    case 8:
      return { type: "slow_network", market, upToMs: chance.whole(500, 8_000), forMs };
    case 9:
      return { type: "network_reset", market };
    case 10:
      return {
        type: "wall_clock_jump",
        byMs: chance.pick([-1, 1]) * chance.whole(100, chance.pick([5_000, LONGEST_JUMP_MS])),
      };
    case 11:
      return { type: "sleep", forMs };
    case 12:
    case 13:
    case 14:
      return { type: "strike", market, strike: drawStrike(chance) };
    default:
      return {
        type: "fault",
        market,
        fault: drawFault(chance, { market, series, endMs: startMs + atMs + forMs }),
        forMs,
      };
  }
}

/** Halts, revisions and delistings are known to the exchange beforehand: truth must not change under a run. */
function truthFaults(
  market: MarketKind,
  { chance, series, startMs, troubledMs }: TroublesOptions,
): readonly TruthFault[] {
  const symbols = [...new Set(series.filter((one) => one.market === market).map(({ symbol }) => symbol))];
  const faults: TruthFault[] = [];
  const minuteAt = (ms: number): number => Math.ceil(ms / MINUTE_MS) * MINUTE_MS;
  if (chance.happens(0.25)) {
    const haltFromMs = minuteAt(startMs + chance.whole(0, troubledMs));
    const haltToMs = haltFromMs + chance.whole(1, 12) * MINUTE_MS;
    faults.push({ kind: "halt", haltFromMs, haltToMs });
  }
  if (symbols.length > 0 && chance.happens(0.15)) {
    const afterMs = chance.pick([1_000, 30_000, 600_000]);
    // A whole factor: the decimals of a market's volumes have to hold the revised one too.
    faults.push({ kind: "revision", symbols: [chance.pick(symbols)], afterMs, volumeFactor: 2 });
  }
  if (symbols.length > 0 && chance.happens(0.06)) {
    const atMs = minuteAt(startMs + chance.whole(0, troubledMs));
    const klines = chance.pick(["old-candles", "invalid-symbol"] as const);
    const status = market === "spot" ? chance.pick(["BREAK", "gone"]) : chance.pick(["SETTLING", "gone"]);
    faults.push({ kind: "delisting", symbols: [chance.pick(symbols)], atMs, status, klines });
  }
  return faults;
}
