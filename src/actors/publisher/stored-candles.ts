/** Where a subscription reads what it was not sent: the store, and the exchange for what is missing there. */
import type { WallClock } from "../../clock/clock.js";
import { readClosedCandles } from "../../ledger/candle-view.js";
import type { Candle } from "../../market/candle.js";
import { isOpenGap } from "../../market/gap.js";
import type { SeriesId } from "../../market/series-id.js";
import type { StoreReader } from "../../storage/store.js";
import type { Gap } from "./delivery.js";
import type { CandleSource, CatchUpPage, SinceOrigin, StoredPage } from "./subscription.js";

/** What the subscriptions of all series share. */
export interface StoredCandlesOptions {
  readonly store: StoreReader;
  /** Candles of one page. */
  readonly catchUpLimit: number;
}

export class StoredCandles implements CandleSource {
  readonly recover: ((gap: Gap) => Promise<readonly Candle[]>) | undefined;
  readonly #options: StoredCandlesOptions;
  readonly #id: SeriesId;
  readonly #clock: WallClock;

  /** @param clock by which the candles of the series close. */
  constructor(options: StoredCandlesOptions, id: SeriesId, clock: WallClock, recover: CandleSource["recover"]) {
    this.#options = options;
    this.#id = id;
    this.#clock = clock;
    this.recover = recover;
  }

  page(since: number | null, origin: SinceOrigin): CatchUpPage {
    const { store, catchUpLimit: limit } = this.#options;
    const { text: series, timeframeSeconds } = this.#id;
    const query = { series, timeframeSeconds, since: since ?? undefined, sinceWasSent: origin === "sent", limit };
    const { run, effectiveSince } = readClosedCandles(store, this.#clock, query);
    return {
      candles: run.candles(),
      effectiveSince: effectiveSince ?? null,
      full: since !== null && run.count >= limit,
    };
  }

  between(afterS: number, beforeS: number): StoredPage {
    const { store, catchUpLimit: limit } = this.#options;
    const run = store.readBetween(this.#id.text, afterS + 1, beforeS - 1, limit);
    return { candles: run.candles(), full: run.count >= limit };
  }

  openGaps(): ReturnType<CandleSource["openGaps"]> {
    return this.#options.store.unfilledGaps(this.#id.text).gaps.filter(isOpenGap);
  }
}
