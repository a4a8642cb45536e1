/**
 * Sends the candles of every subscribed stream as they form and close. Work is done for streams with subscribers only;
 * each has one place on the agenda: its next update or its final. Spec: binance-protocol §2.2, §5 item 3.
 */
import type { Agenda, AgendaItem } from "../agenda.js";
import { textKey, uniformInteger } from "../noise.js";
import type { MarketKind, StreamSettings } from "../settings.js";
import { type CandleBook, TRADE_SEARCH_MS } from "../truth/candle-book.js";
import { nextOpenTime, openTimeAt, previousOpenTime } from "../truth/intervals.js";
import type { Kline } from "../truth/kline.js";
import { type WireDecimals, wireDecimals } from "./kline-message.js";
import type { Publisher, Subscriber } from "./publisher.js";
import { parseStreamName, type StreamTarget } from "./stream-name.js";

export interface StreamEngineWorld {
  readonly market: MarketKind;
  readonly seed: number;
  readonly settings: StreamSettings;
  readonly agenda: Agenda;
  readonly books: ReadonlyMap<string, CandleBook>;
  readonly publisher: Publisher;
}

interface LiveStream {
  readonly name: string;
  readonly target: StreamTarget;
  readonly book: CandleBook;
  readonly decimals: WireDecimals;
  readonly subscribers: Set<Subscriber>;
  /** Open time of the candle that is reported next. */
  openMs: number;
  /** When its final is due. */
  finalMs: number;
  /** Trades up to this moment were shown, or came before the first subscriber. */
  seenMs: number;
  sentMs: number;
  next: AgendaItem | undefined;
}

export class StreamEngine {
  readonly #world: StreamEngineWorld;
  readonly #publisher: Publisher;
  readonly #streams = new Map<string, LiveStream>();

  constructor(world: StreamEngineWorld) {
    this.#world = world;
    this.#publisher = world.publisher;
  }

  /** Number of streams that have subscribers and data. */
  get size(): number {
    return this.#streams.size;
  }

  /** Starts to send a stream to a subscriber, from its next event on; a name that has no data stays silent. */
  subscribe(name: string, subscriber: Subscriber): void {
    const stream = this.#streams.get(name) ?? this.#open(name);
    stream?.subscribers.add(subscriber);
  }

  unsubscribe(name: string, subscriber: Subscriber): void {
    const stream = this.#streams.get(name);
    if (stream === undefined || !stream.subscribers.delete(subscriber) || stream.subscribers.size > 0) return;
    this.#world.agenda.cancel(stream.next);
    this.#streams.delete(name);
  }

  #open(name: string): LiveStream | undefined {
    const { market, books, agenda } = this.#world;
    const target = parseStreamName(name, market);
    const book = target === undefined ? undefined : books.get(target.symbol);
    if (target === undefined || book === undefined) return undefined;
    const nowMs = agenda.now();
    const openMs = openTimeAt(target.interval, nowMs);
    const stream: LiveStream = {
      name,
      target,
      book,
      decimals: wireDecimals(market, book.precision),
      subscribers: new Set(),
      openMs,
      finalMs: this.#finalMs(target, openMs),
      seenMs: nowMs,
      sentMs: Number.NEGATIVE_INFINITY,
      next: undefined,
    };
    const previousMs = previousOpenTime(target.interval, openMs);
    const previousFinalMs = this.#finalMs(target, previousMs);
    if (previousFinalMs > nowMs) {
      stream.openMs = previousMs;
      stream.finalMs = previousFinalMs;
    }
    this.#streams.set(name, stream);
    this.#plan(stream);
    return stream;
  }

  /** When the final of a candle is sent; the same whoever is subscribed. */
  #finalMs(target: StreamTarget, openMs: number): number {
    const { seed, settings } = this.#world;
    const streamKey = textKey(`${target.symbol} ${target.interval}`);
    const closeMs = nextOpenTime(target.interval, openMs);
    const delay = uniformInteger(
      settings.finalDelayMinMs,
      settings.finalDelayMaxMs,
      seed,
      streamKey,
      Math.floor(openMs / 1000),
    );
    return closeMs + delay;
  }

  #plan(stream: LiveStream): void {
    if (this.#streams.get(stream.name) !== stream) return;
    const dueMs = Math.min(stream.finalMs, this.#updateDueMs(stream) ?? stream.finalMs);
    stream.next = this.#world.agenda.at(dueMs, () => this.#wake(stream));
  }

  /** When the next update, or the next look for one, is due; undefined when only the final is left. */
  #updateDueMs(stream: LiveStream): number | undefined {
    const closeMs = nextOpenTime(stream.target.interval, stream.openMs);
    const afterMs = Math.max(stream.seenMs, stream.openMs - 1);
    if (afterMs >= closeMs) return undefined;
    const tradeMs = stream.book.nextTrade(afterMs, closeMs);
    const dueMs = tradeMs ?? afterMs + TRADE_SEARCH_MS;
    const throttledMs = Math.max(dueMs, stream.sentMs + this.#world.settings.updateCadenceMs);
    return throttledMs < closeMs ? throttledMs : undefined;
  }

  #wake(stream: LiveStream): void {
    const nowMs = this.#world.agenda.now();
    while (nowMs >= stream.finalMs) this.#close(stream, nowMs);
    const dueMs = this.#updateDueMs(stream);
    if (dueMs !== undefined && dueMs <= nowMs) this.#update(stream, nowMs);
    this.#plan(stream);
  }

  #update(stream: LiveStream, nowMs: number): void {
    const fromMs = stream.seenMs;
    stream.seenMs = nowMs;
    if (stream.book.nextTrade(fromMs, nowMs + 1) === undefined) return;
    const kline = stream.book.at(stream.target.interval, stream.openMs, nowMs);
    if (kline === undefined) return;
    stream.sentMs = nowMs;
    this.#publish(stream, kline, false, nowMs);
  }

  #close(stream: LiveStream, nowMs: number): void {
    const kline = stream.book.whole(stream.target.interval, stream.openMs);
    stream.openMs = nextOpenTime(stream.target.interval, stream.openMs);
    stream.finalMs = this.#finalMs(stream.target, stream.openMs);
    stream.seenMs = Math.max(stream.seenMs, stream.openMs - 1);
    if (kline === undefined) return;
    if (kline.trades === 0 && this.#world.settings.zeroTradeInterval === "silent") return;
    stream.sentMs = nowMs;
    this.#publish(stream, kline, true, nowMs);
  }

  #publish({ name, target, decimals, subscribers }: LiveStream, kline: Kline, final: boolean, nowMs: number): void {
    const event = { stream: name, target, kline, final, eventMs: Math.floor(nowMs), decimals };
    this.#publisher.publish(event, subscribers);
  }
}
