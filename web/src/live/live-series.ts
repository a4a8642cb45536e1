/** Follows one series: candles, feed, drawing and holes, made into pictures as they come. */
import type { WireGap } from "../../../src/client/answers/feed.js";
import type { WireCandle } from "../../../src/client/answers/market.js";
import type { Followed } from "../../../src/client/client.js";
import type { ConnectionState } from "../../../src/client/connection.js";
import type { GapNotice, SystemNotice } from "../../../src/client/messages.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { holeOfNotice, holesOf, withGap } from "../model/holes.js";
import {
  CANDLES_DROPPED_AT_ONCE,
  emptyPicture,
  type Hole,
  lastTime,
  MAX_CANDLES,
  type Picture,
  withClosed,
  withDrawing,
  withForming,
} from "../model/picture.js";
import { LiveDrawing } from "./live-drawing.js";
import { type ProblemTold, pause } from "./series-reader.js";
import { CANDLES_AT_FIRST, MAX_WINDOW, OLDER_CANDLES, SeriesReads, type SeriesSource } from "./series-reads.js";

/** A series with fewer candles than asked for is read again after these times, as a backfill may be on its way. Milliseconds. */
const REREAD_AFTER_MS = [2_000, 6_000, 20_000];

/** How often what was shown lately is compared with what is stored, in milliseconds, and how many candles of it. */
const REVIEW_MS = 30_000;
const REVIEWED_CANDLES = 200;

/** Holes that the feed told of and are kept; of more, the newest. */
const MAX_TOLD_HOLES = 200;

export interface LiveSeriesHandlers {
  /** Called with every picture that is other than the one before. */
  readonly picture: (picture: Picture) => void;
  readonly connection: (state: ConnectionState) => void;
  /** What stands in the way of a read, and when it is tried again; undefined: nothing any more. */
  readonly problem: ProblemTold;
  /** An error that trying again does not mend. */
  readonly failed: (error: unknown) => void;
}

export class LiveSeries {
  readonly #source: SeriesSource;
  readonly #reads: SeriesReads;
  readonly #series: string;
  readonly #stepSeconds: number;
  readonly #handlers: LiveSeriesHandlers;
  readonly #end = new AbortController();
  readonly #drawing: LiveDrawing;
  #picture: Picture;
  #gaps: readonly WireGap[] = [];
  #told: readonly Hole[] = [];
  #followed: Followed | undefined;
  #isAway = false;
  /** Candles before the first are being read, or there are none, or the chart has all it takes. */
  #isOldest = false;

