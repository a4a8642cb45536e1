/** `trade-canvas sim`: simulates the whole runtime from seeds, with everything that can go wrong. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { createSystemClock } from "../clock/system-clock.js";
import { type CampaignTally, replayCommand, runCampaign, type SeedRunner, summaryOf } from "../simulation/campaign.js";
import { runSeed } from "../simulation/run.js";
import { workerRunner } from "../simulation/worker-pool.js";
import { type CommandIo, commandWith } from "./command.js";
import { requireWritable, writeSummary } from "./out-file.js";
import { HIGHEST_SEED, readNumber } from "./simulate-plan.js";

const HELP = `usage: trade-canvas sim [--seeds N] [--from S] [--jobs N] [--hours H] [--out FILE] [--verbose]

Runs the whole market runtime on a simulated clock, network, exchange and disk, with faults, crashes and restarts drawn
from a seed, and checks after every run that nothing was lost, invented or told wrongly.

  --seeds N     how many seeds; default 100
  --from S      the first seed; default 1
  --jobs N      worker processes; default the number of cores
  --hours H     hours of trouble in every run, instead of what the seed draws
  --out FILE    write the summary as JSON
  --verbose     print what happened in every run, event by event; for one seed or a few, in this process

Exit code 0: every check held. 1: some did not; each is printed with the command that replays it. docs/simulation.md tells
the rest.`;

const HELD = 0;
const FAILED = 1;
const INTERRUPTED = 130;

const MOST_SEEDS = 10_000_000;
const MOST_JOBS = 64;
const MOST_HOURS = 240;
/** Runs whose every event is printed, at most. */
const MOST_VERBOSE_SEEDS = 20;
/** Least time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 5_000;

interface SimPlan {
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly hours: number | undefined;
  readonly out: string | undefined;
  readonly verbose: boolean;
}

function readPlan(args: string[]): SimPlan {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: { seeds: text, from: text, jobs: text, hours: text, out: text, verbose: { type: "boolean" } },
  });
  const verbose = values.verbose === true;
  const seeds = readNumber(values, "seeds", 100, 1, verbose ? MOST_VERBOSE_SEEDS : MOST_SEEDS, true);
  const hours =
    values.hours === undefined ? undefined : readNumber(values, "hours", 1, Number.MIN_VALUE, MOST_HOURS, false);
  const jobs = readNumber(values, "jobs", Math.min(availableParallelism(), MOST_JOBS), 1, MOST_JOBS, true);
  if (values.out !== undefined) requireWritable(values.out);
  return { seeds, from: readNumber(values, "from", 1, 0, HIGHEST_SEED, true), jobs, hours, out: values.out, verbose };
}

export const simCommand = commandWith(
  { name: "sim", summary: "simulate the whole runtime from seeds, faults and crashes included", help: HELP },
  readPlan,
  sim,
);

async function sim(plan: SimPlan, io: CommandIo): Promise<number> {
  const { seeds, from, jobs, hours, verbose } = plan;
  const clock = createSystemClock();
  const startedMs = clock.monotonic();
  const workers = Math.min(jobs, seeds);
  const runners: readonly SeedRunner[] = verbose
    ? [verboseRunner(plan, io)]
    : Array.from({ length: workers }, () => workerRunner(clock, { hours }));
  let toldMs = startedMs;
  const options = hours === undefined ? "" : ` --hours ${hours}`;
  const tally = await runCampaign({
    from,
    seeds,
    runners,
    stop: io.stop,
    onResult: ({ seed, failures }, soFar) => {
      for (const { check, message } of failures) io.err(`seed ${seed}: ${check}: ${message}`);
      if (failures.length > 0) io.err(`  replay: ${replayCommand(seed, options)}`);
      const now = clock.monotonic();
      if (now - toldMs < PROGRESS_MS) return;
      toldMs = now;
      io.out(progress(soFar, seeds, now - startedMs));
    },
  });
  for (const runner of runners) runner.close();
  const durationMs = clock.monotonic() - startedMs;
  writeSummary(plan.out, summaryOf(tally, { from, durationMs, options }));
  io.out(progress(tally, seeds, durationMs));
  if (tally.failedSeeds > 0) return FAILED;
  return tally.seeds < seeds ? INTERRUPTED : HELD;
}

function progress(tally: CampaignTally, seeds: number, durationMs: number): string {
  const perSecond = (tally.seeds * 1000) / Math.max(1, durationMs);
  const hours = Math.round(tally.virtualMs / 3_600_000);
  const left =
    tally.seeds < seeds ? `, ${Math.ceil((seeds - tally.seeds) / Math.max(perSecond, 1e-3) / 60)} min left` : "";
  return `${tally.seeds}/${seeds} seeds, ${hours} virtual hours, ${perSecond.toFixed(1)} seeds/s, ${tally.failedSeeds} failed${left}`;
}

/** Runs in this process and prints every event. */
function verboseRunner({ hours }: SimPlan, io: CommandIo): SeedRunner {
  return {
    close: () => undefined,
    run: async (seed) => {
      const { journal, ...result } = await runSeed(seed, { hours, keepJournal: true });
      for (const line of journal) io.out(line);
      io.out(`seed ${seed}: digest ${result.digest}, troubles: ${result.troubles.join(", ") || "none"}`);
      return result;
    },
  };
}
