/**
 * What becomes of a base series' candles in the series that are derived of it. One per base tree; the trees of the derived
 * series do the work. No failure of theirs is one of the base, and the base waits for them within a bound.
 * Spec: ingest §7, flags §2.5; docs/derived-timeframes.md.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import { type DerivedTimeframes, derivedOf } from "../../market/derived-timeframes.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { StoreReader } from "../../storage/store.js";
import type { DeriveStep } from "../ingest/derive.js";
import { DerivedSeries } from "./derived-series.js";

/** The base waits no longer than this for all its derived series together, in milliseconds. */
export const DERIVED_WAIT_MS = 250;

/** The tree of a derived series, as its base sees it. */
export interface DerivedTree {
  /** Makes candles. @returns where the next step begins. */
  derive(step: DeriveStep): Promise<number | undefined>;
  /** Whether anyone is subscribed. */
  readonly isWatched: boolean;
  /** Takes in the forming candle of the base. */
  baseForming(candle: Candle): void;
}

/** What all bases share. */
export interface DerivedLinks {
  readonly timeframes: DerivedTimeframes;
  /** Base candles of which a series without candles is made first, and which are compared when a feed begins. */
  readonly firstCandles: number;
  /** The tree of a derived series, started if need be. */
  readonly tree: (id: SeriesId) => Promise<DerivedTree>;
  readonly find: (series: string) => DerivedTree | undefined;
}

export interface FanOutOptions {
  readonly base: SeriesId;
  readonly links: DerivedLinks;
  readonly store: Pick<StoreReader, "read" | "head">;
  readonly clock: Clock;
  readonly log: EventLog;
}

/** Which of the derived series: all, or those whose id sorts before that of the base, or after it. */
export type FanOutPart = "all" | "before_base" | "after_base";

export class FanOut {
  readonly #options: FanOutOptions;
  /** Ascending by id. */
  readonly #derived: readonly DerivedSeries[];

  constructor(options: FanOutOptions) {
    this.#options = options;
    const { base, links, clock, log } = options;
    this.#derived = derivedOf(base, links.timeframes).map((id) => {
      const step = async (given: DeriveStep): Promise<number | undefined> => (await links.tree(id)).derive(given);
      return new DerivedSeries({ id, clock, log, step });
    });
  }

  /** The feed of the base begins: the derived series come level with it. */
  begin(): void {
    const { base, links, store } = this.#options;
    const { firstTime, lastTime } = store.read(base.text, { limit: links.firstCandles });
    const newest = firstTime === null || lastTime === null ? undefined : { fromS: firstTime, toS: lastTime };
    for (const one of this.#derived) one.catchUp(newest);
  }

  /**
   * The base has stored candles that close just now. Resolves when the buckets that end with them are published, one
   * series after the other by id, have failed, or have taken too long.
   * @param candles ascending, not empty
   */
  async closed(candles: readonly Candle[], part: FanOutPart): Promise<void> {
    const [first] = candles;
    const due = this.#derived.filter((one) => this.#isOf(one, part) && this.#endsBucket(candles, one));
    if (first === undefined || due.length === 0) return;
    const { clock } = this.#options;
    let limit: TimerHandle | undefined;
    const tooLong = new Promise<void>((resolve) => {
      limit = clock.ioTimeout(resolve, DERIVED_WAIT_MS);
    });
    for (const one of due) await Promise.race([one.closed(first.time), tooLong]);
    clock.clearTimeout(limit);
  }

  /** The base has stored candles of the past, or other values for them. @param candles ascending */
  changed(candles: readonly Candle[]): void {
    const [first, last] = [candles[0], candles.at(-1)];
    if (first === undefined || last === undefined) return;
    const { store, links } = this.#options;
    for (const one of this.#derived) {
      // Nothing is started for what nobody has derived or looks at.
      const { text } = one.id;
      const concerned = store.head(text).lastTime !== null || links.find(text)?.isWatched === true;
      if (concerned) one.changed({ fromS: first.time, toS: last.time });
    }
  }

  /** Shows those who look at a derived series what its bucket comes to. */
  forming(candle: Candle): void {
    for (const { id } of this.#derived) {
      const tree = this.#options.links.find(id.text);
      if (tree?.isWatched === true) tree.baseForming(candle);
    }
  }

  stop(): void {
    for (const one of this.#derived) one.stop();
  }

  #isOf({ id }: DerivedSeries, part: FanOutPart): boolean {
    return part === "all" || (part === "before_base") === id.text < this.#options.base.text;
  }

  #endsBucket(candles: readonly Candle[], { id }: DerivedSeries): boolean {
    const { timeframeSeconds } = this.#options.base;
    return candles.some(({ time }) => (time + timeframeSeconds) % id.timeframeSeconds === 0);
  }
}
