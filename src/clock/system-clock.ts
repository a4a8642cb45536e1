/**
 * The one module that touches the machine's clock and timers. Speed 1 is real time; another speed makes virtual time
 * run faster or slower than the machine's, for every timer and timestamp of the process alike, so that two processes
 * started with the same {@link ClockScale} agree about the time.
 */
import type { Clock, TimerHandle } from "./clock.js";

/** Virtual time = `virtualMs` + (real now − `realMs`) · `speed`; both in milliseconds since the Unix epoch, UTC. */
export interface ClockScale {
  readonly virtualMs: number;
  readonly realMs: number;
  readonly speed: number;
}

/** No deadline of input or output gets shorter than this much real time through scaling, in milliseconds. */
export const IO_TIMEOUT_REAL_FLOOR_MS = 2_000;

/** Node's timers fire at once when asked for more than this; longer waits are made of several. */
const LONGEST_REAL_TIMER_MS = 2 ** 31 - 1;

interface RealTimer {
  handle: NodeJS.Timeout | undefined;
}

export function createSystemClock(scale?: ClockScale): Clock {
  const speed = scale?.speed ?? 1;
  const startReal = performance.now();

  const startTimer = (callback: () => void, realMs: number): TimerHandle => {
    const timer: RealTimer = { handle: undefined };
    const due = performance.now() + Math.max(0, realMs);
    const wait = (leftMs: number): void => {
      timer.handle = setTimeout(look, Math.min(Math.ceil(leftMs), LONGEST_REAL_TIMER_MS));
    };
    // Node's timers cut off fractions and may fire early; nothing that waits for a time may be called before it.
    const look = (): void => {
      const leftMs = due - performance.now();
      if (leftMs > 0) wait(leftMs);
      else callback();
    };
    wait(due - performance.now());
    return timer;
  };

  return {
    now: () => (scale === undefined ? Date.now() : scale.virtualMs + (preciseRealNow() - scale.realMs) * speed),
    monotonic: () => (performance.now() - startReal) * speed,
    setTimeout: (callback, ms) => startTimer(callback, ms / speed),
    clearTimeout: (handle) => clearTimeout((handle as RealTimer | undefined)?.handle),
    ioTimeout: (callback, ms) => startTimer(callback, Math.max(ms / speed, Math.min(ms, IO_TIMEOUT_REAL_FLOOR_MS))),
    immediate: (callback) => {
      setImmediate(callback);
    },
  };
}

/** Real milliseconds since the epoch with a fraction: at speed 60 a whole millisecond is 60 virtual ones. */
function preciseRealNow(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Parses `TRADE_CANVAS_SIM_CLOCK`, `"<virtual_ms>@<real_ms>x<speed>"`.
 * @throws Error naming the value and the expected form.
 */
export function parseClockScale(text: string): ClockScale {
  const match = /^(\d+(?:\.\d+)?)@(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)$/.exec(text.trim());
  const [virtualMs, realMs, speed] = (match ?? []).slice(1).map(Number);
  if (virtualMs === undefined || realMs === undefined || speed === undefined || speed <= 0) {
    throw new Error(
      `TRADE_CANVAS_SIM_CLOCK: '${text}' is not of the form <virtual_ms>@<real_ms>x<speed> with a speed above 0, for example 1746403200000@1764000000000x60`,
    );
  }
  return { virtualMs, realMs, speed };
}

/** The text that {@link parseClockScale} reads back, to hand the clock of this process to another one. */
export function formatClockScale(scale: ClockScale): string {
  return `${scale.virtualMs}@${scale.realMs}x${scale.speed}`;
}
