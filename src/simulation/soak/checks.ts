/** What must hold of a soak besides the checks of every run: what only shows in numbers, or with time. Pure. */
import { ATTEMPTS_PER_LIFE } from "../exchange-checks.js";
import type { MarketTally } from "./exchange-tally.js";
import type { MemoryVerdict } from "./memory.js";

export type SoakCheckName =
  /** Few connections carry all streams. */
  | "few_sockets"
  /** Attempts to connect stay in their budget. */
  | "attempts_in_budget"
  /** Requests stay below the weight that the exchange allows. */
  | "weight_in_budget"
  /** Memory stops growing. */
  | "memory_flat";

export interface SoakFailure {
  readonly check: SoakCheckName;
  readonly message: string;
}

/** Sockets of a market: one per 800 streams, and successors of those that are renewed. */
const MOST_SOCKETS = 3;
const KIB = 1024;

export function checkTally(market: string, tally: MarketTally): readonly SoakFailure[] {
  const { socketsPeak, attemptsPerWindowPeak, weightPeak, weightLimit } = tally;
  return [
    ...over("few_sockets", `${market}: ${socketsPeak} sockets were open at a time`, socketsPeak, MOST_SOCKETS),
    ...over(
      "attempts_in_budget",
      `${market}: ${attemptsPerWindowPeak} attempts to connect in five minutes`,
      attemptsPerWindowPeak,
      ATTEMPTS_PER_LIFE,
    ),
    ...over("weight_in_budget", `${market}: a weight of ${weightPeak} in a minute`, weightPeak, weightLimit),
  ];
}

/** Memory grows when even the low end of what the slope may be is above the limit. */
export function checkMemory({ slope, limitPerHour }: MemoryVerdict): readonly SoakFailure[] {
  if (slope === undefined) return [];
  const kib = (bytes: number): number => Math.round(bytes / KIB);
  const grows = `the heap grows by ${kib(slope.slope)} KiB an hour (95 %: ${kib(slope.low)} to ${kib(slope.high)})`;
  return over("memory_flat", grows, kib(slope.low), kib(limitPerHour));
}

function over(check: SoakCheckName, found: string, value: number, limit: number): readonly SoakFailure[] {
  return value <= limit ? [] : [{ check, message: `${found}, at most ${limit} are allowed` }];
}
