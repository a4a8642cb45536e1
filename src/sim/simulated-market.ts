/** One market of the simulated exchange: its truth, its streams, its REST, and the means to disturb them. */
import type { Clock } from "../clock/clock.js";
import type { FaultSwitchboard } from "./faults/switchboard.js";
import type { Journal } from "./journal.js";
import { Listener } from "./listener.js";
import { createMarketCore, type MarketCore, type MarketCoreOptions } from "./market-core.js";
import { serveHttp } from "./rest/rest-server.js";
import type { MarketKind, MarketSettings } from "./settings.js";
import { WebSocketServer } from "./socket/web-socket-server.js";
import type { Strike } from "./strikes.js";

export interface MarketOptions extends MarketCoreOptions {
  /** 0 or left out: any free port. */
  readonly restPort?: number;
  readonly wsPort?: number;
}

export type Endpoints = "rest" | "ws" | "all";

export interface OpenConnection {
  readonly id: number;
  readonly target: string;
  /** Exchange time, ms. */
  readonly openedMs: number;
  readonly subscriptions: readonly string[];
}

export interface SimulatedMarket {
  readonly market: MarketKind;
  /** `http://127.0.0.1:<port>` */
  readonly restUrl: string;
  /** `ws://127.0.0.1:<port>`; the client appends the route. */
  readonly wsUrl: string;
  readonly symbols: readonly string[];
  readonly settings: MarketSettings;
  readonly faults: FaultSwitchboard;
  readonly journal: Journal;
  /** Time of the exchange, ms since the Unix epoch, UTC. */
  now(): number;
  connections(): readonly OpenConnection[];
  /** Number of streams that are subscribed and have data. */
  liveStreams(): number;
  /** End of the last candle of any symbol, ms UTC; Infinity when one never ends. */
  dataEndMs(): number;
  /**
   * Does something to the market once. Answers how many connections it hit.
   * @throws StrikeError
   */
  strike(strike: Strike): number;
  /** Stops listening and resets every socket, so that connects are refused. */
  goOffline(endpoints?: Endpoints): Promise<void>;
  /** Listens again on the same ports. */
  goOnline(endpoints?: Endpoints): Promise<void>;
}

/** What a market is made of; `stop` is the exchange's to call. */
export interface RunningMarket extends SimulatedMarket {
  stop(): Promise<void>;
}

/**
 * Starts a market on loopback.
 * @throws RangeError for a bad symbol, Error when a port cannot be had.
 */
export async function startMarket(
  market: MarketKind,
  options: MarketOptions,
  world: { readonly clock: Clock; readonly seed: number },
): Promise<RunningMarket> {
  const core = createMarketCore(market, options, world);
  const listeners = createListeners(core, options);
  const { rest, ws } = listeners;
  await rest.goOnline();
  await ws.goOnline().catch(async (error: unknown) => {
    await rest.goOffline();
    throw error;
  });
  return runningMarket(core, listeners);
}

interface Listeners {
  readonly rest: Listener;
  readonly ws: Listener;
}

function createListeners(
  { agenda, rest, streams }: MarketCore,
  { restPort = 0, wsPort = 0 }: MarketOptions,
): Listeners {
  const webSockets = new WebSocketServer(streams, agenda);
  return {
    rest: new Listener(restPort, { request: serveHttp(rest) }),
    ws: new Listener(wsPort, {
      request: (_request, response) => response.writeHead(404).end(),
      upgrade: (request, socket, head) => webSockets.upgrade(request, socket, head),
    }),
  };
}

function runningMarket(core: MarketCore, listeners: Listeners): RunningMarket {
  const { market, settings, symbols, agenda, books, journal, faults, engine, streams } = core;
  const chosen = (endpoints: Endpoints): readonly Listener[] =>
    endpoints === "all" ? [listeners.ws, listeners.rest] : [listeners[endpoints]];
  return {
    market,
    restUrl: `http://127.0.0.1:${listeners.rest.port}`,
    wsUrl: `ws://127.0.0.1:${listeners.ws.port}`,
    symbols: [...symbols.keys()],
    settings,
    faults,
    journal,
    now: () => agenda.now(),
    connections: () =>
      streams.connections.map(({ id, target, openedMs, subscriptions }) => ({ id, target, openedMs, subscriptions })),
    liveStreams: () => engine.size,
    dataEndMs: () => Math.max(Number.NEGATIVE_INFINITY, ...[...books.values()].map((book) => book.range.toMs)),
    strike: (strike) => core.strike(strike),
    goOffline: async (endpoints = "all") => {
      journal.note("intervention", { action: "offline", detail: endpoints });
      await Promise.all(chosen(endpoints).map((listener) => listener.goOffline()));
    },
    goOnline: async (endpoints = "all") => {
      for (const listener of chosen(endpoints)) await listener.goOnline();
      journal.note("intervention", { action: "online", detail: endpoints });
    },
    stop: async () => {
      await Promise.all(chosen("all").map((listener) => listener.goOffline()));
      agenda.stop();
    },
  };
}
