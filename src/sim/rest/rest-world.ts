/** What the REST routes see of their market. */
import type { Agenda } from "../agenda.js";
import type { FaultSwitchboard } from "../faults/switchboard.js";
import type { MarketKind, RestSettings } from "../settings.js";
import type { ListedSymbol } from "../symbols.js";
import type { CandleBook } from "../truth/candle-book.js";

export interface RestWorld {
  readonly market: MarketKind;
  readonly settings: RestSettings;
  readonly agenda: Agenda;
  readonly symbols: ReadonlyMap<string, ListedSymbol>;
  readonly books: ReadonlyMap<string, CandleBook>;
  readonly faults: FaultSwitchboard;
}

/** A symbol as exchangeInfo lists it at this moment; undefined when it does not. */
export function listedStatus(world: RestWorld, symbol: string): string | undefined {
  const listing = world.faults.first("listing", { symbol }, world.agenda.now());
  if (listing?.status === "gone") return undefined;
  return listing?.status ?? world.symbols.get(symbol)?.status;
}

/** The candles of a symbol; undefined when REST knows no such symbol. */
export function queryableBook(world: RestWorld, symbol: string): CandleBook | undefined {
  const listing = world.faults.first("listing", { symbol }, world.agenda.now());
  return listing?.klines === "invalid-symbol" ? undefined : world.books.get(symbol);
}
