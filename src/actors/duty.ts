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

/**
 * Works again and again, one time after the other: `pauseMs` milliseconds of the clock after it is started, and after each
 * time has ended.
 * @param work must not reject.
 */
export function inTurns(clock: Clock, pauseMs: number, work: () => Promise<void>): Duty {
  let timer: TimerHandle | undefined;
  let isStopped = false;
  const awaitTurn = (): void => {
    timer = clock.setTimeout(() => {
      void work().finally(() => {
        if (!isStopped) awaitTurn();
      });
    }, pauseMs);
  };
  const stop = (): void => {
    isStopped = true;
    clock.clearTimeout(timer);
  };
  return { start: awaitTurn, stop };
}
