/** Runs one seed from its plan to its verdict. */
import { settledPromises } from "../sim/simulated-clock.js";
import { beginCalm, scheduleActs } from "./acts.js";
import { checkWorld, type Failure } from "./checks.js";
import { type Plan, type PlanOptions, planOf } from "./plan.js";
import { World, type WorldOptions } from "./world.js";

export interface SeedOptions extends PlanOptions, WorldOptions {}

/** What a run of a seed came to. */
export interface SeedResult {
  readonly seed: number;
  readonly virtualMs: number;
  /** Of everything that happened; the same for every run of the seed. */
  readonly digest: string;
  /** Kinds of trouble that were in the plan. */
  readonly troubles: readonly string[];
  readonly failures: readonly Failure[];
  /** The journal's lines, when they were kept. */
  readonly journal: readonly string[];
}

/** A stop that takes longer than this has hung, in milliseconds. */
const STOP_LIMIT_MS = 60_000;

export function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  return runPlan(planOf(seed, options), options);
}

/** Runs a plan, drawn or written by hand. */
export async function runPlan(plan: Plan, options: WorldOptions = {}): Promise<SeedResult> {
  const world = new World(plan, options);
  const failures = await runWorld(world);
  return {
    seed: plan.seed,
    virtualMs: world.clock.now() - plan.startMs,
    digest: world.journal.digest(),
    troubles: troublesOf(plan),
    failures,
    journal: world.journal.lines,
  };
}

/** Lets a world live from its start to the stop of its last process. @returns what does not hold of it then. */
export async function runWorld(world: World): Promise<readonly Failure[]> {
  const thrown: Failure[] = [];
  const uncaught = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    thrown.push({ check: "no_uncaught_error", message: text });
  };
  process.on("unhandledRejection", uncaught);
  try {
    await live(world);
  } catch (error) {
    uncaught(error);
  } finally {
    process.off("unhandledRejection", uncaught);
  }
  return thrown.length > 0 ? thrown : checkWorld(world);
}

async function live(world: World): Promise<void> {
  const { clock, plan } = world;
  const advance = (ms: number): Promise<void> => clock.advanceSettled(ms, settledPromises);
  for (const client of world.clients) {
    for (const [index, atMs] of client.plan.turnsMs.entries()) {
      clock.setTimeout(() => (index % 2 === 0 ? client.come() : client.leave()), atMs);
    }
  }
  await world.startProcess();
  scheduleActs(world);
  await advance(plan.troubledMs);
  beginCalm(world);
  await advance(plan.calmMs);
  world.noteEnd();
  let stopped = false;
  const stopping = world.stopProcess().then(() => {
    stopped = true;
  });
  await advance(STOP_LIMIT_MS);
  if (!stopped) throw new Error(`the daemon has not stopped within ${STOP_LIMIT_MS / 1000} s`);
  await stopping;
}

/** Kinds of trouble in a plan, by name. */
export function troublesOf({ acts, markets }: Plan): readonly string[] {
  const names = acts.map((act) => {
    if (act.type === "fault") return act.fault.kind;
    return act.type === "strike" ? `strike ${act.strike.kind}` : act.type;
  });
  const truths = [...markets.spot.truthFaults, ...markets.futures.truthFaults].map(({ kind }) => kind);
  return [...new Set([...names, ...truths])].sort();
}
