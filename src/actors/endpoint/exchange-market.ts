/**
 * One market of the exchange as the series see it: streams, history, the list of symbols and the clock, with the budgets
 * and silences that all of them share. Supervised; a crash loses the connections, and every series attaches anew.
 */
import { type Clock, sleep, type TimerHandle } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { EndpointBreaker } from "../../exchange/binance/endpoint-breaker.js";
import { closedCandles, type HistoryEvent } from "../../exchange/binance/history.js";
import type { HttpFetch } from "../../exchange/binance/http-fetch.js";
import { createMarketRest, type MarketRest } from "../../exchange/binance/market-rest.js";
import { RestError } from "../../exchange/binance/rest-errors.js";
import { refusalIn, type SavedSilence, silenceLeft } from "../../exchange/binance/silence.js";
import type { DialStream } from "../../exchange/binance/stream-socket.js";
import { binanceSeries, UnsupportedSeriesError } from "../../exchange/binance/symbols.js";
import type { BinanceMarket } from "../../exchange/binance/urls.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { RetryPolicy } from "../breaker/retry-policy.js";
import type { ClockMoved } from "../clock-watch.js";
import type {
  Attachment,
  ExchangePort,
  HistoryQuery,
  MarketFacts,
  SeriesStanding,
  SeriesVerdict,
  StreamListener,
} from "../feed/exchange-port.js";
import { errorText } from "../runtime/errors.js";
import type { CrashListener, Supervised } from "../runtime/supervised.js";
import { AttemptBudget } from "./attempt-budget.js";
import { MarketEndpoint } from "./market-endpoint.js";
import { type MarketList, marketList } from "./market-list.js";
import { TimeFollower } from "./time-follower.js";

export interface ExchangeMarketOptions {
  readonly market: BinanceMarket;
  readonly wsUrl: string;
  readonly restUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  /** Deadline of one REST request, in milliseconds. */
  readonly restTimeoutMs: number;
  readonly exchangeInfoTtlMs: number;
  /** The age at which a connection is renewed, in milliseconds. */
  readonly renewAfterMs: number;
  readonly version: string;
  readonly retryPolicy: () => RetryPolicy;
  /** Given the breaker of each REST endpoint. */
  readonly onBreaker?: ((breaker: EndpointBreaker) => void) | undefined;
  /** What stands in for the network; the real one when left out. */
  readonly network?: ExchangeNetwork | undefined;
  /** Keeps a silence that the exchange has demanded across restarts of the process. */
  readonly silence: {
    readonly load: () => SavedSilence | undefined;
    /** Resolves when it is on disk. */
    readonly save: (silence: SavedSilence) => Promise<void>;
  };
}

/** How sockets are opened and requests travel. */
export interface ExchangeNetwork {
  readonly dial: DialStream;
  readonly fetch: HttpFetch;
}

/** A series waits no longer than this for the list of symbols before it is attached unverified, in milliseconds. */
const VERIFY_WAIT_MS = 5_000;

/** How often the list of symbols is asked for while there is none, in milliseconds. */
const LIST_RETRY_MS = 15_000;

/** No handshake for this long after one was answered with a status that names no time, in milliseconds. */
const WRONG_ADDRESS_PAUSE_MS = 5 * 60_000;

/** What an incarnation holds. */
interface Running {
  readonly endpoint: MarketEndpoint;
  readonly rest: MarketRest;
  readonly time: TimeFollower;
  readonly abort: AbortController;
  /** The wait for the first list of symbols, shared by all series that are attached on trust meanwhile. */
  listing: Promise<void> | undefined;
}

export class ExchangeMarket implements ExchangePort, Supervised {
  readonly #options: ExchangeMarketOptions;
  /** Outlives the incarnations: the exchange counts attempts by address, and knows nothing of crashes. Feed: F14. */
  readonly #attempts = new AttemptBudget();
  #running: Running | undefined;
  #onCrash: CrashListener = () => undefined;

  constructor(options: ExchangeMarketOptions) {
    this.#options = options;
  }

