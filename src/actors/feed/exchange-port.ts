/** What a series' feed needs of an exchange's market. The endpoint actor provides it; tests provide their own. */
import type { HistoryEvent } from "../../exchange/binance/history.js";
import type { WeightPriority } from "../../exchange/binance/weight-minute.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { ClockMoved } from "../clock-watch.js";
import type { ConnectionFacts } from "./feed-state.js";

/** One message of a kline stream. */
export interface KlineUpdate {
  readonly candle: Candle;
  /** The exchange's word that the candle is closed. */
  readonly final: boolean;
  /** When the exchange sent it, Unix milliseconds. */
  readonly eventTimeMs: number;
}

export interface StreamListener {
  /** The exchange has acknowledged the subscription: what closes from now on should come. */
  subscribed(): void;
  kline(update: KlineUpdate): void;
  /** The connection is gone, or could not be made. The attachment has ended; called at most once, never inside `attach`. */
  lost(reason: string): void;
}

export interface Attachment {
  /** The exchange has what the stream did not bring, as `why` says: something is to be done about the stream. */
  suspect(why: string): void;
  /** The connection that carries the stream; null while there is none. */
  connection(): ConnectionFacts | null;
  /** Ends the subscription. Nothing is called on the listener after this. Idempotent. */
  detach(): void;
}

/** What the exchange's list of symbols says of a series. */
export type SeriesStanding = { readonly type: "usable" } | { readonly type: "unusable"; readonly reason: string };

/** Whether the exchange will serve a series; `unverified` if it could not be asked yet, with what it says when it can. */
export type SeriesVerdict = SeriesStanding | { readonly type: "unverified"; readonly later: Promise<SeriesStanding> };

export interface HistoryQuery {
  readonly series: SeriesId;
  /** Only candles opening after this, in seconds. */
  readonly afterTimeS: number;
  /** Only candles opening before this, in seconds; open-ended when absent. */
  readonly beforeTimeS?: number;
  readonly maxCandles: number;
  /** `live` unless said otherwise: a reader waits for what a feed repairs. */
  readonly priority?: WeightPriority;
  readonly signal: AbortSignal;
}

/** Request weight of the market's address in the present minute: what is used, and the exchange's limit. */
export interface RequestWeight {
  readonly used: number;
  readonly limit: number;
}

/** What is used of a number that may be reached in any window of this length, in milliseconds. */
export interface BudgetUse {
  readonly used: number;
  readonly limit: number;
  readonly windowMs: number;
}

/** Budgets of a market's connections; the limits are this program's, below those of the exchange. */
export interface StreamBudgets {
  /** Attempts to connect. */
  readonly attempts: BudgetUse;
  /** Frames of the connection on which most were sent: control messages, pings and pongs. */
  readonly frames: BudgetUse;
}

/** What operators want to know of a market. */
export interface MarketFacts {
  readonly connections: readonly ConnectionFacts[];
  /** The exchange's clock minus the machine's, in milliseconds; null while it is not known. */
  readonly clockOffsetMs: number | null;
  /** Request weight of this minute, by the exchange's count. */
  readonly weight: RequestWeight;
  readonly budgets: StreamBudgets;
  /** The silence that the exchange demands; null without one. */
  readonly silence: { readonly cause: string; readonly leftMs: number } | null;
}

export interface ExchangePort {
  /** Undefined while the market does not run. */
  facts(): MarketFacts | undefined;
  /** Answers within a few seconds, whatever the exchange does. */
  verify(series: SeriesId): Promise<SeriesVerdict>;
  /** Asks whether a series of which nothing comes still trades. @returns undefined when that could not be learned. */
  doubt(series: SeriesId): Promise<SeriesStanding | undefined>;
  attach(series: SeriesId, listener: StreamListener): Attachment;
  /** Final candles by REST, ascending. @throws RestError */
  history(query: HistoryQuery): AsyncIterable<HistoryEvent>;
  /** The newest candle by REST, which may be forming; undefined when there is none. @throws RestError */
  newest(series: SeriesId, signal: AbortSignal): Promise<Candle | undefined>;
  /** A clock of this machine cannot be trusted: resolves when the exchange's has been asked for, or could not be had. */
  clockMoved(moved: ClockMoved): Promise<void>;
  /** The exchange's clock, Unix milliseconds. */
  nowMs(): number;
}
