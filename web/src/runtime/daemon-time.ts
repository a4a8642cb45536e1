/**
 * The daemon's clock as a page knows it: it is told with some answers, and goes on between them as fast as it has gone so far.
 * Pure. A daemon in a demonstration lives faster than the page.
 */

/** Samples closer to each other than this say nothing of the speed. Milliseconds of the page. */
const SHORTEST_MS = 900;

interface Sample {
  readonly daemonMs: number;
  readonly pageMs: number;
}

export interface DaemonTime {
  readonly last: Sample;
  /** Milliseconds of the daemon in one of the page. */
  readonly speed: number;
  readonly since: Sample;
}

/** @param before null for the first sample. */
export function sampled(before: DaemonTime | null, daemonMs: number, pageMs: number): DaemonTime {
  const last = { daemonMs, pageMs };
  if (before === null || daemonMs < before.last.daemonMs) return { last, since: last, speed: 1 };
  const passed = pageMs - before.since.pageMs;
  if (passed < SHORTEST_MS) return { ...before, last };
  return { last, since: last, speed: (daemonMs - before.since.daemonMs) / passed };
}

/** What the daemon's clock shows when the page's shows `pageMs`. */
export function daemonNow({ last, speed }: DaemonTime, pageMs: number): number {
  return last.daemonMs + (pageMs - last.pageMs) * speed;
}
