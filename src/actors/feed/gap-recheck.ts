/**
 * Asks the exchange again for candles that it did not have: it fills holes of its own history now and then, hours later.
 * Bulk priority, one gap at a time. Spec: binance-protocol F32.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import type { AbsentGap } from "../../market/gap.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import { errorText } from "../runtime/errors.js";
import type { ExchangePort } from "./exchange-port.js";

/** How often it is looked whether a gap is due, in milliseconds: also the pause after a failure. */
export const RECHECK_POLL_MS = 5 * 60_000;

/** Candles that are taken from one check; what is more is left to the next. */
const MAX_RECHECK_CANDLES = 5_000;

export interface GapRecheckOptions {
  readonly series: SeriesId;
  readonly exchange: ExchangePort;
  readonly clock: Clock;
  readonly log: EventLog;
  /** A gap to ask for now, if any. */
  readonly due: () => AbsentGap | undefined;
  /** The exchange was asked for a gap, and had these candles. */
  readonly rechecked: (id: number, candles: readonly Candle[]) => void;
}

export class GapRecheck {
  readonly #options: GapRecheckOptions;
  readonly #abort = new AbortController();
  #timer: TimerHandle | undefined;

  constructor(options: GapRecheckOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      void this.#check().finally(() => {
        if (!this.#abort.signal.aborted) this.start();
      });
    }, RECHECK_POLL_MS);
  }

  stop(): void {
    this.#abort.abort();
    this.#options.clock.clearTimeout(this.#timer);
  }

  async #check(): Promise<void> {
    const { due, rechecked, log } = this.#options;
    const gap = due();
    if (gap === undefined) return;
    try {
      const candles = await this.#fetch(gap);
      log.info("gap.rechecked", { id: gap.id, found: candles.length });
      if (!this.#abort.signal.aborted) rechecked(gap.id, candles);
    } catch (error) {
      log.debug("gap.recheck_failed", { id: gap.id, error: errorText(error) });
    }
  }

  async #fetch({ absent }: AbsentGap): Promise<readonly Candle[]> {
    const { series, exchange } = this.#options;
    const found: Candle[] = [];
    for (const { from, to } of absent) {
      const maxCandles = MAX_RECHECK_CANDLES - found.length;
      if (maxCandles <= 0) break;
      const range = { afterTimeS: from - 1, beforeTimeS: to + series.timeframeSeconds, maxCandles };
      const { signal } = this.#abort;
      for await (const event of exchange.history({ series, ...range, signal, priority: "bulk" })) {
        if (event.type === "page") found.push(...event.candles);
      }
    }
    return found;
  }
}
