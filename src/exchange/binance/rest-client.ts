/**
 * Binance's public REST interface of one market. Every request passes the weight governor and the circuit breaker of its
 * endpoint, has a deadline and a bound, and is repeated a few times if that can help.
 * Spec: binance-protocol §4, F26-F31; ingest §6.3.
 */
import { type Clock, sleep } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { Ticker } from "../../market/top-markets.js";
import { type BreakerSnapshot, EndpointBreaker } from "./endpoint-breaker.js";
import { type ExchangeInfo, parseExchangeInfo } from "./exchange-info.js";
import type { ServerTimeSample } from "./exchange-time.js";
import type { HttpFetch } from "./http-fetch.js";
import { type HttpAnswer, httpGet } from "./http-get.js";
import { type KlineRow, parseKlineRows } from "./kline-rows.js";
import { decodeAnswer } from "./rest-answer.js";
import { isRetried, RestError } from "./rest-errors.js";
import { refusalIn } from "./silence.js";
import { parseTickers } from "./tickers.js";
import { type BinanceMarket, type RestRoute, restUrl } from "./urls.js";
import type { RequestOutcome, WeightGovernor } from "./weight-governor.js";
import type { WeightPriority } from "./weight-minute.js";
import { EXCHANGE_INFO_WEIGHT, klinesWeight, MAX_KLINES_LIMIT, TICKERS_WEIGHT, TIME_WEIGHT } from "./weights.js";
import { isJsonObject, wireTime } from "./wire-values.js";

/** Times that one request is sent at most, the first included. */
export const MAX_ATTEMPTS = 3;

/** The pause before the n-th repetition is a random part of base · 2^(n−1), at most the cap; milliseconds. */
export const RETRY_BASE_MS = 500;
export const RETRY_CAP_MS = 5_000;

/** A longer body is cut off. Of exchangeInfo more than 10 MB are usual. */
const MAX_BODY_BYTES: Readonly<Record<RestRoute, number>> = {
  klines: 2 * 2 ** 20,
  exchangeInfo: 64 * 2 ** 20,
  time: 64 * 2 ** 10,
  "ticker/24hr": 16 * 2 ** 20,
};

export interface RestClientOptions {
  readonly market: BinanceMarket;
  /** For example `https://api.binance.com`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly governor: WeightGovernor;
  /** Deadline of one attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** Of this program, for the user agent. */
  readonly version: string;
  /** Given each breaker once, before it is used. */
  readonly onBreaker?: ((breaker: EndpointBreaker) => void) | undefined;
  /** How requests travel; over the network when left out. */
  readonly fetch?: HttpFetch | undefined;
}

export interface KlinesRequest {
  readonly symbol: string;
  readonly interval: string;
  /** First and last open time asked for, both inclusive, in milliseconds since the Unix epoch, UTC. */
  readonly startTimeMs?: number;
  readonly endTimeMs?: number;
  /** Most rows to answer with. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly priority?: WeightPriority;
}

interface RestRequest {
  readonly route: RestRoute;
  readonly parameters?: Readonly<Record<string, string | number | undefined>>;
  readonly weight: number;
  readonly priority: WeightPriority;
  readonly signal: AbortSignal;
}

interface RestResult {
  readonly json: unknown;
  readonly answer: HttpAnswer;
}

/** All methods throw {@link RestError} with one of the codes of `REST_ERRORS`. */
export class RestClient {
  readonly market: BinanceMarket;
  readonly #options: RestClientOptions;
  readonly #breakers: Readonly<Record<RestRoute, EndpointBreaker>>;

  /** @throws BaseUrlError */
  constructor(options: RestClientOptions) {
    this.market = options.market;
    this.#options = options;
    const breaker = (route: RestRoute): EndpointBreaker => {
      const made = new EndpointBreaker(`binance:${options.market}:${route}`, options.clock);
      options.onBreaker?.(made);
      return made;
    };
    this.#breakers = {
      klines: breaker("klines"),
      exchangeInfo: breaker("exchangeInfo"),
      time: breaker("time"),
      "ticker/24hr": breaker("ticker/24hr"),
    };
    // Refuses a wrong base now rather than with the first request.
    restUrl(options.baseUrl, options.market, "time");
  }

