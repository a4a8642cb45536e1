/**
 * `npm run bench [-- NAME …]`: runs the benchmarks, or those named, and writes the figures with machine and commit to
 * bench/results/. They run compiled, as the daemon does. Everything happens on loopback; the client shares the machine with the daemon, so figures are lower
 * bounds, and only ratios within one run are worth comparing.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../test/support/root.js";
import { crowd } from "./cases/crowd.js";
import { derivedTimeframes } from "./cases/derived.js";
import { factorStep } from "./cases/factor-step.js";
import { fanOut } from "./cases/fan-out.js";
import { flooded, stuck } from "./cases/hostile.js";
import { ingestHttp } from "./cases/ingest-http.js";
import { ledgerReads, restart } from "./cases/ledgers.js";
import { livePage } from "./cases/live-page.js";
import { liveSeries } from "./cases/live-series.js";
import { idleSeries, manySeries } from "./cases/many-series.js";
import { catchUps, reads } from "./cases/reads.js";
import { replayBesideReads, replayBuild, replayWindow } from "./cases/replay.js";
import type { BenchmarkCase, Figures } from "./lib/case.js";

const CASES: readonly BenchmarkCase[] = [
  ingestHttp,
  manySeries,
  reads,
  catchUps,
  fanOut,
  crowd,
  stuck,
  flooded,
  idleSeries,
  liveSeries,
  factorStep,
  derivedTimeframes,
  ledgerReads,
  restart,
  replayBuild,
  replayWindow,
  replayBesideReads,
  livePage,
];
const RESULTS = fileURLToPath(new URL("bench/results/", ROOT));

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { encoding: "utf8" }).trim();
}

function machine(): Readonly<Record<string, string | number>> {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
  };
}

function print({ name, measures }: BenchmarkCase, figures: Figures): void {
  console.log(`\n${name}: ${measures}`);
  for (const [figure, value] of Object.entries(figures)) {
    const text =
      typeof value === "number"
        ? value
        : Object.entries(value)
            .map(([part, number]) => `${part} ${number}`)
            .join("  ");
    console.log(`  ${figure.padEnd(36)} ${text}`);
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CASES.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`there is no benchmark '${unknown[0]}'; there are: ${CASES.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const results: Record<string, { measures: string; figures: Figures }> = {};
for (const one of CASES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const missing = one.missing?.();
  if (missing !== undefined) {
    console.log(`\n${one.name}: skipped, ${missing}`);
    continue;
  }
  const figures = await one.run();
  results[one.name] = { measures: one.measures, figures };
  print(one, figures);
}
if (wanted.length === 0) {
  const commit = git("rev-parse", "--short", "HEAD");
  const changed = git("status", "--porcelain", "--", "src", "bench/cases", "bench/lib") !== "";
  const date = new Date().toISOString().slice(0, 10);
  const file = join(RESULTS, `${date}-${commit}.json`);
  const report = { date, commit, uncommitted_changes: changed, machine: machine(), results };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\nwritten to ${file}`);
}
process.exit();
