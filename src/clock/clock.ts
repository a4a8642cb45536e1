/**
 * The clock port. Everything in this program that knows the time or waits gets one of these injected; nothing else may
 * read the time (a lint rule checks it). A clock may be real, scaled (demo, tests against a simulator in another process)
 * or simulated (tests that own time).
 */

/** What {@link Clock.setTimeout} returns; only good for {@link Clock.clearTimeout} of the same clock. */
export type TimerHandle = object;

/** Tells the time of day, its own or an exchange's. */
export interface WallClock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
}

export interface Clock extends WallClock {
  /** Milliseconds that never jump; only differences mean something. */
  monotonic(): number;
  /** Calls back once, `ms` milliseconds of this clock from now. Compatible with xstate's `clock` option. */
  setTimeout(callback: () => void, ms: number): TimerHandle;
  clearTimeout(handle: TimerHandle | undefined): void;
  /**
   * Like {@link setTimeout}, for deadlines of input and output: a scaled clock shortens them no further than to a floor
   * of real time, because the operating system and the network do not run faster with the clock.
   */
  ioTimeout(callback: () => void, ms: number): TimerHandle;
  /** Calls back in a later turn of the event loop, at the same time: lets other work pass between slices of a long one. */
  immediate(callback: () => void): void;
}

/** Resolves after `ms` milliseconds of the clock; at once, and without waiting, when `signal` is or becomes aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = clock.setTimeout(finish, ms);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Does work whose signal is aborted when it has not ended after `limitMs` milliseconds: a deadline of input and output. */
export async function withLimit<T>(
  clock: Clock,
  limitMs: number,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = clock.ioTimeout(() => limit.abort(), limitMs);
  try {
    return await work(limit.signal);
  } finally {
    clock.clearTimeout(timer);
  }
}

/** Resolves in a later turn of the event loop. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.immediate(resolve));
}

/** Whole seconds since the Unix epoch, UTC, as all candle times are counted. */
export function nowSeconds(clock: WallClock): number {
  return Math.floor(clock.now() / 1000);
}
