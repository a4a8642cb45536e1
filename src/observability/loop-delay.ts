/** How busy this process is: by how much the turns of its event loop are late. */
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Finest step of the measurement, in milliseconds; it is part of every reading of Node's histogram. */
const RESOLUTION_MS = 20;

export interface LoopDelay {
  /** Mean lateness of the turns since the last reading, in milliseconds of the machine; undefined when none has ended. */
  read(): number | undefined;
  stop(): void;
}

/** Measures from now on, on the machine's own clock: a scaled one does not make the machine faster. */
export function measureLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    read: () => {
      const { count, mean } = histogram;
      histogram.reset();
      return count === 0 ? undefined : Math.max(0, mean / 1e6 - RESOLUTION_MS);
    },
    stop: () => {
      histogram.disable();
    },
  };
}
