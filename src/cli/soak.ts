/** `trade-canvas soak`: many series for many hours of simulated time, with all that a day brings. */
import { parseArgs } from "node:util";
import { createSystemClock } from "../clock/system-clock.js";
import type { MemoryProbe } from "../simulation/soak/memory.js";
import type { SoakOptions } from "../simulation/soak/plan.js";
import { runSoak, type SoakProgress } from "../simulation/soak/run.js";
import { sampleSummary, soakSummary } from "../simulation/soak/summary.js";
import { type CommandIo, commandWith, whenAborted } from "./command.js";
import { requireWritable, writeSummary } from "./out-file.js";
import { HIGHEST_SEED, readNumber } from "./simulate-plan.js";

const HELP = `usage: npm run soak -- [--series N] [--hours H] [--seed S] [--no-ledgers] [--out FILE]

Runs the whole market runtime with many series for many hours on a simulated clock, network, exchange and disk, with
resets, connections that end, refusals, a maintenance, a crash and a restart, and checks that nothing was lost or
invented, that the exchange's limits were kept, and that memory does not grow.

  --series N    series of 1m, seven of ten of them futures; default 1000
  --hours H     hours of simulated time; default 24
  --seed S      what decides when things go wrong; default 1
  --no-ledgers  derive nothing: what grows besides ledgers, which fill for weeks, is easier to see then
  --out FILE    write the summary as JSON

Memory is looked at when node runs with --expose-gc, as it does by npm run soak. Exit code 0: every check held. 1: some
did not. docs/simulation.md tells the rest.`;

const HELD = 0;
const FAILED = 1;
const INTERRUPTED = 130;

const MOST_SERIES = 2_000;
const MOST_HOURS = 744;
const MICROSECONDS_PER_MS = 1_000;
/** What one collection leaves for finalizers is gone after the next. */
const COLLECTIONS = 3;

interface SoakCommandPlan extends SoakOptions {
  readonly out: string | undefined;
}

function readPlan(args: string[]): SoakCommandPlan {
  const text = { type: "string" } as const;
  const options = { series: text, hours: text, seed: text, out: text, "no-ledgers": { type: "boolean" } } as const;
  const { values } = parseArgs({ args, options });
  const series = readNumber(values, "series", 1_000, 2, MOST_SERIES, true);
  const hours = readNumber(values, "hours", 24, Number.MIN_VALUE, MOST_HOURS, false);
  const seed = readNumber(values, "seed", 1, 0, HIGHEST_SEED, true);
  if (values.out !== undefined) requireWritable(values.out);
  return { series, hours, seed, ledgers: values["no-ledgers"] !== true, out: values.out };
}

export const soakCommand = commandWith(
  {
    name: "soak",
    summary: "simulate a day of many series, and see that limits are kept and memory is flat",
    help: HELP,
  },
  readPlan,
  soak,
);

async function soak({ out, ...options }: SoakCommandPlan, io: CommandIo): Promise<number> {
  const clock = createSystemClock();
  const startedMs = clock.monotonic();
  const probe = memoryProbe();
  if (probe === undefined) io.err("memory is not looked at: run node with --expose-gc, as npm run soak does");
  const onHour = (progress: SoakProgress): void => io.out(progressLine(progress, clock.monotonic() - startedMs));
  const result = await Promise.race([runSoak({ ...options, probe, onHour }), whenAborted(io.stop)]);
  if (result === undefined) return INTERRUPTED;
  const { user, system } = process.cpuUsage();
  const cost = { wallMs: clock.monotonic() - startedMs, processorMs: (user + system) / MICROSECONDS_PER_MS };
  const summary = soakSummary(result, cost);
  writeSummary(out, summary);
  io.out(JSON.stringify(summary, undefined, 2));
  for (const { check, message } of result.failures) io.err(`${check}: ${message}`);
  return result.failures.length > 0 ? FAILED : HELD;
}

function progressLine({ hour, finals, memory }: SoakProgress, elapsedMs: number): string {
  const held = memory === undefined ? "" : `, ${JSON.stringify(sampleSummary(memory))}`;
  return `hour ${hour}: ${finals} finals, ${Math.round(elapsedMs / 1000)} s${held}`;
}

function memoryProbe(): MemoryProbe | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  return () => {
    for (let round = 0; round < COLLECTIONS; round += 1) gc();
    return process.memoryUsage();
  };
}
