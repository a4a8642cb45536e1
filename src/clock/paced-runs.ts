/**
 * Work in the background that is asked for again and again, by key: never two at once for a key, not again before it is due,
 * and so many keys at a time. Who asks never waits. Spec: ingest §8.4.
 */
import type { Clock } from "./clock.js";

/** The last run of a key. */
export interface LastRun<What> {
  /** What it was for, or what has become of it. */
  readonly what: What;
  /** Since it ended, in milliseconds of the monotonic clock. */
  readonly sinceMs: number;
}

export interface PacedRunsOptions {
  readonly clock: Clock;
  /** Runs under way at once; what is asked for beyond them is not done. */
  readonly maxAtOnce: number;
  /** Keys whose last run is remembered; more than run at once. Beyond it the one that ran first is forgotten. */
  readonly maxRemembered: number;
}

export interface RunRequest<What> {
  readonly key: string;
  /** Whether it is time again, and worth it; a key that is not remembered is always due. */
  readonly isDue: (last: LastRun<What>) => boolean;
  /** Resolves with what the next one who asks is to know. Must not reject. */
  readonly work: () => Promise<What>;
}

type Slot<What> =
  | { readonly state: "running" }
  | { readonly state: "over"; readonly what: What; readonly atMs: number };

export class PacedRuns<What> {
  readonly #options: PacedRunsOptions;
  /** In the order of their last change. */
  readonly #slots = new Map<string, Slot<What>>();
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: PacedRunsOptions) {
    this.#options = options;
  }

  /** Begins the work unless it is under way, not due, or there is no room. Returns at once. */
  ask({ key, isDue, work }: RunRequest<What>): void {
    const slot = this.#slots.get(key);
    if (slot?.state === "running" || this.#isStopped || this.#underWay.size >= this.#options.maxAtOnce) return;
    if (slot !== undefined && !isDue({ what: slot.what, sinceMs: this.#options.clock.monotonic() - slot.atMs })) return;
    this.#remember(key, { state: "running" });
    const running: Promise<void> = this.#run(key, work).finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }

  /** Begins nothing more. Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#underWay);
  }

  async #run(key: string, work: () => Promise<What>): Promise<void> {
    const what = await work();
    this.#remember(key, { state: "over", what, atMs: this.#options.clock.monotonic() });
  }

  #remember(key: string, slot: Slot<What>): void {
    this.#slots.delete(key);
    if (this.#slots.size >= this.#options.maxRemembered) {
      const oldest = this.#oldestThatIsOver();
      if (oldest !== undefined) this.#slots.delete(oldest);
    }
    this.#slots.set(key, slot);
  }

  /** What is under way is never forgotten: it would be begun a second time. */
  #oldestThatIsOver(): string | undefined {
    for (const [key, { state }] of this.#slots) if (state === "over") return key;
    return undefined;
  }
}
