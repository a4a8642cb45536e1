/**
 * Watches whether the stream of one series brings what the exchange has. Proof against it is a final with trades that REST
 * has and the stream did not bring in its grace, or, for long timeframes, a forming candle of which REST knows more. A flat
 * candle proves nothing: the market was quiet. F01-F03, F33; feed bounds: B11, B12.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { ExchangePort, KlineUpdate } from "../feed/exchange-port.js";
import type { StreamFacts } from "../feed/feed-state.js";
import { errorText } from "../runtime/errors.js";
import { FINAL_GRACE_MS, sinceCloseMs } from "./feed-clock.js";

export interface StreamWatchOptions {
  readonly series: SeriesId;
  readonly exchange: Pick<ExchangePort, "newest" | "nowMs">;
  readonly clock: Clock;
  readonly log: EventLog;
  /** There is proof against the stream. */
  readonly suspect: (why: string) => void;
  /** Candles are missing that REST has not delivered either: the series may have ceased to trade. */
  readonly doubt: () => void;
}

/** Series up to this timeframe are judged by their finals, longer ones by their silence as well. Seconds. */
const JUDGED_BY_FINALS_S = 60;

/** A silence is looked into after this long, and then after twice the time as before. Milliseconds. */
export const FIRST_SILENCE_MS = 60_000;
export const LONGEST_SILENCE_MS = 600_000;

/** What REST has, the stream may bring this much later, in milliseconds. */
export const SILENCE_GRACE_MS = 5_000;

/** So many candles that nobody has are reason to doubt that the series trades. F36; feed bound B13. */
const DOUBTFUL_CANDLES = 2;

/** A final comes no sooner after a subscription than this; what closed earlier need not come. Milliseconds. */
const SUBSCRIPTION_SKEW_MS = 1_000;

export class StreamWatch {
  readonly #options: StreamWatchOptions;
  readonly #abort = new AbortController();
  /** Exchange time, Unix milliseconds, from which on the stream should bring everything; undefined while it stands nowhere. */
  #sinceMs: number | undefined;
  /** A final that REST delivered while the stream still had time to bring it. */
  #early: Candle | undefined;
  #newestFinalS = Number.NEGATIVE_INFINITY;
  /** The newest state that is known: time in seconds and volume. */
  #known: Pick<Candle, "time" | "volume"> | undefined;
  #heardMs: number | null = null;
  #finalMs: number | null = null;
  #lagMs: number | null = null;
  #stalledMs: number | null = null;
  #quietMs: number | null = null;
  #absentMs: number | null = null;
  #silenceMs = FIRST_SILENCE_MS;
  #timer: TimerHandle | undefined;

  constructor(options: StreamWatchOptions) {
    this.#options = options;
  }

  get facts(): StreamFacts {
    return {
      heardMs: this.#heardMs,
      finalMs: this.#finalMs,
      lagMs: this.#lagMs,
      stalledMs: this.#stalledMs,
      quietMs: this.#quietMs,
      absentMs: this.#absentMs,
    };
  }

  /** The series is being attached: nothing can be expected until the subscription stands. */
  attaching(): void {
    this.#sinceMs = undefined;
    this.#await(FIRST_SILENCE_MS);
  }

  /** The exchange has acknowledged the subscription. */
  subscribed(): void {
    this.#sinceMs = this.#options.exchange.nowMs();
  }

