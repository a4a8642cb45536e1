/** What must hold after every run, whatever went wrong in it. Each check has a name and says what it found. */
import { checkClients } from "./client-checks.js";
import { checkDerived } from "./derived-checks.js";
import { checkExchangeSide } from "./exchange-checks.js";
import { checkGaps } from "./gap-checks.js";
import { checkLedgers, checkStore } from "./store-checks.js";
import type { World } from "./world.js";

/** Something that does not hold. */
export interface Failure {
  readonly check: CheckName;
  readonly message: string;
}

export type CheckName =
  /** Every candle that could be had is stored. */
  | "store_complete"
  /** Every stored candle is one that the exchange had. */
  | "nothing_invented"
  /** Every hole among the stored candles is in the gap ledger, and what that calls repaired is. */
  | "holes_on_record"
  /** What is stored of a ledger is the fold of the stored candles. */
  | "ledgers_are_folds"
  /** What is stored of a derived series is what the stored candles of its base make. */
  | "derived_is_roll_up"
  /** A client gets closed candles ascending, each once. */
  | "published_once_in_order"
  /** A client is told of every hole that it could see in time. */
  | "no_silent_hole"
  /** A client that stays connected has what has closed. */
  | "client_up_to_date"
  /** Forming candles never go back in time, nor behind what has closed. */
  | "forming_moves_forward"
  /** A subscription never ends for a reason of the daemon's own. */
  | "subscription_lives"
  /** Actors do not crash by themselves. */
  | "no_crash"
  /** Breakers move along their chart. */
  | "breaker_chart"
  /** The exchange never has to punish the daemon. */
  | "exchange_budgets"
  /** A demanded silence is obeyed, across restarts. */
  | "silence_obeyed"
  /** A stopped daemon holds nothing. */
  | "nothing_left_behind"
  /** Nothing is thrown past its handlers. */
  | "no_uncaught_error";

/** All failures of a run that has ended. */
export function checkWorld(world: World): readonly Failure[] {
  const of = (check: CheckName, messages: readonly string[]): readonly Failure[] =>
    messages.map((message) => ({ check, message }));
  return [
    ...of("no_crash", world.logs.defects),
    ...of("breaker_chart", world.logs.breakerMoves),
    ...of("silence_obeyed", world.budgets.violations),
    ...of("nothing_left_behind", world.leftTimers),
    ...checkExchangeSide(world),
    ...checkStore(world),
    ...checkGaps(world),
    ...checkClients(world),
    ...checkLedgers(world),
    ...checkDerived(world),
  ];
}