  /**
   * Candles ascending by open time: the oldest from `startTimeMs`, without it the newest. The last row may be forming.
   * Spec: binance-protocol §4.1.
   * @throws RestError; RangeError for a limit or a range that the exchange would refuse (nothing is sent then).
   */
  async klines(request: KlinesRequest): Promise<readonly KlineRow[]> {
    const { symbol, interval, startTimeMs: startTime, endTimeMs: endTime, limit, signal } = request;
    const maxLimit = MAX_KLINES_LIMIT[this.market];
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      throw new RangeError(`klines limit ${limit} is not a whole number from 1 to ${maxLimit}`);
    }
    if (startTime !== undefined && endTime !== undefined && startTime > endTime) {
      throw new RangeError(
        `klines startTime ${startTime} is after endTime ${endTime}: ask for a range that is not empty`,
      );
    }
    const { json } = await this.#get({
      route: "klines",
      parameters: { symbol, interval, startTime, endTime, limit },
      weight: klinesWeight(this.market, limit),
      priority: request.priority ?? "bulk",
      signal,
    });
    return parseKlineRows(json);
  }

  /** The symbols of the market. Also tells the governor the present weight limit. Spec: binance-protocol §3.6. */
  async exchangeInfo(signal: AbortSignal): Promise<ExchangeInfo> {
    const weight = EXCHANGE_INFO_WEIGHT[this.market];
    const { json } = await this.#get({ route: "exchangeInfo", weight, priority: "live", signal });
    const info = parseExchangeInfo(json);
    if (info.weightLimitPerMinute !== null) this.#options.governor.setLimit(info.weightLimitPerMinute);
    return info;
  }

  /** The exchange's clock, with the travel times of the answer. Spec: binance-protocol §3.6, F24. */
  async serverTime(signal: AbortSignal): Promise<ServerTimeSample> {
    const { json, answer } = await this.#get({ route: "time", weight: TIME_WEIGHT, priority: "live", signal });
    const time = isJsonObject(json) ? wireTime(json.serverTime) : undefined;
    if (time === undefined) throw new RestError("unexpected_shape", "time answer has no 'serverTime'");
    const { sentMonotonicMs, receivedMonotonicMs } = answer;
    return { serverTimeMs: time.ms, sentMonotonicMs, receivedMonotonicMs };
  }

  /** The last 24 hours of all symbols: heavy, and no feed needs it, so it yields to everything else. Spec: http-api §3.6. */
  async tickers(signal: AbortSignal): Promise<readonly Ticker[]> {
    const weight = TICKERS_WEIGHT[this.market];
    const { json } = await this.#get({ route: "ticker/24hr", weight, priority: "bulk", signal });
    return parseTickers(json);
  }

  /** State of the breakers, for health output. */
  breakers(): readonly BreakerSnapshot[] {
    return Object.values(this.#breakers).map((breaker) => breaker.snapshot());
  }

  async #get(request: RestRequest): Promise<RestResult> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(request);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !isRetried(error)) throw error;
      }
      const longestMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (attempt - 1));
      await sleep(this.#options.clock, this.#options.random() * longestMs, request.signal);
    }
  }

  async #attempt(request: RestRequest): Promise<RestResult> {
    const { governor } = this.#options;
    const breaker = this.#breakers[request.route];
    breaker.assertNotOpen();
    const permit = await governor.acquire(request.weight, request.signal, request.priority);
    let outcomeSoFar: RequestOutcome = { type: "unsent" };
    try {
      return await breaker.run(async () => {
        outcomeSoFar = { type: "unanswered" };
        const answer = await this.#send(request);
        permit.settle(outcomeOf(answer));
        return { json: decodeAnswer(answer, governor.silenceLeftMs()), answer };
      });
    } finally {
      permit.settle(outcomeSoFar);
    }
  }

  #send({ route, parameters, signal }: RestRequest): Promise<HttpAnswer> {
    const { baseUrl, clock, timeoutMs, version, fetch } = this.#options;
    return httpGet({
      url: restUrl(baseUrl, this.market, route, parameters),
      userAgent: `trade-canvas/${version}`,
      timeoutMs,
      maxBodyBytes: MAX_BODY_BYTES[route],
      clock,
      signal,
      fetch,
    });
  }
}

function outcomeOf(answer: HttpAnswer): RequestOutcome {
  const { usedWeight } = answer;
  const refusal = refusalIn(answer);
  return refusal === undefined ? { type: "answered", usedWeight } : { type: "refused", usedWeight, refusal };
}
