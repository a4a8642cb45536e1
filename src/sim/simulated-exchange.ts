/**
 * A Binance of our own on loopback: both markets, speaking the public protocol from a known truth, with faults on demand
 * and a journal of what happened. The project's test instrument, and what the demo runs on. Time is the injected clock's
 * alone. Spec: binance-protocol §5.
 */
import type { Clock } from "../clock/clock.js";
import { ControlServer } from "./control/control-server.js";
import type { MarketKind } from "./settings.js";
import { type MarketOptions, type SimulatedMarket, startMarket } from "./simulated-market.js";

export interface ExchangeOptions {
  readonly clock: Clock;
  /** The same seed gives the same exchange. */
  readonly seed: number;
  /** A market that is left out runs without symbols. */
  readonly markets: Readonly<Partial<Record<MarketKind, MarketOptions>>>;
  /** Port of the control interface, 0 for any; left out: no such interface. */
  readonly controlPort?: number;
}

export interface SimulatedExchange {
  readonly spot: SimulatedMarket;
  readonly futures: SimulatedMarket;
  /** `http://127.0.0.1:<port>` of the control interface, when there is one. */
  readonly controlUrl: string | undefined;
  /** Tears every connection and frees every port and timer. */
  stop(): Promise<void>;
}

/**
 * Starts the exchange.
 * @throws RangeError for a bad symbol, Error when a port cannot be had; nothing is left running then.
 */
export async function startSimulatedExchange(options: ExchangeOptions): Promise<SimulatedExchange> {
  const { clock, seed, markets, controlPort } = options;
  const running: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of running.splice(0).reverse()) await part.stop();
  };
  try {
    const spot = await startMarket("spot", markets.spot ?? { symbols: [] }, { clock, seed });
    running.push(spot);
    const futures = await startMarket("futures", markets.futures ?? { symbols: [] }, { clock, seed });
    running.push(futures);
    if (controlPort === undefined) return { spot, futures, controlUrl: undefined, stop };
    const control = new ControlServer({ spot, futures }, controlPort);
    await control.start();
    running.push(control);
    return { spot, futures, controlUrl: control.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
