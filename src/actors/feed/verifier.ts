/**
 * Compares the newest finals of a market's series with REST, which has the last word: shortly after their close, and once
 * more when the exchange has had time to correct itself. One series at a time, in turn, at bulk priority, and not at all
 * while REST is silent or broken. Spec: binance-protocol F09, §8 point 8.
 */
import type { Clock } from "../../clock/clock.js";
import type { Candle } from "../../market/candle.js";
import { latestClosedTime } from "../../market/closed-window.js";
import { parseSeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import { type Duty, inTurns } from "../duty.js";
import { errorText } from "../runtime/errors.js";
import type { ExchangePort } from "./exchange-port.js";
import { marketPauseMs, settledCandles } from "./settled-candles.js";

/** Series of a market that are compared in a minute at most. */
export const VERIFY_PER_MINUTE = 30;

/** A candle is compared so long after its close, and once more five minutes later, in milliseconds. */
export const VERIFY_AFTER_MS = { first: 20_000, second: 320_000 } as const;

/** Closed candles that are compared, up to the newest that is old enough. */
const CANDLES = 3;

/** The newest candles that were compared, by age: open times in seconds. */
export interface Verified {
  readonly first: number;
  readonly second: number;
}

/** Candles to compare, both ends included, and what has been compared then. */
export interface VerifyDue {
  readonly from: number;
  readonly to: number;
  readonly verified: Verified;
}

/**
 * What of a series is to be compared now; undefined when nothing is. One question covers both ages.
 * @param headTime the newest stored candle, in seconds: what is not stored cannot be compared.
 * @param nowMs the exchange's time.
 */
export function verifyDue(
  verified: Verified | undefined,
  headTime: number | null,
  timeframeSeconds: number,
  nowMs: number,
): VerifyDue | undefined {
  if (headTime === null) return undefined;
  const closedBy = (ageMs: number): number => latestClosedTime(Math.floor((nowMs - ageMs) / 1000), timeframeSeconds);
  const newest = closedBy(VERIFY_AFTER_MS.first);
  const now = {
    first: Math.min(headTime, newest),
    second: Math.min(headTime, closedBy(VERIFY_AFTER_MS.second)),
  };
  const isNewer = verified === undefined || now.first > verified.first;
  // Of a series that lacks candles the second comparison waits for them: a halt must not cost questions.
  const isOlder = verified === undefined || (now.second > verified.second && (isNewer || headTime >= newest));
  const ends = [...(isNewer ? [now.first] : []), ...(isOlder ? [now.second] : [])];
  if (ends.length === 0) return undefined;
  const from = Math.max(0, Math.min(...ends) - (CANDLES - 1) * timeframeSeconds);
  return { from, to: Math.max(...ends), verified: now };
}

export interface FinalVerifierOptions {
  readonly exchange: ExchangePort;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Ids of the series of this market that are followed. */
  readonly followed: () => readonly string[];
  /** The newest stored candle of a series, in seconds. */
  readonly headTime: (series: string) => number | null;
  /** Hands over what REST has; what is stored otherwise is corrected. */
  readonly verify: (series: string, candles: readonly Candle[]) => Promise<unknown>;
}

export class FinalVerifier {
  readonly #options: FinalVerifierOptions;
  readonly #abort = new AbortController();
  /** What has been compared, of the series that are followed; the one that was looked at last comes last. */
  #verified = new Map<string, Verified | undefined>();
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  readonly #turns: Duty;

  constructor(options: FinalVerifierOptions) {
    this.#options = options;
    this.#turns = inTurns(options.clock, 60_000 / VERIFY_PER_MINUTE, () => this.#turn());
  }

  start(): void {
    this.#turns.start();
  }

  stop(): void {
    this.#abort.abort();
    this.#turns.stop();
  }

  /** Compares the series whose turn it is, if there is one. Never rejects. */
  async #turn(): Promise<void> {
    const { clock, exchange, headTime, followed } = this.#options;
    if (clock.monotonic() < this.#pausedUntilMs) return;
    this.#keepOnly(followed());
    const nowMs = exchange.nowMs();
    for (const [series, verified] of this.#verified) {
      const due = verifyDue(verified, headTime(series), parseSeriesId(series).timeframeSeconds, nowMs);
      if (due === undefined) continue;
      this.#verified.delete(series);
      this.#verified.set(series, verified);
      await this.#compare(series, due);
      return;
    }
  }

  /** Forgets series that are not followed any more, and takes in new ones: these are first in turn. */
  #keepOnly(followed: readonly string[]): void {
    if (followed.length === this.#verified.size && followed.every((series) => this.#verified.has(series))) return;
    const wanted = new Set(followed);
    const added = followed
      .filter((series) => !this.#verified.has(series))
      .map((series) => [series, undefined] as const);
    this.#verified = new Map([...added, ...[...this.#verified].filter(([series]) => wanted.has(series))]);
  }

  async #compare(series: string, { from, to, verified }: VerifyDue): Promise<void> {
    const { clock, log, verify } = this.#options;
    try {
      const { exchange } = this.#options;
      const candles = await settledCandles({
        exchange,
        series: parseSeriesId(series),
        from,
        to,
        signal: this.#abort.signal,
      });
      if (this.#abort.signal.aborted) return;
      await verify(series, candles);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      log.debug("candles.verify_failed", { series_id: series, error: errorText(error) });
      const pauseMs = marketPauseMs(error);
      if (pauseMs !== undefined) {
        // Silent, failing, or its breaker open: what was to be compared is compared later.
        this.#pausedUntilMs = clock.monotonic() + pauseMs;
        return;
      }
    }
    this.#verified.set(series, verified);
  }
}
