/** A table of jobs whose work ends when the test says so. */
import { type EventLog, silentLog } from "../../src/observability/event-log.js";
import { Metrics } from "../../src/observability/metrics.js";
import { JobTable, type Kept, type Reservation } from "../../src/replay/job-table.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

interface Running {
  readonly signal: AbortSignal;
  readonly note: (progress: number) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface JobWorld {
  readonly clock: SimulatedClock;
  readonly metrics: Metrics;
  readonly table: JobTable<number>;
  /** Ids of jobs whose work has begun, in order. */
  readonly begun: readonly string[];
  readonly logged: readonly (readonly [event: string, fields: unknown])[];
  reserve(id: string, kept?: Kept): Reservation;
  note(id: string, progress: number): void;
  finish(id: string, look?: (signal: AbortSignal) => void): Promise<void>;
  fail(id: string, error: unknown): Promise<void>;
}

export function jobWorld(maxRunning = 1): JobWorld {
  const clock = new SimulatedClock(1_000);
  const metrics = new Metrics(clock, true);
  const logged: [string, unknown][] = [];
  const write = (event: string, fields?: unknown): void => void logged.push([event, fields]);
  const log: EventLog = { ...silentLog, info: write, warn: write };
  const table = new JobTable<number>({ name: "test", clock, log, metrics, maxRunning });
  const begun: string[] = [];
  const running = new Map<string, Running>();
  const end = async (id: string, how: (job: Running) => void): Promise<void> => {
    const job = running.get(id);
    if (job === undefined) throw new Error(`job ${id} does not run`);
    running.delete(id);
    how(job);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    clock,
    metrics,
    table,
    begun,
    logged,
    reserve: (id, kept = false) => {
      const work = (signal: AbortSignal, note: (progress: number) => void): Promise<void> => {
        begun.push(id);
        return new Promise((resolve, reject) => running.set(id, { signal, note, resolve, reject }));
      };
      return table.reserve({ id, kept, progress: 0, work });
    },
    note: (id, progress) => running.get(id)?.note(progress),
    finish: (id, look) =>
      end(id, ({ signal, resolve }) => {
        look?.(signal);
        resolve();
      }),
    fail: (id, error) => end(id, ({ reject }) => reject(error)),
  };
}
