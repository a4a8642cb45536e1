/** One market of the simulated exchange without the sockets that it is reached by: truth, streams, REST and faults. */
import type { Clock } from "../clock/clock.js";
import { Agenda } from "./agenda.js";
import { FaultSwitchboard } from "./faults/switchboard.js";
import { Journal, type Truth } from "./journal.js";
import { RestServer } from "./rest/rest-server.js";
import { type MarketKind, type MarketSettings, type MarketSettingsChange, resolveSettings } from "./settings.js";
import { StreamServer } from "./socket/stream-server.js";
import { Publisher } from "./stream/publisher.js";
import { StreamEngine } from "./stream/stream-engine.js";
import { parseStrike, type Strike } from "./strikes.js";
import { type ListedSymbol, listSymbols, type SymbolOptions } from "./symbols.js";
import { CandleBook } from "./truth/candle-book.js";
import { closedCandles } from "./truth/holdings.js";

export interface MarketCoreOptions {
  readonly symbols: readonly SymbolOptions[];
  /** What differs from production. */
  readonly settings?: MarketSettingsChange;
}

export interface MarketCore {
  readonly market: MarketKind;
  readonly settings: MarketSettings;
  readonly symbols: ReadonlyMap<string, ListedSymbol>;
  readonly agenda: Agenda;
  readonly books: ReadonlyMap<string, CandleBook>;
  readonly journal: Journal;
  readonly faults: FaultSwitchboard;
  readonly engine: StreamEngine;
  readonly rest: RestServer;
  readonly streams: StreamServer;
  /**
   * Does something to the market once. Answers how many connections it hit.
   * @throws StrikeError
   */
  strike(strike: Strike): number;
}

/** @throws RangeError for a bad symbol. */
export function createMarketCore(
  market: MarketKind,
  options: MarketCoreOptions,
  { clock, seed }: { readonly clock: Clock; readonly seed: number },
): MarketCore {
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
  const strike = (wanted: Strike): number => {
    parseStrike(wanted);
    journal.note("intervention", { action: "strike", detail: wanted });
    return perform(wanted, { streams, rest });
  };
  return { market, settings, symbols, agenda, books, journal, faults, engine, rest, streams, strike };
}

function perform(strike: Strike, { streams, rest }: Pick<MarketCore, "streams" | "rest">): number {
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
