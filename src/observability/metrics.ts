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
  readonly #counters = new Map<string, number>();
  readonly #gauges = new Map<string, number>();
  readonly #timers = new Map<string, Timer>();
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

  #update<T>(map: Map<string, T>, name: string, labels: Labels, change: (before: T | undefined) => T): void {
    if (!this.#enabled) return;
    const key = metricKey(name, labels);
    if (map.size >= MAX_KEYS && !map.has(key)) return;
    map.set(key, change(map.get(key)));
    this.#updatedAtMs = Math.round(this.#clock.now());
  }
}

function metricKey(name: string, labels: Labels): string {
  const parts = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${labels[label]}`);
  return parts.length === 0 ? name : `${name}{${parts.join(",")}}`;
}

function sorted<T, V>(map: ReadonlyMap<string, T>, view: (value: T) => V): Record<string, V> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, view(value)]));
}
