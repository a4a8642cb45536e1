import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSystemClock } from "../../src/clock/system-clock.js";
import {
  type CampaignResult,
  LISTED_FAILURES,
  runCampaign,
  type SeedRunner,
  summaryOf,
} from "../../src/simulation/campaign.js";
import { workerRunner } from "../../src/simulation/worker-pool.js";
import { tempFolder } from "../support/temp.js";

const result = (seed: number, failures: CampaignResult["failures"] = []): CampaignResult => ({
  seed,
  virtualMs: 3_600_000,
  digest: "d",
  troubles: ["crash"],
  failures,
});

function runner(run: (seed: number) => CampaignResult): SeedRunner & { readonly seeds: number[] } {
  const seeds: number[] = [];
  return {
    seeds,
    close: () => undefined,
    run: async (seed) => {
      seeds.push(seed);
      return run(seed);
    },
  };
}

const campaign = (runners: readonly SeedRunner[], change: Partial<Parameters<typeof runCampaign>[0]> = {}) =>
  runCampaign({
    from: 10,
    seeds: 6,
    runners,
    stop: new AbortController().signal,
    onResult: () => undefined,
    ...change,
  });

describe("a campaign", () => {
  test("gives every seed to one runner, in order", async () => {
    const runners = [runner((seed) => result(seed)), runner((seed) => result(seed))];
    const tally = await campaign(runners);
    expect(runners.flatMap(({ seeds }) => seeds).sort()).toEqual([10, 11, 12, 13, 14, 15]);
    expect([tally.seeds, tally.failedSeeds, tally.troubles.get("crash")]).toEqual([6, 0, 6]);
  });

  test("counts every failure, lists so many, and says how to replay them", async () => {
    const failures = Array.from({ length: 150 }, (_, n) => ({ check: "store_complete", message: `${n}` }));
    const tally = await campaign([runner((seed) => result(seed, seed % 2 === 0 ? failures : []))]);
    expect([tally.failedSeeds, tally.failures.length]).toEqual([3, LISTED_FAILURES]);
    const summary = summaryOf(tally, { from: 10, durationMs: 2_000, options: " --hours 1" });
    expect(summary).toMatchObject({
      seeds: 6,
      failed_seeds: 3,
      virtual_hours: 6,
      seeds_per_s: 3,
      troubles: { crash: 6 },
    });
    expect(summary.failures[0]).toEqual({
      seed: 10,
      check: "store_complete",
      message: "0",
      replay: "npm run sim -- --seeds 1 --from 10 --hours 1 --verbose",
    });
  });

  test("begins no further seed when it is told to stop", async () => {
    const stop = new AbortController();
    const tally = await campaign([runner((seed) => result(seed))], {
      stop: stop.signal,
      onResult: ({ seed }) => seed === 12 && stop.abort(),
    });
    expect(tally.seeds).toBe(3);
  });
});

describe("a worker", () => {
  const LIMIT_MS = 1_500;
  /** A runner whose process runs this script. */
  function scripted(script: string): SeedRunner {
    const file = join(tempFolder(), "worker.mjs");
    writeFileSync(file, script);
    const worker = workerRunner(createSystemClock(), { hours: 2 }, file, LIMIT_MS);
    onTestFinished(() => worker.close());
    return worker;
  }

  test("is told seed and options, and runs one seed after the other in one process", async () => {
    const worker = scripted(
      "process.on('message', (task) => process.send({ seed: task.seed, digest: task.hours + ' ' + process.pid }))",
    );
    const [first, second] = [await worker.run(4), await worker.run(5)];
    expect([first.seed, second.seed, first.digest]).toEqual([4, 5, second.digest]);
    expect(first.digest).toMatch(/^2 \d+$/);
  });

  test.each([
    ["hangs", "process.on('message', () => undefined)", "no_hang"],
    ["dies", "process.on('message', () => process.exit(3))", "worker_lives"],
  ])("that %s fails its seed, and the next seed gets a new one", async (_, script, check) => {
    const worker = scripted(script);
    for (const seed of [1, 2]) {
      const { failures } = await worker.run(seed);
      expect(failures.map((failure) => failure.check)).toEqual([check]);
    }
  });
});
