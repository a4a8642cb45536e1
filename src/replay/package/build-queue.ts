/** Builds one after the other, in the order in which they were asked for. */
import { ReplayBuildError } from "./archive.js";

/** Builds that may wait for another to end. */
export const MAX_WAITING_BUILDS = 64;

interface Waiting {
  readonly begin: () => void;
}

export class BuildQueue {
  readonly #maxWaiting: number;
  readonly #waiting = new Set<Waiting>();
  #isBusy = false;

  constructor(maxWaiting = MAX_WAITING_BUILDS) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Does the work when all before it is done.
   * @param signal takes it out of the queue. @throws ReplayBuildError `build_queue_full` or `build_aborted`, or what `work` throws.
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) await this.#wait(signal);
    this.#isBusy = true;
    try {
      if (signal.aborted) throw aborted();
      return await work();
    } finally {
      this.#next();
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) {
      throw new ReplayBuildError(
        "build_queue_full",
        `${this.#waiting.size} builds are waiting already; ask again later`,
      );
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        reject(aborted());
      };
      const waiting: Waiting = {
        begin: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** The next one begins in this turn of the loop or a later one; until then nobody else may. */
  #next(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isBusy = false;
      return;
    }
    this.#waiting.delete(next);
    next.begin();
  }
}

function aborted(): ReplayBuildError {
  return new ReplayBuildError("build_aborted", "the build was ended before it began");
}
