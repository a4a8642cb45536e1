/** Checks on the exchange's side of a run: limits that were kept, and connections that were given back. Feed bounds: B3, B9, B10. */
import type { MarketCore } from "../sim/market-core.js";
import type { Failure } from "./checks.js";
import { MARKET_KINDS, type World } from "./world.js";

/** Why a server closes that only a client in breach of the rules is told. */
const POLICE_REASONS = ["Too many requests", "Too many subscriptions"];

/** Attempts to connect that one life of the daemon may make in five minutes. */
export const ATTEMPTS_PER_LIFE = 150;
const ATTEMPT_WINDOW_MS = 5 * 60_000;

export function checkExchangeSide(world: World): readonly Failure[] {
  return MARKET_KINDS.flatMap((market) => {
    const core = world.markets[market];
    const messages = [...policed(core), ...attempts(core, world.lives), ...overWeight(core, world)];
    const left = core.streams.connections.length;
    return [
      ...messages.map((message): Failure => ({ check: "exchange_budgets", message: `${market}: ${message}` })),
      ...(left === 0
        ? []
        : [
            {
              check: "nothing_left_behind" as const,
              message: `${market}: ${left} connections are open after the stop`,
            },
          ]),
    ];
  });
}

/** A request is given up after this time, in milliseconds. */
const UNDER_WAY_MS = 10_000;

function policed({ journal }: MarketCore): readonly string[] {
  return journal
    .entries("closed")
    .filter(({ by, reason }) => by === "server" && POLICE_REASONS.includes(reason))
    .map(({ reason, connection, atMs }) => `connection ${connection} was closed at ${atMs}: ${reason}`);
}

function attempts({ journal }: MarketCore, lives: number): readonly string[] {
  const times = journal.entries("attempt").map(({ atMs }) => atMs);
  const limit = ATTEMPTS_PER_LIFE * lives;
  const over = times.findIndex(
    (atMs, index) => atMs - (times[index - limit] ?? Number.NEGATIVE_INFINITY) < ATTEMPT_WINDOW_MS,
  );
  return over < 0 ? [] : [`more than ${limit} attempts to connect in five minutes, at ${times[over]}`];
}

/**
 * 429s that no fault has made: at most once for each time that others used up the weight. What was under way together is
 * refused together.
 */
function overWeight({ journal, market, settings }: MarketCore, { plan }: World): readonly string[] {
  const refused = journal
    .entries("rest")
    .filter(
      ({ status, usedWeight }) => (status === 429 || status === 418) && usedWeight > settings.rest.weightPerMinute,
    );
  const provoked = plan.acts.filter(
    (act) =>
      ("market" in act && act.market === market && act.type === "fault" && act.fault.kind === "foreign-weight") ||
      (act.type === "strike" && act.strike.kind === "spend-weight"),
  ).length;
  const lives = plan.acts.filter(({ type }) => type === "crash" || type === "restart").length + 1;
  const allowed = provoked * lives;
  let lastMs = Number.NEGATIVE_INFINITY;
  let times = 0;
  for (const { atMs } of refused) {
    if (atMs - lastMs < UNDER_WAY_MS) continue;
    lastMs = atMs;
    times += 1;
  }
  return times <= allowed ? [] : [`refused for weight ${times} times, ${allowed} could be provoked`];
}
