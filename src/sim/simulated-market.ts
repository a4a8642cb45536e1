/** One market of the simulated exchange: its truth, its streams, its REST, and the means to disturb them. */
import type { Clock } from "../clock/clock.js";
import { Agenda } from "./agenda.js";
import { FaultSwitchboard } from "./faults/switchboard.js";
import { Journal, type Truth } from "./journal.js";
import { Listener } from "./listener.js";
import { RestServer } from "./rest/rest-server.js";
import { type MarketKind, type MarketSettings, type MarketSettingsChange, resolveSettings } from "./settings.js";
import { StreamServer } from "./socket/stream-server.js";
import { Publisher } from "./stream/publisher.js";
import { StreamEngine } from "./stream/stream-engine.js";
import { parseStrike, type Strike } from "./strikes.js";
import { listSymbols, type SymbolOptions } from "./symbols.js";
import { CandleBook } from "./truth/candle-book.js";
import { closedCandles } from "./truth/holdings.js";

export interface MarketOptions {
  readonly symbols: readonly SymbolOptions[];
  /** 0 or left out: any free port. */
  readonly restPort?: number;
  readonly wsPort?: number;
  /** What differs from production. */
  readonly settings?: MarketSettingsChange;
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
  const parts = assemble(market, options, world);
  const { rest, ws } = parts.listeners;
  await rest.goOnline();
  await ws.goOnline().catch(async (error: unknown) => {
    await rest.goOffline();
    throw error;
  });
  return runningMarket(market, parts);
}

type Parts = ReturnType<typeof assemble>;

function assemble(
  market: MarketKind,
  options: MarketOptions,
  { clock, seed }: { readonly clock: Clock; readonly seed: number },
) {
  const settings = resolveSettings(market, options.settings);
  const symbols = listSymbols(market, options.symbols);
  const agenda = new Agenda(clock, settings.clockOffsetMs);
  const now = (): number => agenda.now();
  const books = new Map<string, CandleBook>();
  const truth: Truth = (...asked) => closedCandles({ books, faults, nowMs: now() }, ...asked);
  const journal = new Journal(now, settings.journal.capacityPerKind, truth);
  const faults: FaultSwitchboard = new FaultSwitchboard({
    now,
    openConnections: () => streams.connections.map(({ id }) => id),
    switched: (action, detail) => journal.note("intervention", { action, detail }),
  });
  for (const { symbol, source } of symbols.values()) {
    books.set(symbol, new CandleBook({ symbol, source, seed, path: settings.stream.path, holes: faults }));
  }
  const engine = new StreamEngine({
    market,
    seed,
    settings: settings.stream,
    agenda,
    books,
    publisher: new Publisher({ agenda, faults, journal, noteUpdates: settings.journal.updates }),
  });
  const rest = new RestServer({ market, settings: settings.rest, agenda, symbols, books, faults }, journal);
  const streams: StreamServer = new StreamServer({
    market,
    settings: settings.connection,
    agenda,
    engine,
    faults,
    journal,
    bannedUntil: () => rest.bannedUntil(),
  });
  const listeners = {
    rest: new Listener(options.restPort ?? 0, { request: (request, response) => rest.handle(request, response) }),
    ws: new Listener(options.wsPort ?? 0, {
      request: (_request, response) => response.writeHead(404).end(),
      upgrade: (request, socket, head) => streams.upgrade(request, socket, head),
    }),
  };
  return { settings, symbols, agenda, books, journal, faults, engine, rest, streams, listeners };
}

function runningMarket(market: MarketKind, parts: Parts): RunningMarket {
  const { settings, symbols, agenda, books, journal, faults, engine, streams, listeners } = parts;
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
    strike: (strike) => {
      parseStrike(strike);
      journal.note("intervention", { action: "strike", detail: strike });
      return perform(strike, parts);
    },
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

function perform(strike: Strike, { streams, rest }: Parts): number {
  if (strike.kind === "spend-weight") {
    rest.spendWeight(strike.weight);
    return 0;
  }
  const { connections } = strike;
  const hit = streams.connections.filter(({ id }) => connections === undefined || connections.includes(id));
  for (const connection of hit) {
    if (strike.kind === "cut") {
      connection.cut(strike.manner);
    } else if (strike.kind === "server-shutdown") {
      connection.announceShutdown(strike.leadMs, strike.manner);
    } else {
      const binary = strike.encoding === "base64";
      connection.send({ data: binary ? Buffer.from(strike.data, "base64") : strike.data, binary });
    }
  }
  return hit.length;
}
