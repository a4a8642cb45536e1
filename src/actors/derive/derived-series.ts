/**
 * What is to be done for one derived series, kept until it is done: one range to make and one to make again, however much
 * is asked for. It outlives failures and restarts of the series; a restart of the process finds the rest by the heads.
 * Spec: ingest §7, D-18; docs/derived-timeframes.md.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { DeriveStep } from "../ingest/derive.js";
import { errorText } from "../runtime/errors.js";

/** What failed is tried again after this long, in milliseconds, or with the next bucket. */
export const DERIVE_RETRY_MS = 2_000;

export interface DerivedSeriesOptions {
  readonly id: SeriesId;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Has the series' own tree do one step. @returns where the next one begins. */
  readonly step: (step: DeriveStep) => Promise<number | undefined>;
}

/** Base candles of which buckets are to be made again; seconds, both ends included. */
interface Range {
  readonly fromS: number;
  readonly toS: number;
}

/** What is to be done; `closedFromS` as in {@link DeriveStep}. */
interface Due {
  readonly closedFromS: number | undefined;
  readonly again: Range | undefined;
}

const NOTHING: Due = { closedFromS: undefined, again: undefined };

export class DerivedSeries {
  readonly id: SeriesId;
  readonly #options: DerivedSeriesOptions;
  #due: Due = NOTHING;
  #working: Promise<void> | undefined;
  #retry: TimerHandle | undefined;
  #hasFailed = false;
  #stopped = false;

  constructor(options: DerivedSeriesOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** Base candles from `closedFromS` on are stored, and new. Resolves when their buckets are published, or that has failed. */
  closed(closedFromS: number): Promise<void> {
    return this.#add({ closedFromS, again: undefined });
  }

  /** Base candles of a range are others than they were. */
  changed(again: Range): void {
    void this.#add({ closedFromS: undefined, again });
  }

  /** Comes level with the base; what has been made of a range is compared with it. */
  catchUp(again: Range | undefined): void {
    void this.#add({ closedFromS: Number.POSITIVE_INFINITY, again });
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#stopped = true;
    this.#options.clock.clearTimeout(this.#retry);
  }

  #add(due: Due): Promise<void> {
    this.#due = both(this.#due, due);
    return this.#start();
  }

  #start(): Promise<void> {
    this.#options.clock.clearTimeout(this.#retry);
    if (this.#stopped) return Promise.resolve();
    this.#working ??= this.#work();
    return this.#working;
  }

  /** Does what is due, and what becomes due meanwhile. Never rejects. */
  async #work(): Promise<void> {
    while (this.#due !== NOTHING && !this.#stopped) {
      const due = this.#due;
      this.#due = NOTHING;
      try {
        await this.#do(due);
        this.#hasFailed = false;
      } catch (error) {
        this.#due = both(due, this.#due);
        this.#failed(error);
        break;
      }
    }
    this.#working = undefined;
  }

  async #do({ closedFromS, again }: Due): Promise<void> {
    if (closedFromS !== undefined) await this.#steps((fromS) => ({ type: "onward", closedFromS, ...fromS }));
    if (again !== undefined) await this.#steps((fromS) => ({ type: "again", ...again, ...fromS }));
  }

  async #steps(stepFrom: (from: { readonly fromS?: number }) => DeriveStep): Promise<void> {
    let nextS = await this.#options.step(stepFrom({}));
    while (nextS !== undefined && !this.#stopped) nextS = await this.#options.step(stepFrom({ fromS: nextS }));
  }

  #failed(error: unknown): void {
    const { id, clock, log } = this.#options;
    if (this.#stopped) return;
    const fields = { series_id: id.text, error: errorText(error), retry_in_s: DERIVE_RETRY_MS / 1000 };
    // Told once: it is tried again every few seconds, for as long as it takes.
    if (this.#hasFailed) log.debug("derive.failed", fields);
    else log.warn("derive.failed", fields);
    this.#hasFailed = true;
    this.#retry = clock.setTimeout(() => void this.#start(), DERIVE_RETRY_MS);
  }
}

function both(a: Due, b: Due): Due {
  if (a === NOTHING) return b;
  if (b === NOTHING) return a;
  const closedFromS =
    a.closedFromS === undefined || b.closedFromS === undefined
      ? (a.closedFromS ?? b.closedFromS)
      : Math.min(a.closedFromS, b.closedFromS);
  const again =
    a.again === undefined || b.again === undefined
      ? (a.again ?? b.again)
      : { fromS: Math.min(a.again.fromS, b.again.fromS), toS: Math.max(a.again.toS, b.again.toS) };
  return { closedFromS, again };
}
