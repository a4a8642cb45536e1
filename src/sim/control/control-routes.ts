/** The routes of the control interface; docs/simulator.md describes them to their users. */
import { FAULTS, parseFault } from "../faults/catalogue.js";
import { JOURNAL_KINDS, type JournalKind } from "../journal.js";
import type { MarketKind } from "../settings.js";
import type { Endpoints, SimulatedMarket } from "../simulated-market.js";
import { parseStrike } from "../strikes.js";

/** A request that cannot be served. The message names the value and the remedy. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ControlInput {
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly markets: Readonly<Record<MarketKind, SimulatedMarket>>;
}

export interface ControlRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly answer: (input: ControlInput) => unknown;
}

/** Journal entries in one answer, at most; `next` says where to go on. */
const JOURNAL_PAGE_MAX = 10_000;
/** Truth candles in one answer, at most. */
const TRUTH_PAGE_MAX = 50_000;

export const CONTROL_ROUTES: readonly ControlRoute[] = [
  {
    method: "GET",
    path: "/",
    answer: ({ markets }) => ({ spot: overview(markets.spot), futures: overview(markets.futures) }),
  },
  { method: "GET", path: "/journal", answer: journalPage },
  { method: "GET", path: "/truth", answer: truthPage },
  { method: "GET", path: "/faults", answer: (input) => ({ faults: marketOf(input).faults.list() }) },
  {
    method: "GET",
    path: "/faults/kinds",
    answer: () => ({ kinds: FAULTS.map(({ kind, summary, schema }) => ({ kind, summary, schema })) }),
  },
  {
    method: "POST",
    path: "/faults",
    answer: (input) => ({ id: marketOf(input).faults.switchOn(parseFault(input.body)) }),
  },
  {
    method: "POST",
    path: "/faults/off",
    answer: (input) => ({ switchedOff: marketOf(input).faults.switchOff(numberOf(input, "id")) }),
  },
  {
    method: "POST",
    path: "/faults/clear",
    answer: (input) => {
      marketOf(input).faults.clear();
      return {};
    },
  },
  { method: "POST", path: "/strikes", answer: (input) => ({ hit: marketOf(input).strike(parseStrike(input.body)) }) },
  {
    method: "POST",
    path: "/offline",
    answer: (input) =>
      marketOf(input)
        .goOffline(endpointsOf(input))
        .then(() => ({})),
  },
  {
    method: "POST",
    path: "/online",
    answer: (input) =>
      marketOf(input)
        .goOnline(endpointsOf(input))
        .then(() => ({})),
  },
];

function overview(market: SimulatedMarket): object {
  const { restUrl, wsUrl, symbols, faults } = market;
  const counts = Object.fromEntries(JOURNAL_KINDS.map((kind) => [kind, market.journal.count(kind)]));
  return {
    restUrl,
    wsUrl,
    nowMs: Math.floor(market.now()),
    symbols,
    connections: market.connections(),
    liveStreams: market.liveStreams(),
    faults: faults.list(),
    journal: counts,
  };
}

function journalPage(input: ControlInput): object {
  const { journal } = marketOf(input);
  const kind = oneOf<JournalKind>(input, "kind", JOURNAL_KINDS);
  const after = numberOf(input, "after", 0);
  const limit = Math.min(JOURNAL_PAGE_MAX, numberOf(input, "limit", JOURNAL_PAGE_MAX));
  const entries = journal.entries(kind, after).slice(0, limit);
  return {
    entries,
    next: entries.at(-1)?.sequence ?? after,
    total: journal.count(kind),
    dropped: journal.dropped(kind),
  };
}

function truthPage(input: ControlInput): object {
  const market = marketOf(input);
  const { symbol, interval } = input.query;
  if (symbol === undefined || interval === undefined) {
    throw new ControlError(400, "symbol and interval are needed, for example symbol=BTCUSDT&interval=1m");
  }
  const candles = market.journal.truth(symbol, interval, numberOf(input, "from"), numberOf(input, "to"));
  if (candles.length > TRUTH_PAGE_MAX) {
    throw new ControlError(400, `that are ${candles.length} candles; ask for a range of at most ${TRUTH_PAGE_MAX}`);
  }
  return { candles };
}

function marketOf(input: ControlInput): SimulatedMarket {
  return input.markets[oneOf<MarketKind>(input, "market", ["spot", "futures"])];
}

function endpointsOf(input: ControlInput): Endpoints {
  return input.query.endpoints === undefined ? "all" : oneOf<Endpoints>(input, "endpoints", ["rest", "ws", "all"]);
}

function oneOf<T extends string>({ query }: ControlInput, name: string, values: readonly T[]): T {
  const value = values.find((candidate) => candidate === query[name]);
  if (value === undefined) {
    throw new ControlError(400, `${name}=${query[name] ?? ""} is not valid; use one of ${values.join(", ")}`);
  }
  return value;
}

function numberOf({ query }: ControlInput, name: string, fallback?: number): number {
  const value = query[name] === undefined ? fallback : Number(query[name]);
  if (value === undefined || !Number.isFinite(value)) {
    throw new ControlError(400, `${name}=${query[name] ?? ""} is not valid; give a number`);
  }
  return value;
}
