/** A job board whose ports only note what they were told. */
import { fixedPause, Guardrail } from "../../../src/actors/breaker/retry-policy.js";
import type { FeedJob } from "../../../src/actors/feed/job.js";
import { JobBoard, type JobBoardOptions } from "../../../src/actors/feed/job-board.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { RecordingLog } from "../series/world.js";

export const NOW_S = 1_746_403_200;
export const series = (name: string): string => `binance:futures:${name}/USDT:1m`;
export const [BTC, ETH, SOL] = [series("BTC"), series("ETH"), series("SOL")];

/** A board whose ports note what they were told; `down` are the series whose tree does not work. */
export function board(options: Partial<Omit<JobBoardOptions, "ports">> & { readonly guardrail?: boolean } = {}) {
  const clock = new SimulatedClock(NOW_S * 1000);
  const log = new RecordingLog();
  const done: string[] = [];
  const started: FeedJob[] = [];
  const down = new Set<string>();
  const { guardrail = false, ...rest } = options;
  const jobs = new JobBoard({
    clock,
    log,
    ports: {
      obstacle: (id) => (id.startsWith("binance") ? undefined : `unsupported exchange for realtime ingest: '${id}'`),
      start: (job) => {
        done.push(`start ${job.series}`);
        started.push(job);
        down.delete(job.series);
      },
      stop: (id) => done.push(`stop ${id}`),
      isUp: (id) => !down.has(id),
      revive: (id) => {
        done.push(`revive ${id}`);
        down.delete(id);
      },
      retryPolicy: () => (guardrail ? new Guardrail(clock) : fixedPause),
    },
    maxJobs: 0,
    idleTtlMs: 60_000,
    pinnedHistoryCandles: 500,
    disabled: false,
    ...rest,
  });
  const view = (id: string) => jobs.views().find(({ series_id }) => series_id === id);
  return { clock, log, done, started, down, jobs, view };
}
