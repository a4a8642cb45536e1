/** Where a subscription reads what it was not sent: the store, and the exchange for what is missing there. */
import type { Clock } from "../../clock/clock.js";
import { readClosedCandles } from "../../ledger/candle-view.js";
import type { Candle } from "../../market/candle.js";
import { isOpenGap } from "../../market/gap.js";
import type { SeriesId } from "../../market/series-id.js";
import type { StoreReader } from "../../storage/store.js";
import type { Gap } from "./delivery.js";
import type { CandleSource, CatchUpPage, SinceOrigin } from "./subscription.js";

/** What the subscriptions of all series share. */
export interface StoredCandlesOptions {
  readonly store: StoreReader;
  readonly clock: Clock;
  /** Candles of one page. */
  readonly catchUpLimit: number;
}

export class StoredCandles implements CandleSource {
  readonly recover: ((gap: Gap) => Promise<readonly Candle[]>) | undefined;
  readonly #options: StoredCandlesOptions;
  readonly #id: SeriesId;

  constructor(options: StoredCandlesOptions, id: SeriesId, recover: CandleSource["recover"]) {
    this.#options = options;
    this.#id = id;
    this.recover = recover;
  }

  page(since: number | null, origin: SinceOrigin): CatchUpPage {
    const { store, clock, catchUpLimit: limit } = this.#options;
    const { text: series, timeframeSeconds } = this.#id;
    const query = { series, timeframeSeconds, since: since ?? undefined, sinceWasSent: origin === "sent", limit };
    const { run, effectiveSince } = readClosedCandles(store, clock, query);
    return {
      candles: run.candles(),
      effectiveSince: effectiveSince ?? null,
      full: since !== null && run.count >= limit,
    };
  }

  between(afterS: number, beforeS: number): readonly Candle[] {
    const { store, catchUpLimit } = this.#options;
    return store.readBetween(this.#id.text, afterS + 1, beforeS - 1, catchUpLimit).candles();
  }

  openGaps(): ReturnType<CandleSource["openGaps"]> {
    return this.#options.store.unfilledGaps(this.#id.text).gaps.filter(isOpenGap);
  }
}