  heard({ candle, final, eventTimeMs }: KlineUpdate): void {
    const { clock, exchange } = this.#options;
    this.#heardMs = clock.monotonic();
    this.#lagMs = exchange.nowMs() - eventTimeMs;
    this.#stalledMs = null;
    this.#quietMs = null;
    this.#absentMs = null;
    if (candle.time >= (this.#known?.time ?? Number.NEGATIVE_INFINITY)) this.#known = candle;
    if (final) {
      this.#finalMs = this.#heardMs;
      this.#newestFinalS = Math.max(this.#newestFinalS, candle.time);
    }
    if (this.#silenceMs > FIRST_SILENCE_MS) this.#await(FIRST_SILENCE_MS);
  }

  /** REST has delivered finals. What the stream should have brought by now, and did not, is proof, unless it is flat. */
  fetched(candles: readonly Candle[]): void {
    const { series, exchange, clock } = this.#options;
    if (candles.length > 0) this.#absentMs = null;
    const nowMs = exchange.nowMs();
    const sinceMs = this.#sinceMs ?? Number.POSITIVE_INFINITY;
    const closedMs = ({ time }: Candle): number => sinceCloseMs(time, series.timeframeSeconds, nowMs);
    const due = candles.filter(
      (candle) => candle.time > this.#newestFinalS && nowMs - closedMs(candle) >= sinceMs + SUBSCRIPTION_SKEW_MS,
    );
    const missed = due.filter((candle) => closedMs(candle) >= FINAL_GRACE_MS);
    this.#early = due.findLast((candle) => closedMs(candle) < FINAL_GRACE_MS);
    const traded = missed.find(({ volume }) => volume > 0);
    if (traded !== undefined) this.#prove(`no final of ${traded.time}, of which REST has trades`);
    else if (missed.length > 0 && this.#stalledMs === null) this.#quietMs = clock.monotonic();
  }

  /** The exchange does not have the newest candle either. */
  absent(): void {
    this.#absentMs = this.#options.clock.monotonic();
  }

  /**
   * The grace of a final is over: one that REST delivered before is judged now.
   * @param newestTime time in seconds of the newest final that is known from anywhere.
   */
  graceOver(newestTime: number): void {
    const { series, exchange, doubt } = this.#options;
    if (this.#early !== undefined) this.fetched([this.#early]);
    const closedMs = sinceCloseMs(newestTime, series.timeframeSeconds, exchange.nowMs());
    if (closedMs >= DOUBTFUL_CANDLES * series.timeframeSeconds * 1000) doubt();
  }

  stop(): void {
    this.#abort.abort();
    this.#options.clock.clearTimeout(this.#timer);
  }

  #prove(why: string): void {
    const { clock, suspect } = this.#options;
    this.#stalledMs ??= clock.monotonic();
    this.#quietMs = null;
    suspect(why);
  }

  /** Looks into the silence when there has been one for this long. */
  #await(silenceMs: number): void {
    if (this.#options.series.timeframeSeconds <= JUDGED_BY_FINALS_S) return;
    this.#silenceMs = silenceMs;
    this.#after(silenceMs, () => this.#look());
  }

  #after(ms: number, then: () => void): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    if (!this.#abort.signal.aborted) this.#timer = clock.setTimeout(then, ms);
  }

  #look(): void {
    const heardMs = this.#heardMs ?? Number.NEGATIVE_INFINITY;
    const silentMs = this.#options.clock.monotonic() - heardMs;
    if (this.#sinceMs === undefined) this.#await(FIRST_SILENCE_MS);
    else if (silentMs < this.#silenceMs) this.#after(this.#silenceMs - silentMs, () => this.#look());
    else void this.#ask();
  }

  async #ask(): Promise<void> {
    const { series, exchange, log } = this.#options;
    const heardMs = this.#heardMs;
    let row: Candle | undefined;
    try {
      row = await exchange.newest(series, this.#abort.signal);
    } catch (error) {
      log.debug("silence.not_verified", { error: errorText(error) });
      this.#await(this.#silenceMs);
      return;
    }
    if (this.#abort.signal.aborted || this.#heardMs !== heardMs) {
      this.#await(FIRST_SILENCE_MS);
      return;
    }
    const before = this.#known;
    this.#known = row ?? before;
    if (before === undefined) this.#await(FIRST_SILENCE_MS);
    else if (row !== undefined && hasMore(row, before)) this.#after(SILENCE_GRACE_MS, () => this.#judge(heardMs, row));
    else this.#verified();
  }

  /** REST has more: unless the stream has brought it meanwhile, that is proof. */
  #judge(heardMs: number | null, { time, volume }: Candle): void {
    if (this.#heardMs === heardMs && this.#sinceMs !== undefined) {
      this.#prove(`silent, and REST has a volume of ${volume} at ${time}`);
    }
    this.#await(FIRST_SILENCE_MS);
  }

  #verified(): void {
    if (this.#stalledMs === null) this.#quietMs = this.#options.clock.monotonic();
    this.#await(Math.min(this.#silenceMs * 2, LONGEST_SILENCE_MS));
  }
}

/** Whether a row of REST holds trades that a state does not. */
function hasMore(row: Candle, state: Pick<Candle, "time" | "volume">): boolean {
  if (row.time !== state.time) return row.time > state.time && row.volume > 0;
  return row.volume > state.volume;
}
