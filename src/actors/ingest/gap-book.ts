/**
 * The gap ledger of one series: keeps the record of the hole that is open, and those of candles that are absent at the
 * source. Spec: docs/feed.md, "The gap ledger"; binance-protocol F12, F32.
 */
import type { Clock } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import {
  type AbsentGap,
  attemptedGap,
  filledGap,
  type Gap,
  type GapCause,
  isOpenGap,
  nextRecheckMs,
  openedGap,
  type RepairingGap,
  reboundGap,
  recheckedGap,
  reopenedGap,
  resolvedGap,
  unrepairableGap,
} from "../../market/gap.js";
import { gridAfter, gridBefore, missingRanges } from "../../market/gap-ranges.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { Store } from "../../storage/store.js";
import { GapJournal } from "./gap-journal.js";
import { isPowerOfTwo } from "./power-of-two.js";
import type { Hole } from "./sequencer.js";
import { storedMissing } from "./stored-missing.js";

export interface GapBookOptions {
  readonly id: SeriesId;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly metrics: Metrics;
  /** Tells that a gap is not what it was; called when that is stored. */
  readonly tell: (gap: Gap) => void;
}

/** The gap of the hole that is open. */
interface OpenGap {
  readonly gap: RepairingGap;
  /** Newest candle that was closed when it was last looked at, in seconds: an open-ended gap reaches up to it. */
  readonly newest: number;
  /**
   * hidden: so far it may be an ordinary late final or a quiet market, which are no gaps; nothing is written.
   * continued: hidden too, but the record of an absent gap before it goes on with it. kept: on record.
   */
  readonly standing: "hidden" | "continued" | "kept";
}

export class GapBook {
  readonly #options: GapBookOptions;
  readonly #journal: GapJournal;
  readonly #absent = new Map<number, AbsentGap>();
  #open: OpenGap | undefined;
  #nextId: number;

  constructor(options: GapBookOptions) {
    this.#options = options;
    const { store, id, log, tell } = options;
    this.#journal = new GapJournal({ series: id.text, store, log, tell });
    const newest = store.gaps(id.text, { limit: 1 });
    this.#nextId = Math.max(0, ...newest.gaps.map((gap) => gap.id), ...newest.damaged) + 1;
    const { gaps, damaged } = store.unfilledGaps(id.text);
    if (damaged.length > 0) log.error("gap.record_damaged", { ids: damaged });
    for (const gap of gaps) {
      if (gap.state === "absent_at_source") this.#absent.set(gap.id, gap);
    }
    const open = gaps.findLast(isOpenGap);
    if (open !== undefined) this.#open = { gap: open, newest: open.fromTime, standing: "kept" };
    this.#gaugeOpen();
  }

  /** Changes that must be part of the next commit. */
  unwritten(): readonly Gap[] {
    return this.#journal.unwritten();
  }

  /** A commit is durable and published. @param times of the candles that were not stored before, ascending, in seconds. */
  committed(times: readonly number[], gaps: readonly Gap[]): void {
    this.#journal.written(gaps);
    this.#filled(times);
  }

