/** One series that is followed: its cursor, what has been taken in, and what is told to whom. */
import type { WireGap } from "./answers/feed.js";
import type { WireCandle } from "./answers/market.js";
import type { ConnectionState } from "./connection.js";
import type { GapNotice, SeriesMessage, SystemNotice } from "./messages.js";
import type { Platform } from "./platform.js";
import { tell } from "./teller.js";

export interface FollowOptions {
  /** Open time in seconds of the newest candle that the caller has; null or left out for the newest candles. */
  readonly since?: number | null | undefined;
  /** Whether entries of the gap ledger are told. */
  readonly gaps?: boolean | undefined;
}

/** What is told about a series. Handlers are called one at a time, and none after the end. */
export interface FollowHandlers {
  /** Closed candles, ascending: each once, and none before one that was told. Single ones and many alike. */
  readonly closed?: ((candles: readonly WireCandle[]) => void) | undefined;
  /** The forming candle as it is now; never at or before the cursor. */
  readonly forming?: ((candle: WireCandle) => void) | undefined;
  /** A hole before the candle that is told next. Each once. */
  readonly gap?: ((gap: GapNotice) => void) | undefined;
  /** An entry of the gap ledger that is new or not what it was. */
  readonly record?: ((gap: WireGap) => void) | undefined;
  /** A message of the system: `factor.rebuild` means that what was derived is to be read again. */
  readonly notice?: ((notice: SystemNotice) => void) | undefined;
  readonly state?: ((state: ConnectionState) => void) | undefined;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

/** Longest series id that a daemon takes, in characters. */
const LONGEST_SERIES_ID = 200;

export class Subscription {
  readonly series: string;
  readonly gaps: boolean;
  readonly #platform: Platform;
  readonly #handlers: FollowHandlers;
  readonly #timeframeS: number;
  #cursor: number | null;
  /** Open time of the newest forming candle that was told. */
  #formingTime = Number.NEGATIVE_INFINITY;
  #repeats = 0;
  #hasEnded = false;

  /** @throws Error for what is no series id, or no time. */
  constructor(
    series: string,
    { since = null, gaps = false }: FollowOptions,
    handlers: FollowHandlers,
    platform: Platform,
  ) {
    if (since !== null && !Number.isSafeInteger(since)) {
      throw new Error(`since ${since} is no time: give the open time of a candle in whole seconds, or null`);
    }
    this.series = series;
    this.gaps = gaps;
    this.#timeframeS = timeframeSeconds(series);
    this.#cursor = since;
    this.#handlers = handlers;
    this.#platform = platform;
  }

  /** Open time in seconds of the newest closed candle that was taken in. */
  get cursor(): number | null {
    return this.#cursor;
  }

  /** Closed candles that came although they, or later ones, had been taken in. */
  get repeats(): number {
    return this.#repeats;
  }

  take(message: SeriesMessage): void {
    switch (message.type) {
      case "candle_closed":
        this.#takeClosed([message.candle]);
        return;
      case "candles_batch":
        this.#takeClosed(message.candles);
        return;
      case "candle_forming":
        this.#takeForming(message.candle);
        return;
      case "gap_state":
        this.#tell(this.#handlers.record, message.gap);
        return;
      case "system":
        this.#tell(this.#handlers.notice, { event: message.event, message: message.message, data: message.data });
        return;
      case "gap":
        // Holes are told by what comes: a gap whose candle does not follow, because the connection ended between the two,
        // comes again, and inside of batches they are not told by the daemon.
        return;
    }
  }

  moved(state: ConnectionState): void {
    this.#tell(this.#handlers.state, state);
    if (state.name === "ended") this.#hasEnded = true;
  }

  #takeClosed(candles: readonly WireCandle[]): void {
    let run: WireCandle[] = [];
    let newest = this.#cursor;
    for (const candle of candles) {
      const time = candle.candle_time;
      if (newest !== null && time <= newest) {
        this.#repeats += 1;
        continue;
      }
      // A cursor of 0 asks for everything, and misses nothing before it.
      const expected = newest === null || newest <= 0 ? time : newest + this.#timeframeS;
      if (time > expected) {
        this.#tellRun(run);
        run = [];
        this.#tell(this.#handlers.gap, { expected_next_time: expected, actual_time: time });
      }
      run.push(candle);
      newest = time;
    }
    this.#tellRun(run);
  }

  #tellRun(run: readonly WireCandle[]): void {
    const last = run.at(-1);
    if (last === undefined || this.#hasEnded) return;
    this.#cursor = last.candle_time;
    this.#tell(this.#handlers.closed, run);
  }

  #takeForming(candle: WireCandle): void {
    const time = candle.candle_time;
    if (time < this.#formingTime || (this.#cursor !== null && time <= this.#cursor)) return;
    this.#formingTime = time;
    this.#tell(this.#handlers.forming, candle);
  }

  #tell<Value>(handler: ((value: Value) => void) | undefined, value: Value): void {
    if (!this.#hasEnded) tell(this.#platform, handler, value);
  }
}

/** Length in seconds of the timeframe at the end of a series id. @throws Error for what is none. */
function timeframeSeconds(series: string): number {
  const [, count, unit = ""] = /^[^:]+:[^:]+:.+:(\d+)([mhd])$/.exec(series) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? Number.NaN);
  if (!(seconds > 0) || series.length > LONGEST_SERIES_ID) {
    throw new Error(
      `'${series}' is no series id: give one such as binance:futures:BTC/USDT:1m, of at most ${LONGEST_SERIES_ID} characters`,
    );
  }
  return seconds;
}
