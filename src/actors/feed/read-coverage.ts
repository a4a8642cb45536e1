/**
 * Tail coverage on behalf of readers. A read is answered from the store first and never waits: what is missing is there
 * for the next one. Readers of one series share a coverage. Spec: http-api §3.1, ingest §8.4.
 */
import type { Clock } from "../../clock/clock.js";
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

interface Last {
  readonly isOver: boolean;
  readonly notBeforeMs: number;
  /** Number of the slot in which it was asked, and candles that were wanted, when nothing went wrong. */
  readonly slot: number | null;
  readonly target: number;
}

export class ReadCoverage {
  readonly #options: ReadCoverageOptions;
  /** In the order of the last coverage. */
  readonly #last = new Map<string, Last>();
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: ReadCoverageOptions) {
    this.#options = options;
  }

  /** The newest `limit` candles of a series have been read. Returns at once. */
  read(series: SeriesId, limit: number): void {
    const { clock, maxCandles, isKnown } = this.#options;
    const target = Math.min(limit, maxCandles ?? limit);
    const last = this.#last.get(series.text);
    if (last !== undefined && !this.#isDue(last, this.#slot(series), target)) return;
    if (this.#isStopped || this.#underWay.size >= MAX_COVERAGES || !isKnown(series)) return;
    this.#remember(series, { isOver: false, notBeforeMs: clock.monotonic() + COOLDOWN_MS, slot: null, target });
    const covering: Promise<void> = this.#cover(series, target).finally(() => this.#underWay.delete(covering));
    this.#underWay.add(covering);
  }

  /** Begins nothing more. Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#underWay);
  }

  /** What was covered in this slot of the clock has nothing new to get before the next one. */
  #isDue({ isOver, notBeforeMs, slot, target }: Last, nowSlot: number, wanted: number): boolean {
    if (!isOver || this.#options.clock.monotonic() < notBeforeMs) return false;
    return slot !== nowSlot || wanted > target;
  }

  async #cover(series: SeriesId, target: number): Promise<void> {
    const { clock, log, cover } = this.#options;
    const slot = this.#slot(series);
    let hasFailed = true;
    try {
      hasFailed = (await cover(series, target)).errors.length > 0;
    } catch (error) {
      log.warn("tail_coverage.failed", { series_id: series.text, error: errorText(error) });
    }
    const pauseMs = hasFailed ? COOLDOWN_AFTER_FAILURE_MS : COOLDOWN_MS;
    const notBeforeMs = clock.monotonic() + pauseMs;
    this.#remember(series, { isOver: true, notBeforeMs, slot: hasFailed ? null : slot, target });
  }

  #slot({ timeframeSeconds }: SeriesId): number {
    return Math.floor((this.#options.clock.now() - SETTLED_MS) / (timeframeSeconds * 1000));
  }

  #remember({ text }: SeriesId, last: Last): void {
    this.#last.delete(text);
    const [oldest] = this.#last.keys();
    if (oldest !== undefined && this.#last.size >= MAX_REMEMBERED_SERIES) this.#last.delete(oldest);
    this.#last.set(text, last);
  }
}
