/**
 * Jobs by id: each is reserved once, runs in the background, and is remembered for a while when it is over. What it makes is
 * kept elsewhere, or is its progress. Spec: replay §2, §6. Design: docs/replay.md, "Jobs".
 */
import { errorText } from "../actors/runtime/errors.js";
import type { Clock } from "../clock/clock.js";
import type { EventLog } from "../observability/event-log.js";
import type { Metrics } from "../observability/metrics.js";
import { type BuildJob, type BuildJobEvent, type BuildStatus, jobAfter, NO_JOB } from "./build-job.machine.js";
import { ReplayBuildError } from "./package/archive.js";
import { ReplayError } from "./replay-error.js";

/** Jobs of one table that wait or run. */
export const MAX_ACTIVE_JOBS = 32;

/** Jobs of one table that are over and still remembered. */
export const MAX_ENDED_JOBS = 1_000;

/** Why a job failed that was still waiting when the process stopped. */
const STOPPED = "server_shutting_down";

/** A failure that has no text of its own. */
const UNKNOWN_ERROR = "unknown_error";

/** Does the work of a job. What it throws is the job's error. @param note replaces the progress of the job. */
export type Work<Progress> = (signal: AbortSignal, note: (progress: Progress) => void) => Promise<void>;

/**
 * Whether what the job makes is there. `untold`: it is nowhere but in the progress of the job.
 */
export type Kept = boolean | "untold";

export interface JobRequest<Progress> {
  readonly id: string;
  readonly kept: Kept;
  /** Of a job that has just begun. */
  readonly progress: Progress;
  readonly work: Work<Progress>;
}

/** What came of asking for a job. */
export interface Reservation {
  readonly status: "building" | "done";
  /** Whether it is new work. */
  readonly created: boolean;
}

export interface JobStanding<Progress> {
  readonly status: BuildStatus;
  readonly error: string | null;
  /** Undefined without a job. */
  readonly progress: Progress | undefined;
}

export interface JobTableOptions {
  /** What the jobs make, for the log and the metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly metrics: Metrics;
  /** Jobs that run at once; the others wait, in order. */
  readonly maxRunning: number;
}

interface Entry<Progress> {
  readonly id: string;
  readonly work: Work<Progress>;
  readonly abort: AbortController;
  job: BuildJob;
  progress: Progress;
}

export class JobTable<Progress> {
  readonly #options: JobTableOptions;
  /** In the order in which they began. */
  readonly #entries = new Map<string, Entry<Progress>>();
  readonly #waiting: Entry<Progress>[] = [];
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: JobTableOptions) {
    this.#options = options;
  }

  /** Begins a job unless what it makes is there or being made. @throws ReplayError `too_many_jobs` */
  reserve({ id, kept, progress, work }: JobRequest<Progress>): Reservation {
    if (kept === true) return { status: "done", created: false };
    const { status } = this.resolve(id, kept);
    if (status === "building" || status === "done") return { status, created: false };
    const active = this.#waiting.length + this.#running.size;
    if (active >= MAX_ACTIVE_JOBS || this.#isStopped) {
      throw new ReplayError(
        "too_many_jobs",
        `${active} jobs wait or run already: ask again when one of them has ended`,
      );
    }
    const job = jobAfter(this.#entries.get(id)?.job ?? NO_JOB, { type: "RESERVED", atMs: this.#options.clock.now() });
    const entry: Entry<Progress> = { id, work, abort: new AbortController(), job, progress };
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    this.#waiting.push(entry);
    this.#runNext();
    return { status: "building", created: true };
  }

  /** What there is under an id. */
  resolve(id: string, kept: Kept): JobStanding<Progress> {
    const entry = this.#entries.get(id);
    const known = entry?.job ?? NO_JOB;
    const job = kept === "untold" ? known : jobAfter(known, { type: kept ? "FOUND" : "LOST" });
    if (job.value === "build_required") this.#entries.delete(id);
    return { status: job.value, error: job.context.error, progress: entry?.progress };
  }

  /** Begins nothing more. Resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const entry of this.#waiting.splice(0)) this.#end(entry, this.#failed(STOPPED));
    for (const { abort } of this.#entries.values()) abort.abort();
    await Promise.all(this.#running);
  }

  #runNext(): void {
    while (this.#running.size < this.#options.maxRunning) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      const running: Promise<void> = this.#run(entry).finally(() => {
        this.#running.delete(running);
        this.#runNext();
      });
      this.#running.add(running);
    }
  }

  async #run(entry: Entry<Progress>): Promise<void> {
    const note = (progress: Progress): void => {
      entry.progress = progress;
    };
    try {
      await entry.work(entry.abort.signal, note);
      this.#end(entry, { type: "BUILT", atMs: this.#options.clock.now() });
    } catch (error) {
      this.#end(entry, this.#failed(failureText(error)), errorText(error));
    }
  }

  #failed(error: string): BuildJobEvent {
    return { type: "FAILED", atMs: this.#options.clock.now(), error };
  }

  #end(entry: Entry<Progress>, event: BuildJobEvent, cause?: string): void {
    const { name, log, metrics } = this.#options;
    entry.job = jobAfter(entry.job, event);
    const { startedAtMs, finishedAtMs, error } = entry.job.context;
    const durationMs = Math.round((finishedAtMs ?? 0) - (startedAtMs ?? 0));
    const labels = { job: name, result: entry.job.value };
    metrics.count("replay_jobs_total", labels);
    metrics.time("replay_job_duration_ms", durationMs, labels);
    const fields = { job: name, job_id: entry.id, duration_ms: durationMs };
    if (error === null) log.info("replay.job_done", fields);
    else log.warn("replay.job_failed", { ...fields, error, cause: cause ?? null });
    this.#forgetOld();
  }

  #forgetOld(): void {
    const ended = [...this.#entries.values()].filter(({ job }) => job.value !== "building");
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_JOBS))) this.#entries.delete(id);
  }
}

/** What clients are told: the code of a build that failed for a known reason, otherwise the text. */
function failureText(error: unknown): string {
  const text = error instanceof ReplayBuildError ? error.code : errorText(error);
  return text === "" ? UNKNOWN_ERROR : text;
}
