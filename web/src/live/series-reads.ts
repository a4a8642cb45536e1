/** What a page asks of one series, each until there is an answer. Undefined: it was ended. */
import type { DrawDeltaAnswer } from "../../../src/client/answers/drawing.js";
import type { WireGap } from "../../../src/client/answers/feed.js";
import type { CandlesQuery, WireCandle } from "../../../src/client/answers/market.js";
import type { TradeCanvasClient } from "../../../src/client/client.js";
import { MAX_GAPS } from "../model/holes.js";
import { type ProblemTold, readUntilDone } from "./series-reader.js";

/** Candles that are asked for when a series is opened. */
export const CANDLES_AT_FIRST = 2_000;

/** Candles that are asked for when the user goes back beyond the first. */
export const OLDER_CANDLES = 2_000;

/** A drawing goes back so many candles at most: a bound of the daemon. */
export const MAX_WINDOW = 5_000;

/** Candles of one answer at most: a bound of the daemon. */
const MAX_READ = 5_000;

/** What a series is followed with. */
export type SeriesSource = Pick<TradeCanvasClient, "candles" | "drawDelta" | "gaps" | "follow">;

type Candles = Promise<readonly WireCandle[] | undefined>;

export class SeriesReads {
  readonly #source: SeriesSource;
  readonly #series: string;
  readonly #signal: AbortSignal;
  readonly #problem: ProblemTold;

  constructor(source: SeriesSource, series: string, signal: AbortSignal, problem: ProblemTold) {
    this.#source = source;
    this.#series = series;
    this.#signal = signal;
    this.#problem = problem;
  }

  newest(): Candles {
    return this.#candles({ limit: CANDLES_AT_FIRST });
  }

  /** @param time open time of the first candle that is asked for, Unix seconds. */
  from(time: number, limit = MAX_READ): Candles {
    return this.#candles({ since: Math.max(0, time - 1), limit });
  }

  async gaps(): Promise<readonly WireGap[] | undefined> {
    const signal = this.#signal;
    const read = () => this.#source.gaps({ series_id: this.#series, limit: MAX_GAPS }, { signal });
    return (await readUntilDone(read, signal, this.#problem))?.gaps;
  }

  /**
   * What has changed of the drawing since a version. That it is late is told by what is shown, and not as a problem.
   * @param candles how many the chart has.
   */
  drawing(cursor: number, candles: number): Promise<DrawDeltaAnswer | undefined> {
    const signal = this.#signal;
    const window = Math.min(MAX_WINDOW, Math.max(CANDLES_AT_FIRST, candles));
    const query = { series_id: this.#series, cursor_version_id: cursor, window_candles: window };
    return readUntilDone(
      () => this.#source.drawDelta(query, { signal }),
      signal,
      () => {},
    );
  }

  async #candles(query: Omit<CandlesQuery, "series_id">): Candles {
    const signal = this.#signal;
    const read = () => this.#source.candles({ series_id: this.#series, ...query }, { signal });
    return (await readUntilDone(read, signal, this.#problem))?.candles;
  }
}
