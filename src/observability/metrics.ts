/** Counters, gauges and timers of the running process. Spec: http-api §4.2. */
import type { Clock } from "../clock/clock.js";

export type Labels = Readonly<Record<string, string>>;

export interface MetricsSnapshot {
  readonly enabled: boolean;
  /** Unix time in milliseconds of the last change; 0 if there was none. */
  readonly updated_at_ms: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  readonly timers: Readonly<Record<string, TimerView>>;
}

export interface TimerView {
  readonly count: number;
  readonly total_ms: number;
  readonly max_ms: number;
  readonly avg_ms: number;
}

/** How often something took how long. */
export interface DurationHistogram {
  /** How many took no longer than each of {@link DURATION_BOUNDS_S}, and, at the end, longer than all of them. */
  readonly counts: readonly number[];
  readonly sumS: number;
}

/** Upper bounds of the classes of durations, in seconds. */
export const DURATION_BOUNDS_S: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** One value with its name and labels. */
export interface Recorded<T> {
  readonly name: string;
  readonly labels: Labels;
  readonly value: T;
}

/** Everything that is recorded, in no order. */
export interface RecordedMetrics {
  readonly counters: readonly Recorded<number>[];
  readonly gauges: readonly Recorded<number>[];
  readonly timers: readonly Recorded<Pick<TimerView, "count" | "total_ms">>[];
  readonly histograms: readonly Recorded<DurationHistogram>[];
}

/** Different keys that are kept of each kind; series ids are labels, and their number must not grow without end. */
const MAX_KEYS = 20_000;

interface Timer {
  count: number;
  totalMs: number;
  maxMs: number;
}

export class Metrics {
  readonly #clock: Clock;
  readonly #enabled: boolean;
  readonly #counters = new Map<string, Recorded<number>>();
  readonly #gauges = new Map<string, Recorded<number>>();
  readonly #timers = new Map<string, Recorded<Timer>>();
  readonly #histograms = new Map<string, Recorded<DurationHistogram>>();
  #updatedAtMs = 0;

  /** Nothing is recorded unless enabled. */
  constructor(clock: Clock, enabled: boolean) {
    this.#clock = clock;
    this.#enabled = enabled;
  }

  count(name: string, labels: Labels = {}, by = 1): void {
    this.#update(this.#counters, name, labels, (before) => (before ?? 0) + by);
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    this.#update(this.#gauges, name, labels, () => value);
  }

  /** Moves a gauge up or down. */
  adjust(name: string, by: number, labels: Labels = {}): void {
    this.#update(this.#gauges, name, labels, (before) => (before ?? 0) + by);
  }

  time(name: string, durationMs: number, labels: Labels = {}): void {
    this.#update(this.#timers, name, labels, (before) => ({
      count: (before?.count ?? 0) + 1,
      totalMs: (before?.totalMs ?? 0) + durationMs,
      maxMs: Math.max(before?.maxMs ?? 0, durationMs),
    }));
  }

  /** Counts a duration, in milliseconds, in its class. */
  observe(name: string, durationMs: number, labels: Labels = {}): void {
    const s = durationMs / 1000;
    const found = DURATION_BOUNDS_S.findIndex((bound) => s <= bound);
    const at = found === -1 ? DURATION_BOUNDS_S.length : found;
    this.#update(this.#histograms, name, labels, (before) => {
      const counts = before?.counts ?? Array.from({ length: DURATION_BOUNDS_S.length + 1 }, () => 0);
      return { counts: counts.with(at, (counts[at] ?? 0) + 1), sumS: (before?.sumS ?? 0) + s };
    });
  }

  /** What is recorded, for another form than that of {@link snapshot}. */
  recorded(): RecordedMetrics {
    return {
      counters: [...this.#counters.values()],
      gauges: [...this.#gauges.values()],
      timers: [...this.#timers.values()].map(({ name, labels, value }) => ({
        name,
        labels,
        value: { count: value.count, total_ms: value.totalMs },
      })),
      histograms: [...this.#histograms.values()],
    };
  }

  snapshot(): MetricsSnapshot {
    return {
      enabled: this.#enabled,
      updated_at_ms: this.#updatedAtMs,
      counters: sorted(this.#counters, (value) => value),
      gauges: sorted(this.#gauges, (value) => value),
      timers: sorted(this.#timers, ({ count, totalMs, maxMs }) => ({
        count,
        total_ms: totalMs,
        max_ms: maxMs,
        avg_ms: totalMs / count,
      })),
    };
  }

  #update<T>(map: Map<string, Recorded<T>>, name: string, labels: Labels, change: (before: T | undefined) => T): void {
    if (!this.#enabled) return;
    const key = metricKey(name, labels);
    const before = map.get(key);
    if (map.size >= MAX_KEYS && before === undefined) return;
    map.set(key, { name, labels: before?.labels ?? labels, value: change(before?.value) });
    this.#updatedAtMs = Math.round(this.#clock.now());
  }
}

function metricKey(name: string, labels: Labels): string {
  const parts = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${labels[label]}`);
  return parts.length === 0 ? name : `${name}{${parts.join(",")}}`;
}

function sorted<T, V>(map: ReadonlyMap<string, Recorded<T>>, view: (value: T) => V): Record<string, V> {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, { value }]) => [key, view(value)]));
}
