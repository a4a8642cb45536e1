/**
 * Which series follow a stream, and for whom: pinned by the whitelist, or on demand and counted. Decides about capacity,
 * eviction, idleness and restarts; the doing is given as ports. Every operation is atomic. Spec: ingest §4.1–4.6, §4.8.
 */
import type { Clock } from "../../clock/clock.js";
import type { EventLog } from "../../observability/event-log.js";
import type { GuardrailView, RetryPolicy } from "../breaker/retry-policy.js";
import type { FeedJob } from "./job.js";

export interface JobPorts {
  /** Why a series cannot be fed, or undefined when it can. */
  readonly obstacle: (series: string) => string | undefined;
  readonly start: (job: FeedJob) => void;
  readonly stop: (series: string) => void;
  /** Whether the series' tree works; a job without a working tree is dead. */
  readonly isUp: (series: string) => boolean;
  /** Starts the tree of a dead job again. */
  readonly revive: (series: string) => void;
  /** A new breaker, or the fixed pause, for a new job. */
  readonly retryPolicy: (series: string) => RetryPolicy;
}

export interface JobBoardOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly ports: JobPorts;
  /** On-demand jobs at a time; 0 for no limit. */
  readonly maxJobs: number;
  /** An on-demand job without subscribers ends after this long, in milliseconds. */
  readonly idleTtlMs: number;
  /** Candles of history that a pinned job fetches at its start. */
  readonly pinnedHistoryCandles: number;
  /** This process runs no jobs at all: subscriptions succeed without one. */
  readonly disabled: boolean;
}

/** A job as the debug snapshot shows it; times in Unix seconds. */
export interface JobView {
  readonly series_id: string;
  readonly source: "binance_ws";
  readonly refcount: number;
  readonly last_zero_at: number | null;
  readonly started_at: number;
  readonly crashes: number;
  readonly last_crash_at: number | null;
  readonly running: boolean;
  readonly guardrail: GuardrailView | null;
}

interface JobRecord extends FeedJob {
  refcount: number;
  /** Unix milliseconds. */
  lastZeroAt: number | null;
  readonly startedAt: number;
  crashes: number;
  lastCrashAt: number | null;
}

/** What a pinned job shows as its number of references. */
const PINNED_REFCOUNT = -1;

export class JobBoard {
  readonly #options: JobBoardOptions;
  readonly #jobs = new Map<string, JobRecord>();

  constructor(options: JobBoardOptions) {
    this.#options = options;
  }

