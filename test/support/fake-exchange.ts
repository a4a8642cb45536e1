/**
 * One market of an exchange that a test plays by hand: it says what is listed, what REST has, when a subscription is
 * acknowledged, which stream messages come and when a connection is lost. Nothing happens unless the test lets it.
 */

import type { ClockMoved } from "../../src/actors/clock-watch.js";
import type {
  Attachment,
  ExchangePort,
  HistoryQuery,
  KlineUpdate,
  MarketFacts,
  SeriesStanding,
  SeriesVerdict,
  StreamListener,
} from "../../src/actors/feed/exchange-port.js";
import type { ConnectionFacts } from "../../src/actors/feed/feed-state.js";
import type { CrashListener, Supervised } from "../../src/actors/runtime/supervised.js";
import type { Clock } from "../../src/clock/clock.js";
import { type HistoryEvent, SETTLE_MS } from "../../src/exchange/binance/history.js";
import { RestError } from "../../src/exchange/binance/rest-errors.js";
import type { Candle } from "../../src/market/candle.js";
import type { SeriesId } from "../../src/market/series-id.js";

/** A question for history, as it was asked. Times in seconds. */
export interface AskedHistory {
  readonly series: string;
  readonly afterTimeS: number;
  readonly beforeTimeS: number | undefined;
  readonly priority: HistoryQuery["priority"];
  /** When, in Unix milliseconds of the clock. */
  readonly atMs: number;
}

interface Line {
  readonly series: string;
  readonly listener: StreamListener;
}