  /**
   * After what time, in seconds, candles of a gap are missing that an earlier feed left open; undefined when there is none.
   * @param newest the newest candle that is closed.
   */
  async resumeAfter(newest: number): Promise<number | undefined> {
    if (this.#open === undefined) return undefined;
    const { gap } = this.#open;
    const [first] = await this.#missingOf(gap, gap.toTime ?? newest);
    if (first === undefined) {
      await this.resolved(newest);
      return undefined;
    }
    return first.from - 1;
  }

  /** Candles are missing. A hole that goes on, or that takes up an open gap, is the same gap. */
  detected(hole: Hole, cause: GapCause, newest: number): void {
    const range = this.#rangeOf(hole);
    const open = this.#open ?? this.#begun(range.fromTime, cause);
    const gap = reboundGap(open.gap, range);
    this.#open = { ...open, gap, newest: Math.max(open.newest, newest) };
    const isOtherRange = gap.fromTime !== open.gap.fromTime || gap.toTime !== open.gap.toTime;
    if (open.standing === "kept" && isOtherRange) this.#note(gap);
    if (cause !== "final_overdue") this.#keep();
    void this.#journal.save();
  }

  /** The hole is too long to be repaired. @param upTo the newest candle that is closed, in seconds. */
  tooLong(hole: Hole, cause: GapCause, upTo: number): void {
    const { fromTime } = this.#rangeOf(hole);
    const { gap } = this.#open ?? this.#begun(fromTime, cause);
    this.#open = undefined;
    this.#close(unrepairableGap(gap, upTo, this.#nowMs()));
    void this.#journal.save();
  }

  /** The exchange was asked. @param error why that failed; null when it did not. */
  attempted(error: string | null): void {
    const open = this.#open;
    if (open === undefined) return;
    const gap = attemptedGap(open.gap, error, this.#nowMs());
    this.#open = { ...open, gap };
    if (open.standing === "kept" && isPowerOfTwo(gap.attempts)) this.#note(gap);
    if (error !== null) this.#keep();
    void this.#journal.save();
  }

  /** REST had candles that the stream had not brought: a market without trades is merely quiet. Written with the candles. */
  supplied(candles: readonly Candle[]): void {
    if (candles.some(({ volume }) => volume > 0)) this.#keep();
  }

  /** All that exists was asked for, and candles are still missing. */
  stillOpen(): void {
    if (this.#open?.standing !== "hidden") return;
    this.#keep();
    void this.#journal.save();
  }

  /** Finals have been released up to a time, in seconds, with no hole before it. */
  async released(timeS: number): Promise<void> {
    if (this.#open !== undefined && timeS >= (this.#open.gap.toTime ?? this.#open.newest)) await this.resolved(timeS);
  }

  /** All that exists up to a time, in seconds, is stored: what is still missing is absent at the source. */
  async resolved(upTo: number): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    const toTime = open.gap.toTime ?? Math.max(upTo, open.gap.fromTime);
    const missing = await this.#missingOf(open.gap, toTime);
    this.#open = undefined;
    // A late final, or a quiet market: all is there, and nothing was said of it.
    if (open.standing === "hidden" && missing.length === 0) return;
    const gap = resolvedGap(open.gap, toTime, missing, this.#nowMs());
    // An outage that goes on is closed again with every candle that it lacks: that is told once.
    if (open.standing === "continued" && gap.state === "absent_at_source") this.#setAbsent(gap);
    else this.#close(gap);
    await this.#journal.save();
  }

  /** A gap whose candles the exchange is to be asked for again by now; undefined when there is none. */
  dueForRecheck(): AbsentGap | undefined {
    const now = this.#nowMs();
    return [...this.#absent.values()].find((gap) => (nextRecheckMs(gap) ?? Number.POSITIVE_INFINITY) <= now);
  }

  /** The exchange was asked again, and what it had is stored. */
  rechecked(id: number): void {
    const gap = this.#absent.get(id);
    if (gap === undefined) return;
    this.#setAbsent(recheckedGap(gap, this.#nowMs()));
    void this.#journal.save();
  }

  /** Candles that were absent at the source have come after all. */
  #filled(times: readonly number[]): void {
    const [first, last] = [times[0], times.at(-1)];
    if (first === undefined || last === undefined) return;
    const { id, log, metrics } = this.#options;
    for (const gap of this.#absent.values()) {
      if (gap.toTime < first || gap.fromTime > last) continue;
      const left = gap.absent.flatMap((range) => missingRanges(range, times, id.timeframeSeconds));
      if (JSON.stringify(left) === JSON.stringify(gap.absent)) continue;
      const filled = filledGap(gap, left, this.#nowMs());
      if (filled.state === "absent_at_source") {
        this.#setAbsent(filled);
        continue;
      }
      this.#absent.delete(gap.id);
      this.#note(filled);
      log.info("gap.filled_late", { id: gap.id, from: gap.fromTime, to: gap.toTime });
      metrics.count("market_feed_gaps_filled_late_total", { cause: gap.cause });
    }
    void this.#journal.save();
  }

  #begun(fromTime: number, cause: GapCause): OpenGap {
    const { id } = this.#options;
    const before = [...this.#absent.values()].findLast(({ absent }) => {
      const last = absent.at(-1);
      return last !== undefined && last.from <= fromTime && fromTime <= last.to + id.timeframeSeconds;
    });
    if (before !== undefined) return { gap: reopenedGap(before), newest: fromTime, standing: "continued" };
    const gap = openedGap({ id: this.#nextId, cause, fromTime, toTime: null, nowMs: this.#nowMs() });
    return { gap, newest: fromTime, standing: "hidden" };
  }

  /** Puts the open gap on record. */
  #keep(): void {
    const open = this.#open;
    if (open === undefined || open.standing === "kept") return;
    this.#open = { ...open, standing: "kept" };
    this.#absent.delete(open.gap.id);
    this.#note(open.gap);
    if (open.standing === "hidden")
      this.#options.metrics.count("market_feed_gaps_opened_total", { cause: open.gap.cause });
    this.#gaugeOpen();
  }

  #close(gap: Exclude<Gap, RepairingGap>): void {
    const { log, metrics } = this.#options;
    const { id, cause, fromTime: from, toTime: to, state, attempts } = gap;
    if (state === "absent_at_source") this.#setAbsent(gap);
    else {
      this.#absent.delete(id);
      this.#note(gap);
    }
    metrics.count("market_feed_gaps_closed_total", { cause, outcome: state });
    this.#gaugeOpen();
    log.info("gap.closed", { id, cause, from, to, outcome: state, attempts });
  }

  #setAbsent(gap: AbsentGap): void {
    this.#absent.set(gap.id, gap);
    this.#note(gap);
  }

  #note(gap: Gap): void {
    this.#journal.note(gap);
    this.#nextId = Math.max(this.#nextId, gap.id + 1);
  }

  #missingOf({ fromTime }: RepairingGap, toTime: number) {
    const { store, clock, id } = this.#options;
    return storedMissing({ store, clock, series: id }, { from: fromTime, to: toTime });
  }

  #rangeOf({ afterTime, beforeTime }: Hole): Pick<RepairingGap, "fromTime" | "toTime"> {
    const { timeframeSeconds } = this.#options.id;
    const fromTime = gridAfter(afterTime, timeframeSeconds);
    const toTime = beforeTime === null ? null : Math.max(fromTime, gridBefore(beforeTime, timeframeSeconds));
    return { fromTime, toTime };
  }

  /** Whole milliseconds: a scaled clock has fractions. */
  #nowMs(): number {
    return Math.round(this.#options.clock.now());
  }

  #gaugeOpen(): void {
    const { id, metrics } = this.#options;
    if (this.#nextId === 1 && this.#open === undefined) return;
    metrics.gauge("market_feed_gaps_open", this.#open?.standing === "kept" ? 1 : 0, { series_id: id.text });
  }
}
