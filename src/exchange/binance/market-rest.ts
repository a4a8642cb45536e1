/** The REST side of one market, put together: clock estimate, weight gate, client and symbol list. */
import type { Clock } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { EndpointBreaker } from "./endpoint-breaker.js";
import { ExchangeTime } from "./exchange-time.js";
import type { HttpFetch } from "./http-fetch.js";
import { RestClient } from "./rest-client.js";
import { SymbolDirectory } from "./symbol-directory.js";
import type { BinanceMarket } from "./urls.js";
import { WeightGovernor } from "./weight-governor.js";
import { DEFAULT_WEIGHT_LIMIT_PER_MINUTE } from "./weights.js";

export interface MarketRestOptions {
  readonly market: BinanceMarket;
  /** For example `https://api.binance.com`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Deadline of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Time to live of the symbol list, in milliseconds. */
  readonly exchangeInfoTtlMs: number;
  /** Of this program, for the user agent. */
  readonly version: string;
  /** Aborted when the market is given up: ends what no caller's signal ends. */
  readonly stop: AbortSignal;
  /** Given the breaker of each REST endpoint. */
  readonly onBreaker?: ((breaker: EndpointBreaker) => void) | undefined;
  /** How requests travel; over the network when left out. */
  readonly fetch?: HttpFetch | undefined;
}

export interface MarketRest {
  readonly time: ExchangeTime;
  readonly governor: WeightGovernor;
  readonly rest: RestClient;
  readonly directory: SymbolDirectory;
  /**
   * Asks the exchange for its time. To be repeated when `time.needsSync()`.
   * @throws RestError
   */
  readonly syncTime: (signal: AbortSignal) => Promise<void>;
}

/** @throws BaseUrlError */
export function createMarketRest(options: MarketRestOptions): MarketRest {
  const { market, baseUrl, clock, random, timeoutMs, version, stop, fetch, onBreaker } = options;
  const time = new ExchangeTime(clock);
  const governor = new WeightGovernor({
    clock,
    random,
    exchangeNowMs: () => time.exchangeNowMs(),
    limitPerMinute: DEFAULT_WEIGHT_LIMIT_PER_MINUTE[market],
  });
  const rest = new RestClient({ market, baseUrl, clock, random, governor, timeoutMs, version, fetch, onBreaker });
  const load = (signal: AbortSignal) => rest.exchangeInfo(signal);
  const directory = new SymbolDirectory({ clock, ttlMs: options.exchangeInfoTtlMs, load, stop });
  const syncTime = async (signal: AbortSignal): Promise<void> => {
    time.observe(await rest.serverTime(signal));
  };
  return { time, governor, rest, directory, syncTime };
}