  /** Starts the jobs of the whitelist; an entry that cannot be fed is logged and skipped. */
  pin(whitelist: readonly string[]): void {
    const { ports, log, disabled, pinnedHistoryCandles } = this.#options;
    if (disabled) return;
    for (const series of whitelist) {
      const obstacle = ports.obstacle(series);
      if (obstacle !== undefined) log.warn("whitelist.skipped", { series_id: series, reason: obstacle });
      else if (!this.#jobs.has(series)) this.#start(series, true, pinnedHistoryCandles);
    }
  }

  /** Counts one more subscriber, starting a job if there is none. @returns false when the series cannot be fed now. */
  subscribe(series: string): boolean {
    const { ports, disabled } = this.#options;
    const existing = this.#jobs.get(series);
    if (disabled || existing?.pinned === true) return true;
    if (existing !== undefined && !ports.isUp(series)) {
      if (existing.retry.attempt() > 0) return false;
      ports.revive(series);
    }
    const job = existing ?? this.#admit(series);
    if (job === undefined) return false;
    job.refcount += 1;
    job.lastZeroAt = null;
    return true;
  }

  /** Counts one subscriber less; the job goes on until it has been idle for long enough. */
  unsubscribe(series: string): void {
    const job = this.#jobs.get(series);
    if (job === undefined || job.pinned) return;
    job.refcount = Math.max(0, job.refcount - 1);
    if (job.refcount === 0) job.lastZeroAt = this.#options.clock.now();
  }

  /** The series' ingest actor crashed: its feed pauses before it tries again. */
  crashed(series: string, error: string): void {
    const job = this.#jobs.get(series);
    if (job === undefined) return;
    const { clock } = this.#options;
    job.crashes += 1;
    job.lastCrashAt = clock.now();
    job.notBeforeMs = clock.monotonic() + job.retry.failed(error);
  }

  /** Looks after all jobs; to be called once a second. */
  reap(): void {
    const { ports, clock, idleTtlMs } = this.#options;
    for (const job of [...this.#jobs.values()]) {
      const wanted = job.pinned || job.refcount > 0;
      if (!ports.isUp(job.series)) {
        if (!wanted) this.#drop(job, "dead");
        else if (job.retry.attempt() === 0) ports.revive(job.series);
      } else if (!wanted && job.lastZeroAt !== null && clock.now() - job.lastZeroAt >= idleTtlMs) {
        this.#drop(job, "idle");
      }
    }
  }

  hasJob(series: string): boolean {
    return this.#jobs.has(series);
  }

  /** Ids of all series that have a job. */
  followed(): readonly string[] {
    return [...this.#jobs.keys()];
  }

  views(): readonly JobView[] {
    return [...this.#jobs.values()]
      .sort((a, b) => (a.series < b.series ? -1 : 1))
      .map((job) => ({
        series_id: job.series,
        source: "binance_ws",
        refcount: job.refcount,
        last_zero_at: seconds(job.lastZeroAt),
        started_at: job.startedAt / 1000,
        crashes: job.crashes,
        last_crash_at: seconds(job.lastCrashAt),
        running: this.#options.ports.isUp(job.series),
        guardrail: job.retry.snapshot(),
      }));
  }

  /** Whether the job still is the one of its series: it may have ended, and another begun, since it was started. */
  isCurrent(job: FeedJob): boolean {
    return this.#jobs.get(job.series) === job;
  }

  clear(): void {
    this.#jobs.clear();
  }

  /** A new on-demand job if there is room for it, or room can be made. */
  #admit(series: string): JobRecord | undefined {
    const { ports, maxJobs, log } = this.#options;
    const obstacle = ports.obstacle(series);
    if (obstacle !== undefined) {
      log.info("subscription.refused", { series_id: series, reason: obstacle });
      return undefined;
    }
    const onDemand = [...this.#jobs.values()].filter((job) => !job.pinned);
    if (maxJobs > 0 && onDemand.length >= maxJobs) {
      const victim = longestIdle(onDemand);
      if (victim === undefined) {
        log.info("subscription.refused", { series_id: series, reason: `${maxJobs} series are followed already` });
        return undefined;
      }
      this.#drop(victim, "evicted");
    }
    return this.#start(series, false, 0);
  }

  #start(series: string, pinned: boolean, historyCandles: number): JobRecord {
    const { clock, ports } = this.#options;
    const job: JobRecord = {
      series,
      pinned,
      retry: ports.retryPolicy(series),
      historyCandles,
      notBeforeMs: clock.monotonic(),
      beganAfterS: null,
      refcount: pinned ? PINNED_REFCOUNT : 0,
      lastZeroAt: null,
      startedAt: clock.now(),
      crashes: 0,
      lastCrashAt: null,
    };
    this.#jobs.set(series, job);
    ports.start(job);
    return job;
  }

  #drop(job: JobRecord, why: "idle" | "evicted" | "dead"): void {
    this.#options.log.info("job.ended", { series_id: job.series, why });
    this.#jobs.delete(job.series);
    this.#options.ports.stop(job.series);
  }
}

function longestIdle(jobs: readonly JobRecord[]): JobRecord | undefined {
  return jobs
    .filter((job) => job.refcount === 0 && job.lastZeroAt !== null)
    .sort((a, b) => (a.lastZeroAt ?? 0) - (b.lastZeroAt ?? 0))[0];
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
