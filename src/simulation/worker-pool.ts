/** Seeds run in processes of their own: as many cores as there are, and a seed that hangs or dies takes no other with it. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clock } from "../clock/clock.js";
import type { CampaignResult, SeedRunner } from "./campaign.js";
import type { PlanOptions } from "./plan.js";

/** What a worker is told; it answers with a {@link CampaignResult}. */
export interface WorkerTask extends PlanOptions {
  readonly seed: number;
}

/** A seed that takes longer than this has hung, in milliseconds of the machine. */
export const SEED_LIMIT_MS = 60_000;

/** Most of what a seed makes is forgotten at once: a larger nursery spares copying it. */
const NODE_OPTIONS = ["--max-semi-space-size=32"];

const WORKER = fileURLToPath(new URL("./worker.js", import.meta.url));

/**
 * A runner with a process of its own, started when first needed and again after an end of it.
 * @param options of every plan.
 * @param worker the module that the process runs; only a test gives another.
 */
export function workerRunner(clock: Clock, options: PlanOptions, worker = WORKER, limitMs = SEED_LIMIT_MS): SeedRunner {
  let child: ChildProcess | undefined;
  const end = (): void => {
    child?.kill("SIGKILL");
    child = undefined;
  };
  return {
    close: end,
    run: (seed) =>
      new Promise((resolve) => {
        child ??= fork(worker, { execArgv: NODE_OPTIONS });
        const running = child;
        const finish = (result: CampaignResult): void => {
          clock.clearTimeout(limit);
          running.removeAllListeners();
          resolve(result);
        };
        const lost = (check: string, message: string): void => {
          end();
          finish({ seed, virtualMs: 0, digest: "", troubles: [], failures: [{ check, message }] });
        };
        const limit = clock.setTimeout(
          () => lost("no_hang", `no end within ${limitMs / 1000} s of the machine`),
          limitMs,
        );
        running.once("message", (result) => finish(result as CampaignResult));
        running.once("error", (error) => lost("worker_lives", error.message));
        running.once("exit", (code, signal) => lost("worker_lives", `the process ended with ${signal ?? code}`));
        running.send({ seed, ...options } satisfies WorkerTask);
      }),
  };
}