  /** @throws BaseUrlError */
  async start(): Promise<void> {
    const { market, wsUrl, clock, random, log, retryPolicy, network, renewAfterMs } = this.#options;
    const abort = new AbortController();
    const rest = this.#createRest(abort.signal);
    const endpoint = new MarketEndpoint({
      market,
      baseUrl: wsUrl,
      dial: network?.dial,
      clock,
      random,
      log,
      retry: retryPolicy(),
      attempts: this.#attempts,
      renewAfterMs,
      earliestNowMs: () => (rest.time.isKnown ? rest.time.exchangeNowMs() - rest.time.uncertaintyMs() : undefined),
      onRefused: (status, retryAfter) => this.#refused(rest, status, retryAfter),
      onFault: (error) => this.#crash(error),
    });
    const time = new TimeFollower({ clock, log, rest, signal: abort.signal });
    this.#running = { endpoint, rest, time, abort, listing: undefined };
  }

  async stop(): Promise<void> {
    this.#end("the exchange connection was stopped");
  }

  onCrash(listener: CrashListener): void {
    this.#onCrash = listener;
  }

  nowMs(): number {
    return this.#running?.rest.time.exchangeNowMs() ?? this.#options.clock.now();
  }

  /** What the market lists; undefined while it does not run. */
  get list(): MarketList | undefined {
    return this.#running && marketList(this.#running.rest);
  }

  facts(): MarketFacts | undefined {
    if (this.#running === undefined) return undefined;
    const { endpoint, rest } = this.#running;
    const { usedWeight, limitPerMinute, silence } = rest.governor.snapshot();
    return {
      connections: endpoint.connections,
      clockOffsetMs: rest.time.isKnown ? rest.time.offsetMs() : null,
      weight: { used: usedWeight, limit: limitPerMinute },
      budgets: endpoint.budgets,
      silence: silence && { cause: silence.cause, leftMs: rest.governor.silenceLeftMs() },
    };
  }

  async clockMoved({ type }: ClockMoved): Promise<void> {
    this.#running?.endpoint.excuseLag();
    if (type !== "late") await this.#running?.time.sync();
  }

  async verify(series: SeriesId): Promise<SeriesVerdict> {
    const running = this.#running;
    if (running === undefined) return { type: "unverified", later: new Promise(() => undefined) };
    running.time.follow();
    try {
      binanceSeries(series);
    } catch (error) {
      if (error instanceof UnsupportedSeriesError) return { type: "unusable", reason: error.message };
      throw error;
    }
    const { directory } = running.rest;
    const refresh = directory.ensureFresh(running.abort.signal);
    if (directory.check(series) === "unverified") await this.#within(refresh);
    if (directory.check(series) === "unknown") await this.#within(directory.refreshOnSuspicion(running.abort.signal));
    return this.#standing(running, series) ?? { type: "unverified", later: this.#listed(running, series) };
  }

  async doubt(series: SeriesId): Promise<SeriesStanding | undefined> {
    const running = this.#running;
    if (running === undefined) return undefined;
    await running.rest.directory.refreshOnSuspicion(running.abort.signal);
    return this.#standing(running, series);
  }

  /** What the list of symbols says; undefined while there is none. */
  #standing({ rest }: Running, series: SeriesId): SeriesStanding | undefined {
    const status = rest.directory.check(series);
    if (status === "unverified") return undefined;
    if (status === "trading") return { type: "usable" };
    const what = status === "unknown" ? "is not listed" : "does not trade";
    return { type: "unusable", reason: `${series.symbol} ${what} on binance ${this.#options.market}` };
  }