export class FakeExchange implements ExchangePort, Supervised {
  readonly #clock: Clock;
  readonly #truth = new Map<string, Map<number, Candle>>();
  readonly #lines = new Set<Line>();
  #onCrash: CrashListener = () => undefined;
  /** The exchange's clock is this far ahead of the injected one, in milliseconds. */
  offsetMs = 0;
  /** What `verify` answers; may throw, or never resolve. */
  verdict: (series: SeriesId) => SeriesVerdict | Promise<SeriesVerdict> = () => ({ type: "usable" });
  /** What a doubt is answered with. */
  standing: (series: SeriesId) => SeriesStanding | undefined = () => ({ type: "usable" });
  /** Whether a subscription is acknowledged by itself in a later turn. */
  acknowledges = true;
  /** Runs before each page of history and before its end; may throw, or wait. */
  rest: () => void | Promise<void> = () => undefined;
  /** Candles that REST has, but does not show. */
  withheld: (candle: Candle) => boolean = () => false;
  /** Candles on one page of history. */
  pageCandles = 1_000;
  /** The connection on which everyone is. */
  connection: ConnectionFacts | null = {
    id: 1,
    state: "open",
    ageMs: 1_000,
    dataAgeMs: null,
    lagMs: null,
    streams: 1,
  };
  /** What is told of the market. */
  marketFacts: MarketFacts | undefined = {
    connections: [],
    clockOffsetMs: 0,
    weight: { used: 0, limit: 2_400 },
    budgets: {
      attempts: { used: 0, limit: 150, windowMs: 300_000 },
      frames: { used: 0, limit: 8, windowMs: 1_250 },
    },
    silence: null,
  };
  /** What REST shows as the newest candle of a series. */
  newestRow: (series: string) => Candle | undefined = (series) => this.truth(series).at(-1);
  /** When the newest candle was asked for, in Unix milliseconds of the clock. */
  readonly newestAskedMs: number[] = [];
  readonly asked: AskedHistory[] = [];
  /** Every `verify`, `attach`, `detach`, `start` and `stop`, in order, with the series. */
  readonly calls: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.calls.push("start");
  }

  async stop(): Promise<void> {
    this.calls.push("stop");
  }

  onCrash(listener: CrashListener): void {
    this.#onCrash = listener;
  }

  /** The market fails as a whole. */
  crash(error: Error): void {
    this.loseAll(error.message);
    this.#onCrash(error);
  }

  async doubt(series: SeriesId): Promise<SeriesStanding | undefined> {
    this.calls.push(`doubt ${series.text}`);
    return this.standing(series);
  }

  facts(): MarketFacts | undefined {
    return this.marketFacts;
  }

  async clockMoved({ type, byMs }: ClockMoved): Promise<void> {
    this.calls.push(`clock ${type} ${byMs}`);
    await this.rest();
  }

  nowMs(): number {
    return this.#clock.now() + this.offsetMs;
  }

  async verify(series: SeriesId): Promise<SeriesVerdict> {
    this.calls.push(`verify ${series.text}`);
    return this.verdict(series);
  }

  attach(series: SeriesId, listener: StreamListener): Attachment {
    this.calls.push(`attach ${series.text}`);
    const line: Line = { series: series.text, listener };
    this.#lines.add(line);
    if (this.acknowledges) this.#clock.immediate(() => this.#lines.has(line) && listener.subscribed());
    return {
      suspect: (why) => this.calls.push(`suspect ${series.text}: ${why}`),
      connection: () => this.connection,
      detach: () => {
        if (this.#lines.delete(line)) this.calls.push(`detach ${series.text}`);
      },
    };
  }

  async newest(series: SeriesId): Promise<Candle | undefined> {
    this.newestAskedMs.push(this.#clock.now());
    await this.rest();
    return this.newestRow(series.text);
  }

  async *history(query: HistoryQuery): AsyncGenerator<HistoryEvent> {
    const { series, afterTimeS, beforeTimeS, maxCandles, signal, priority } = query;
    this.asked.push({ series: series.text, afterTimeS, beforeTimeS, priority, atMs: this.#clock.now() });
    const upToMs = this.nowMs();
    const closeMs = (candle: Candle): number => (candle.time + series.timeframeSeconds) * 1000;
    const wanted = this.truth(series.text)
      .filter((candle) => candle.time > afterTimeS && candle.time < (beforeTimeS ?? Number.POSITIVE_INFINITY))
      .filter((candle) => closeMs(candle) + SETTLE_MS <= upToMs && !this.withheld(candle));
    const found = wanted.slice(0, maxCandles);
    for (let from = 0; from <= found.length; from += this.pageCandles) {
      await this.rest();
      if (signal.aborted) throw new RestError("aborted", "given up by the caller");
      const candles = found.slice(from, from + this.pageCandles);
      if (candles.length > 0) yield { type: "page", candles };
    }
    const last = found.at(-1);
    const cut = last !== undefined && found.length < wanted.length;
    yield { type: "end", finalUpToMs: cut ? closeMs(last) + SETTLE_MS : upToMs };
  }

  /** Makes candles part of what the exchange knows. */
  knows(series: string, candles: readonly Candle[]): void {
    const known = this.#truth.get(series) ?? new Map<number, Candle>();
    for (const candle of candles) known.set(candle.time, candle);
    this.#truth.set(series, known);
  }

  /** What the exchange knows of a series, ascending, whether or not REST shows it yet. */
  truth(series: string): readonly Candle[] {
    return [...(this.#truth.get(series)?.values() ?? [])].sort((a, b) => a.time - b.time);
  }

  /** Whether anyone follows the series' stream. */
  isAttached(series: string): boolean {
    return this.#linesOf(series).length > 0;
  }

  acknowledge(series: string): void {
    for (const { listener } of this.#linesOf(series)) listener.subscribed();
  }

  /** Sends a final; the exchange knows the candle from then on. @returns whether anyone got it. */
  final(series: string, candle: Candle): boolean {
    this.knows(series, [candle]);
    return this.send(series, { candle, final: true, eventTimeMs: this.nowMs() });
  }

  /** Sends a state of the open candle. */
  forming(series: string, candle: Candle, eventTimeMs = this.nowMs()): boolean {
    return this.send(series, { candle, final: false, eventTimeMs });
  }

  send(series: string, update: KlineUpdate): boolean {
    const lines = this.#linesOf(series);
    for (const { listener } of lines) listener.kline(update);
    return lines.length > 0;
  }

  /** Ends the attachments of a series, as a lost connection or a refused subscription does. */
  lose(series: string, reason = "connection lost (1006)"): void {
    for (const line of this.#linesOf(series)) {
      this.#lines.delete(line);
      line.listener.lost(reason);
    }
  }

  loseAll(reason?: string): void {
    for (const { series } of [...this.#lines]) this.lose(series, reason);
  }

  #linesOf(series: string): readonly Line[] {
    return [...this.#lines].filter((line) => line.series === series);
  }
}
