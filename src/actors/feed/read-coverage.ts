/**
 * Tail coverage on behalf of readers. A read is answered from the store first and never waits: what is missing is there
 * for the next one. Readers of one series share a coverage. Spec: http-api §3.1, ingest §8.4.
 */
import type { Clock } from "../../clock/clock.js";
import { type LastRun, PacedRuns } from "../../clock/paced-runs.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import { errorText } from "../runtime/errors.js";
import type { Coverage } from "./tail-coverage.js";

/** A series is not covered again before this long after the last time, in milliseconds; longer after a failure. */
export const COOLDOWN_MS = 2_000;
export const COOLDOWN_AFTER_FAILURE_MS = 30_000;

/** Coverages under way at once; readers of further series get none for now. */
export const MAX_COVERAGES = 16;

/** What has closed is taken for available this long after its close, in milliseconds. */
const SETTLED_MS = 5_000;

/** Series whose last coverage is remembered. */
const MAX_REMEMBERED_SERIES = 1_000;

export interface ReadCoverageOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  /** Whether there is anything that could be covered: a stored series, or one of an exchange that is known. */
  readonly isKnown: (series: SeriesId) => boolean;
  /** Covers the newest candles of a series. */
  readonly cover: (series: SeriesId, target: number) => Promise<Coverage>;
  /** Candles that a read may have covered at most; undefined: as many as it reads. */
  readonly maxCandles: number | undefined;
}

/** What the next reader is to know of a coverage. */
interface Covered {
  /** Number of the slot in which it was asked for; null when something went wrong. */
  readonly slot: number | null;
  /** Candles that were wanted. */
  readonly target: number;
}

export class ReadCoverage {
  readonly #options: ReadCoverageOptions;
  readonly #runs: PacedRuns<Covered>;

  constructor(options: ReadCoverageOptions) {
    this.#options = options;
    const { clock } = options;
    this.#runs = new PacedRuns({ clock, maxAtOnce: MAX_COVERAGES, maxRemembered: MAX_REMEMBERED_SERIES });
  }

  /** The newest `limit` candles of a series have been read. Returns at once. */
  read(series: SeriesId, limit: number): void {
    const { maxCandles, isKnown } = this.#options;
    const target = Math.min(limit, maxCandles ?? limit);
    if (!isKnown(series)) return;
    this.#runs.ask({
      key: series.text,
      isDue: (last) => isDue(last, this.#slot(series), target),
      work: () => this.#cover(series, target),
    });
  }

  /** Begins nothing more. Resolves when what is under way has ended. */
  stop(): Promise<void> {
    return this.#runs.stop();
  }

  async #cover(series: SeriesId, target: number): Promise<Covered> {
    const { log, cover } = this.#options;
    const slot = this.#slot(series);
    try {
      const { errors } = await cover(series, target);
      return { slot: errors.length > 0 ? null : slot, target };
    } catch (error) {
      log.warn("tail_coverage.failed", { series_id: series.text, error: errorText(error) });
      return { slot: null, target };
    }
  }

  #slot({ timeframeSeconds }: SeriesId): number {
    return Math.floor((this.#options.clock.now() - SETTLED_MS) / (timeframeSeconds * 1000));
  }
}

/** What was covered in this slot of the clock has nothing new to get before the next one. */
function isDue({ what: { slot, target }, sinceMs }: LastRun<Covered>, nowSlot: number, wanted: number): boolean {
  if (sinceMs < (slot === null ? COOLDOWN_AFTER_FAILURE_MS : COOLDOWN_MS)) return false;
  return slot !== nowSlot || wanted > target;
}