  /** What the list of symbols says when there is one. */
  async #listed(running: Running, series: SeriesId): Promise<SeriesStanding> {
    running.listing ??= this.#awaitList(running);
    await running.listing;
    return this.#standing(running, series) ?? new Promise(() => undefined);
  }

  /** Resolves when there is a list of symbols, however long that takes; never once the market is stopped. */
  async #awaitList({ rest: { directory }, abort: { signal } }: Running): Promise<void> {
    while (directory.ageMs() === null) {
      await sleep(this.#options.clock, LIST_RETRY_MS, signal);
      if (signal.aborted) return new Promise(() => undefined);
      await directory.ensureFresh(signal);
    }
  }

  attach(series: SeriesId, listener: StreamListener): Attachment {
    if (this.#running !== undefined) return this.#running.endpoint.attach(binanceSeries(series).stream, listener);
    this.#options.clock.immediate(() => listener.lost("the exchange connection is stopped"));
    return { detach: () => undefined, suspect: () => undefined, connection: () => null };
  }

  async newest(series: SeriesId, signal: AbortSignal): Promise<Candle | undefined> {
    if (this.#running === undefined) throw new RestError("aborted", "the exchange connection is stopped");
    const { exchangeSymbol: symbol, interval } = binanceSeries(series);
    const rows = await this.#running.rest.rest.klines({ symbol, interval, limit: 1, signal });
    return rows.at(-1)?.candle;
  }

  /**
   * Which row is final the exchange's clock decides. The machine's, which stands in for it until the exchange has told its
   * time, may be ahead, and would make a final of a row that is still forming (F24).
   */
  async *history(query: HistoryQuery): AsyncGenerator<HistoryEvent> {
    const running = this.#running;
    if (running === undefined) throw new RestError("aborted", "the exchange connection is stopped");
    if (!running.rest.time.isKnown) await unlessAborted(running.time.ask(), query.signal);
    yield* closedCandles(running.rest, { priority: "live", ...query });
  }

  #createRest(stop: AbortSignal): MarketRest {
    const { market, restUrl: baseUrl, clock, random, log, restTimeoutMs: timeoutMs, silence } = this.#options;
    const { exchangeInfoTtlMs, version, onBreaker } = this.#options;
    const fetch = this.#options.network?.fetch;
    const wanted = { market, baseUrl, clock, random, timeoutMs, exchangeInfoTtlMs, version, stop, fetch, onBreaker };
    const rest = createMarketRest(wanted);
    const saved = silence.load();
    if (saved !== undefined) rest.governor.restoreSilence(silenceLeft(saved, clock.now()));
    rest.governor.onSilence(({ untilMs, cause }) => {
      const forMs = untilMs - rest.time.exchangeNowMs();
      const fields = { cause, for_s: Math.round(forMs / 1000) };
      silence
        .save({ endsMs: clock.now() + forMs, forMs })
        .then(() => log.warn("rest.silenced", fields))
        // A silence that could not be written down is obeyed all the same, only not after a restart.
        .catch((error: unknown) => log.error("rest.silenced", { ...fields, not_saved: errorText(error) }));
    });
    return rest;
  }

  #crash(error: unknown): void {
    if (this.#running === undefined) return;
    this.#end(`the exchange connection failed: ${errorText(error)}`);
    this.#onCrash(error);
  }

  #end(reason: string): void {
    const running = this.#running;
    this.#running = undefined;
    running?.time.stop();
    running?.abort.abort();
    running?.endpoint.stop(reason);
  }

  /** Waits for a load, but not for longer than a series may wait. */
  async #within(load: Promise<unknown>): Promise<void> {
    const { clock } = this.#options;
    let limit: TimerHandle | undefined;
    const late = new Promise<void>((resolve) => {
      limit = clock.ioTimeout(resolve, VERIFY_WAIT_MS);
    });
    await Promise.race([load, late]);
    clock.clearTimeout(limit);
  }

  #refused({ governor }: MarketRest, status: number, retryAfter: string | null): number {
    const refusal = refusalIn({ status, retryAfter, text: "" });
    if (refusal !== undefined) {
      governor.noteRefusal(refusal);
      return governor.silenceLeftMs();
    }
    if (status >= 500) return 0;
    this.#options.log.error("exchange.address_wrong", { status, base: this.#options.wsUrl });
    return WRONG_ADDRESS_PAUSE_MS;
  }
}

/** What `work` comes to, or a RestError `aborted` as soon as the signal is. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new RestError("aborted", "given up while waiting for the exchange's time"));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
