/** Runs many seeds on several workers and sums up what they came to. */
import type { SeedResult } from "./run.js";

/** Runs one seed at a time; never rejects: what keeps it from ending is a failure of the seed. */
export interface SeedRunner {
  run(seed: number): Promise<CampaignResult>;
  close(): void;
}

export type CampaignResult = Omit<SeedResult, "journal" | "failures"> & {
  readonly failures: readonly { readonly check: string; readonly message: string }[];
};

export interface CampaignOptions {
  readonly from: number;
  readonly seeds: number;
  readonly runners: readonly SeedRunner[];
  /** Aborted when no further seed is to be begun. */
  readonly stop: AbortSignal;
  readonly onResult: (result: CampaignResult, soFar: CampaignTally) => void;
}

export interface SeedFailure {
  readonly seed: number;
  readonly check: string;
  readonly message: string;
}

/** Failures that a summary lists; more of them are counted. */
export const LISTED_FAILURES = 200;

export interface CampaignTally {
  seeds: number;
  failedSeeds: number;
  virtualMs: number;
  /** How many seeds had each kind of trouble. */
  readonly troubles: Map<string, number>;
  readonly failures: SeedFailure[];
}

/** Runs the seeds `from`, `from` + 1, … in that order, as runners become free. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignTally> {
  const { from, seeds, runners, stop, onResult } = options;
  const tally: CampaignTally = { seeds: 0, failedSeeds: 0, virtualMs: 0, troubles: new Map(), failures: [] };
  let next = from;
  const work = async (runner: SeedRunner): Promise<void> => {
    while (next < from + seeds && !stop.aborted) {
      const seed = next;
      next += 1;
      const result = await runner.run(seed);
      count(tally, result);
      onResult(result, tally);
    }
  };
  await Promise.all(runners.map(work));
  return tally;
}

function count(tally: CampaignTally, { seed, virtualMs, troubles, failures }: CampaignResult): void {
  tally.seeds += 1;
  tally.virtualMs += virtualMs;
  for (const trouble of troubles) tally.troubles.set(trouble, (tally.troubles.get(trouble) ?? 0) + 1);
  if (failures.length === 0) return;
  tally.failedSeeds += 1;
  for (const { check, message } of failures) {
    if (tally.failures.length < LISTED_FAILURES) tally.failures.push({ seed, check, message });
  }
}

/** The summary, as it is written to a file. Durations in seconds and hours of the machine and of the simulation. */
export function summaryOf(
  tally: CampaignTally,
  run: { readonly from: number; readonly durationMs: number; readonly options: string },
) {
  const { from, durationMs, options } = run;
  const perSecond = (amount: number): number => Math.round((amount / Math.max(1, durationMs)) * 1000 * 100) / 100;
  const virtualHours = tally.virtualMs / 3_600_000;
  return {
    from,
    seeds: tally.seeds,
    failed_seeds: tally.failedSeeds,
    virtual_hours: Math.round(virtualHours * 10) / 10,
    duration_s: Math.round(durationMs / 100) / 10,
    seeds_per_s: perSecond(tally.seeds),
    virtual_hours_per_s: perSecond(virtualHours),
    troubles: Object.fromEntries([...tally.troubles].sort(([a], [b]) => (a < b ? -1 : 1))),
    failures: tally.failures.map((failure) => ({ ...failure, replay: replayCommand(failure.seed, options) })),
  };
}

/** What replays a seed. @param options further ones that the run was given. */
export function replayCommand(seed: number, options = ""): string {
  return `npm run sim -- --seeds 1 --from ${seed}${options} --verbose`;
}
