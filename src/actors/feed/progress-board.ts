/**
 * How far the backfills of all series have come. May be kept in a file, so that it outlives the process.
 * Spec: ingest §6.6.
 */
import { type Clock, nowSeconds } from "../../clock/clock.js";
import type { BackfillProgress, Missing } from "../../market/backfill-progress.js";
import type { EventLog } from "../../observability/event-log.js";
import { errorText } from "../runtime/errors.js";

/** Series whose progress is kept; beyond it the one that has not changed for longest is forgotten. */
export const MAX_TRACKED_SERIES = 1_000;

/** Where progress outlives the process. */
export interface ProgressFile {
  /** What was saved; empty when there is nothing, or nothing that can be read. */
  readonly load: () => Iterable<readonly [string, BackfillProgress]>;
  /** Rejects when it could not be written. Never called before the last call has settled. */
  readonly save: (states: ReadonlyMap<string, BackfillProgress>) => Promise<void>;
}

export interface ProgressBoardOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly file?: ProgressFile | undefined;
}

export class ProgressBoard {
  readonly #options: ProgressBoardOptions;
  /** In the order of their last change. */
  readonly #states = new Map<string, BackfillProgress>();
  #saving: Promise<void> | undefined;
  #unsaved = false;

  constructor(options: ProgressBoardOptions) {
    this.#options = options;
    for (const [series, progress] of options.file?.load() ?? []) {
      if (this.#states.size < MAX_TRACKED_SERIES) this.#states.set(series, endedWithProcess(progress));
    }
  }

  of(series: string): BackfillProgress | undefined {
    return this.#states.get(series);
  }

  begin(series: string, reason: string, missing: Missing): void {
    const nowS = nowSeconds(this.#options.clock);
    const course = { startedAtS: nowS, updatedAtS: nowS, start: missing, current: missing, reason };
    this.#set(series, { ...course, state: "running" });
  }

  /** Says what a running backfill still lacks. */
  advance(series: string, missing: Missing): void {
    this.#change(series, (course) => ({ ...course, current: missing, state: "running" }));
  }

  succeed(series: string, missing: Missing, note: string): void {
    this.#change(series, (course) => ({ ...course, current: missing, state: "succeeded", note }));
  }

  fail(series: string, missing: Missing, note: string, error: string): void {
    this.#change(series, (course) => ({ ...course, current: missing, state: "failed", note, error }));
  }

  /** Resolves when everything is saved, or could not be. */
  async flush(): Promise<void> {
    await this.#saving;
  }

  #change(series: string, next: (course: RunningProgress) => BackfillProgress): void {
    const before = this.#states.get(series);
    if (before?.state !== "running") return;
    this.#set(series, next({ ...before, updatedAtS: nowSeconds(this.#options.clock) }));
  }

  #set(series: string, progress: BackfillProgress): void {
    this.#states.delete(series);
    const [oldest] = this.#states.keys();
    if (oldest !== undefined && this.#states.size >= MAX_TRACKED_SERIES) this.#states.delete(oldest);
    this.#states.set(series, progress);
    this.#unsaved = true;
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
  }

  /** Changes that come while the file is written are written together, with the next turn. */
  async #save(): Promise<void> {
    const { file, log } = this.#options;
    while (file !== undefined && this.#unsaved) {
      this.#unsaved = false;
      try {
        await file.save(this.#states);
      } catch (error) {
        log.warn("backfill_progress.not_saved", { error: errorText(error) });
      }
    }
  }
}

type RunningProgress = Extract<BackfillProgress, { state: "running" }>;

/** What ran when the process ended does not run any longer: shown as running it would be so for ever. */
function endedWithProcess(progress: BackfillProgress): BackfillProgress {
  if (progress.state !== "running") return progress;
  return { ...progress, state: "failed", note: "interrupted", error: "the process ended before the backfill did" };
}
