/** What is done over and over while the runtime works. */
import type { Clock, TimerHandle } from "../clock/clock.js";

export interface Duty {
  start(): void;
  stop(): void;
}

/** Works every `intervalMs` milliseconds of the clock, for the first time after the first interval. */
export function every(clock: Clock, intervalMs: number, work: () => void): Duty {
  let timer: TimerHandle | undefined;
  const start = (): void => {
    timer = clock.setTimeout(() => {
      work();
      start();
    }, intervalMs);
  };
  return { start, stop: () => clock.clearTimeout(timer) };
}
