/**
 * The network between simulated processes and simulated markets: every message takes its time, in order per connection,
 * and the network can refuse, reset, swallow and lose. No sockets and no threads; all of it is events on the world's clock.
 */
import type { ExchangeNetwork } from "../actors/endpoint/exchange-market.js";
import type { MarketCore } from "../sim/market-core.js";
import type { MarketKind } from "../sim/settings.js";
import type { SimulatedClock } from "../sim/simulated-clock.js";
import type { Chance } from "./chance.js";
import { fetchOver } from "./network-rest.js";
import { SimulatedSocket } from "./network-socket.js";

/** How a market can be reached at present. */
export interface Weather {
  /** Connecting is refused, and what is connected was reset. */
  offline: boolean;
  /** Nothing arrives any more, and nobody is told. */
  blackHole: boolean;
  /** Share of REST answers that are lost on their way, by a reset. */
  lostAnswers: number;
  /** Longest and shortest way of a message, in milliseconds. */
  latencyMs: readonly [number, number];
}

/** What a process sends and is told by the exchange, for checks. */
export interface NetworkWitness {
  readonly requestSent: (market: MarketKind, life: number, kind: "rest" | "handshake") => void;
  /** The exchange demanded silence; `retryAfterS` as in its header. */
  readonly refusalDelivered: (
    market: MarketKind,
    life: number,
    refusal: { readonly status: number; readonly retryAfterS: number | undefined; readonly kind: "rest" | "handshake" },
  ) => void;
}

/** Everything that a connection needs of the network. */
export interface Route {
  readonly core: MarketCore;
  readonly clock: SimulatedClock;
  readonly weather: Weather;
  readonly chance: Chance;
  readonly witness: NetworkWitness;
  /** Number of the process's life. */
  readonly life: number;
  readonly peer: Peer;
}

/** The process at the near end. */
export interface Peer {
  /** Whether it is still there to be told anything. */
  readonly isAlive: () => boolean;
  /** How long its machine sleeps on; what arrives waits for it. Milliseconds. */
  readonly asleepForMs: () => number;
}

export interface NetworkOptions {
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly markets: Readonly<Record<MarketKind, MarketCore>>;
  readonly weather: Readonly<Record<MarketKind, Weather>>;
  readonly witness: NetworkWitness;
}

/** Where a market is found: `ws://spot.sim`, `http://futures.sim`. */
export function hostOf(market: MarketKind): string {
  return `${market}.sim`;
}

export class SimulatedNetwork {
  readonly #options: NetworkOptions;
  readonly #sockets = new Set<SimulatedSocket>();

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Sockets that neither side has given up. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** The network as one life of the process sees it. */
  linkFor(life: number, peer: Peer): ExchangeNetwork {
    return {
      dial: (url, events) => {
        const { route, target } = this.#route(url, life, peer);
        route.witness.requestSent(route.core.market, life, "handshake");
        const socket = new SimulatedSocket(route, events, () => this.#sockets.delete(socket));
        this.#sockets.add(socket);
        socket.dial(target);
        return socket;
      },
      fetch: (url, { signal }) => {
        const { route, target } = this.#route(url, life, peer);
        route.witness.requestSent(route.core.market, life, "rest");
        return fetchOver(route, target, signal);
      },
    };
  }

  /** The process is gone: its peers learn of it, it learns nothing any more. */
  dropLife(life: number): void {
    for (const socket of [...this.#sockets]) if (socket.life === life) socket.abandon();
  }

  /** Tears every connection of a market. */
  reset(market: MarketKind): void {
    for (const socket of [...this.#sockets]) if (socket.market === market) socket.tear();
  }

  #route(url: string, life: number, peer: Peer): { readonly route: Route; readonly target: string } {
    const { host, pathname, search } = new URL(url);
    const market = host === hostOf("spot") ? "spot" : "futures";
    const { clock, chance, markets, weather, witness } = this.#options;
    const route = { core: markets[market], clock, weather: weather[market], chance, witness, life, peer };
    return { route, target: pathname + search };
  }
}

/** The way of one message, in milliseconds. */
export function latency({ weather, chance }: Route): number {
  const [min, max] = weather.latencyMs;
  return chance.whole(min, max);
}

/** Runs `deliver` after `ms`, or when the machine at the near end wakes up. */
export function arrive(route: Route, ms: number, deliver: () => void): void {
  const { clock, peer } = route;
  clock.setTimeout(() => {
    const asleepMs = peer.asleepForMs();
    if (asleepMs > 0) arrive(route, asleepMs, deliver);
    else deliver();
  }, ms);
}
