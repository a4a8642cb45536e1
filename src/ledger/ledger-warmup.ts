/**
 * Brings the ledgers of a series up to its candles after they were read, so that who reads the factors next finds them. The
 * read itself never waits. Spec: ingest §8.3.
 */
import type { Clock } from "../clock/clock.js";
import { PacedRuns } from "../clock/paced-runs.js";
import type { SeriesId } from "../market/series-id.js";
import type { DebugNote } from "../observability/debug-hub.js";
import type { LedgerSync } from "./ledger-sync.js";

/** The same candle, or an earlier one, is not warmed up to again before this long after the last time, in milliseconds. */
export const WARMUP_COOLDOWN_MS = 2_000;

/** Warm-ups under way at once: a ledger that is far behind is work for the one thread that serves everybody. */
export const MAX_WARMUPS = 4;

/** Series whose last warm-up is remembered. */
const MAX_REMEMBERED_SERIES = 1_000;

export interface LedgerWarmupOptions {
  readonly clock: Clock;
  readonly sync: Pick<LedgerSync, "headSnapshot" | "refreshIfNeeded" | "requireHeadsReady">;
  /** Told of every warm-up: failures are shown nowhere else. */
  readonly note: (note: DebugNote) => void;
}

export class LedgerWarmup {
  readonly #options: LedgerWarmupOptions;
  readonly #runs: PacedRuns<number>;

  constructor(options: LedgerWarmupOptions) {
    this.#options = options;
    const { clock } = options;
    this.#runs = new PacedRuns({ clock, maxAtOnce: MAX_WARMUPS, maxRemembered: MAX_REMEMBERED_SERIES });
  }

  /**
   * Candles of a series have been read. Returns at once.
   * @param headTime its newest stored time in seconds; null when there is none.
   */
  read(id: SeriesId, headTime: number | null): void {
    if (headTime === null || headTime <= 0) return;
    this.#runs.ask({
      key: id.text,
      isDue: ({ what, sinceMs }) => headTime > what || sinceMs >= WARMUP_COOLDOWN_MS,
      work: () => this.#warmUp(id, headTime),
    });
  }

  /** Begins nothing more. Resolves when what is under way has ended. */
  stop(): Promise<void> {
    return this.#runs.stop();
  }

  async #warmUp(id: SeriesId, target: number): Promise<number> {
    const { sync, note } = this.#options;
    const before = sync.headSnapshot(id);
    const { steps, error } = await this.#refresh(id, target);
    const after = sync.headSnapshot(id);
    const data = {
      target_time: target,
      factor_head_before: before.factor,
      overlay_head_before: before.overlay,
      factor_head_after: after.factor,
      overlay_head_after: after.overlay,
      steps,
    };
    const told = { pipe: "read", event: "read.http.market_candles_ledger_warmup", series: id.text } as const;
    note(error === undefined ? { ...told, data } : { ...told, level: "warn", data: { ...data, error } });
    return target;
  }

  /** A step that fails is not thrown: its ledger stays where it was. */
  async #refresh(
    id: SeriesId,
    target: number,
  ): Promise<{ readonly steps: readonly string[]; readonly error?: string }> {
    const { sync } = this.#options;
    let steps: readonly string[] = [];
    try {
      const result = await sync.refreshIfNeeded(id, target);
      steps = result.steps;
      if (result.refreshed) sync.requireHeadsReady(id, target);
      return { steps };
    } catch (error) {
      return { steps, error: (error as Error).message };
    }
  }
}