  /** @throws SeriesIdError, TimeframeError for what is no series. */
  constructor(source: SeriesSource, series: string, handlers: LiveSeriesHandlers) {
    this.#source = source;
    this.#reads = new SeriesReads(source, series, this.#end.signal, handlers.problem);
    this.#series = series;
    this.#stepSeconds = parseSeriesId(series).timeframeSeconds;
    this.#handlers = handlers;
    this.#picture = emptyPicture(series);
    this.#drawing = new LiveDrawing({
      ask: (cursor) => this.#reads.drawing(cursor, this.#picture.candles.length),
      changed: () => this.#show(this.#picture),
      failed: handlers.failed,
      signal: this.#end.signal,
    });
  }

  get picture(): Picture {
    return this.#picture;
  }

  /** Candles, drawing and holes are asked for at the same time, and each is shown when it has come. */
  start(): void {
    this.#background(this.#readCandles());
    this.#drawing.want(0);
    this.#background(this.#readGaps());
    this.#background(this.#review());
  }

  /** Reads candles before the first, with what is drawn there, as long as there are any and the chart has room for them. */
  readOlder(): void {
    if (this.#isOldest || this.#picture.candles.length === 0) return;
    this.#isOldest = true;
    this.#background(this.#readBefore(this.#picture.candles[0]?.candle_time ?? 0));
  }

  end(): void {
    this.#end.abort();
    this.#followed?.end();
  }

  async #readCandles(): Promise<void> {
    const candles = await this.#reads.newest();
    if (candles === undefined) return;
    this.#show(withClosed(this.#picture, candles));
    this.#wantDrawing();
    this.#follow();
    if (candles.length < CANDLES_AT_FIRST) await this.#readAgain();
  }

  /** What a backfill brings is older than what the feed tells. */
  async #readAgain(): Promise<void> {
    for (const ms of REREAD_AFTER_MS) {
      await pause(ms, this.#end.signal);
      const candles = await this.#reads.newest();
      if (candles === undefined) return;
      this.#mend(candles);
      if (candles.length >= CANDLES_AT_FIRST) return;
    }
  }

  async #readGaps(): Promise<void> {
    const gaps = await this.#reads.gaps();
    if (gaps === undefined) return;
    this.#gaps = gaps;
    this.#showHoles();
  }

  #follow(): void {
    const options = { since: lastTime(this.#picture), gaps: true };
    this.#followed = this.#source.follow(this.#series, options, {
      closed: (candles) => this.#closed(candles),
      forming: (candle) => this.#show(withForming(this.#picture, candle)),
      gap: (gap) => this.#hole(gap),
      record: (gap) => this.#record(gap),
      notice: (notice) => this.#notice(notice),
      state: (state) => this.#connection(state),
    });
  }

  #closed(candles: readonly WireCandle[]): void {
    this.#show(withClosed(this.#picture, candles));
    this.#wantDrawing();
  }

  #hole(gap: GapNotice): void {
    this.#told = [...this.#told, holeOfNotice(gap, this.#stepSeconds)].slice(-MAX_TOLD_HOLES);
    this.#showHoles();
  }

  #record(gap: WireGap): void {
    this.#gaps = withGap(this.#gaps, gap);
    this.#showHoles();
    // What was missing and comes late is in the store, and is not told of.
    if (gap.state === "repaired") this.#background(this.#readRange(gap.from_time, gap.to_time));
  }

  /** What was computed anew may follow from candles that changed. */
  #notice({ event }: SystemNotice): void {
    if (event !== "factor.rebuild") return;
    this.#drawing.renew();
    this.#background(this.#readRange(this.#picture.candles.at(-CANDLES_AT_FIRST)?.candle_time ?? 0, null));
  }

  /** Candles that the exchange corrects are stored, and not told by the feed: a chart that is open for long looks for them. */
  async #review(): Promise<void> {
    for (;;) {
      await pause(REVIEW_MS, this.#end.signal);
      if (this.#end.signal.aborted) return;
      const first = this.#picture.candles.at(-REVIEWED_CANDLES) ?? this.#picture.candles[0];
      if (first === undefined || this.#isAway) continue;
      const candles = await this.#reads.from(first.candle_time, REVIEWED_CANDLES);
      if (candles !== undefined) this.#mend(candles);
    }
  }

  #connection(state: ConnectionState): void {
    this.#handlers.connection(state);
    if (state.name !== "open") {
      this.#isAway ||= state.name === "waiting" || state.name === "refused";
      return;
    }
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#background(this.#afterAway());
  }

  /** The feed has caught up by itself; what it does not tell is asked for. */
  async #afterAway(): Promise<void> {
    if (!(await this.#isSameHistory())) {
      this.#startAnew();
      return;
    }
    this.#wantDrawing();
    await this.#readGaps();
  }

  /** Whether the daemon still has the newest candle that the chart has: a daemon on another store has not. */
  async #isSameHistory(): Promise<boolean> {
    const newest = this.#picture.candles.at(-1);
    if (newest === undefined) return true;
    const candles = await this.#reads.from(newest.candle_time, 1);
    const same = candles?.[0];
    return candles === undefined || (same?.candle_time === newest.candle_time && same.close === newest.close);
  }

  #startAnew(): void {
    this.#followed?.end();
    this.#picture = emptyPicture(this.#series);
    [this.#gaps, this.#told] = [[], []];
    this.#isOldest = false;
    this.#drawing.renew();
    this.#background(this.#readCandles());
    this.#background(this.#readGaps());
  }

  async #readRange(from: number, to: number | null): Promise<void> {
    const first = this.#picture.candles[0]?.candle_time ?? 0;
    if (to !== null && to < first) return;
    const candles = await this.#reads.from(Math.max(first, from));
    if (candles !== undefined) this.#mend(candles);
  }

  async #readBefore(first: number): Promise<void> {
    if (this.#picture.candles.length + OLDER_CANDLES > MAX_CANDLES - CANDLES_DROPPED_AT_ONCE) return;
    const candles = await this.#reads.from(first - OLDER_CANDLES * this.#stepSeconds, OLDER_CANDLES);
    const older = (candles ?? []).filter(({ candle_time }) => candle_time < first);
    if (older.length === 0) return;
    this.#isOldest = false;
    this.#show(withClosed(this.#picture, older));
    // The window of the drawing is wider now: what it has further back, the cursor does not tell.
    if (this.#picture.candles.length - older.length < MAX_WINDOW) this.#drawing.renew();
    this.#wantDrawing();
  }

  /** Takes in candles that the feed does not tell; newer ones come by the feed, in their order. */
  #mend(candles: readonly WireCandle[]): void {
    const before = this.#picture;
    const newest = lastTime(before);
    if (newest === null) return;
    const mended = withClosed(
      before,
      candles.filter(({ candle_time }) => candle_time <= newest),
    );
    if (mended.candles === before.candles) return;
    this.#show(mended);
    this.#wantDrawing();
  }

  #wantDrawing(): void {
    const newest = lastTime(this.#picture);
    if (newest !== null) this.#drawing.want(newest);
  }

  #showHoles(): void {
    this.#show({ ...this.#picture, gaps: holesOf(this.#gaps, this.#told) });
  }

  /** Shows a picture with the newest drawing that fits it. */
  #show(picture: Picture): void {
    const { drawn, toTime } = this.#drawing.drawing;
    // While a drawing is renewed, the one before stays.
    const whole = toTime === null || picture.drawn === drawn ? picture : withDrawing(picture, drawn, toTime);
    if (whole === this.#picture && whole.candles.length > 0) return;
    this.#picture = whole;
    this.#handlers.picture(whole);
  }

  /** Runs beside everything else. */
  #background(task: Promise<void>): void {
    task.catch((error) => {
      if (!this.#end.signal.aborted) this.#handlers.failed(error);
    });
  }
}
