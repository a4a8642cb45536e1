import { describe, expect, test } from "vitest";
import { createMarketCore } from "../../../src/sim/market-core.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { checkTally } from "../../../src/simulation/soak/checks.js";
import { ExchangeTally, type MarketTally } from "../../../src/simulation/soak/exchange-tally.js";

/** A market without symbols whose journal the test writes. */
function market() {
  const clock = new SimulatedClock(0);
  const settings = { journal: { capacityPerKind: 2 } };
  const { journal, settings: resolved } = createMarketCore("futures", { symbols: [], settings }, { clock, seed: 1 });
  const core = createMarketCore("futures", { symbols: [], settings }, { clock, seed: 1 });
  const tally = new ExchangeTally({ ...core, journal, settings: resolved });
  const rest = { method: "GET", path: "/fapi/v1/klines", params: {} };
  return {
    clock,
    tally,
    open: (connection: number) =>
      journal.note("attempt", { target: "/stream", outcome: { result: "accepted", connection } }),
    refuse: () => journal.note("attempt", { target: "/stream", outcome: { result: "refused", status: 429 } }),
    close: (connection: number, by: "client" | "server") =>
      journal.note("closed", { connection, by, code: 1001, reason: "" }),
    ask: (status: number | undefined, usedWeight: number) =>
      journal.note("rest", { ...rest, status, weight: 1, usedWeight }),
  };
}

describe("the tally of a market", () => {
  test("counts sockets, and most of them at a time", () => {
    const { tally, open, close } = market();
    for (const connection of [1, 2, 3]) open(connection);
    close(1, "server");
    close(2, "client");
    open(4);
    expect(tally.view()).toMatchObject({
      sockets: 2,
      socketsPeak: 3,
      ends: { server: { "1001": 1 }, client: { "1001": 1 } },
    });
  });

  test("counts attempts of any five minutes, refused ones too, and more than the journal keeps", () => {
    const { clock, tally, open, refuse } = market();
    for (let connection = 1; connection <= 4; connection += 1) open(connection);
    clock.advance(299_000);
    refuse();
    clock.advance(1_000);
    refuse();
    expect(tally.view()).toMatchObject({ attempts: 6, attemptsPerWindowPeak: 5 });
  });

  test("counts requests, what became of them, and the most weight", () => {
    const { tally, ask } = market();
    ask(200, 40);
    ask(429, 90);
    ask(429, 60);
    ask(undefined, 10);
    expect(tally.view()).toMatchObject({
      requests: 4,
      refusals: { "429": 2, unanswered: 1 },
      weightPeak: 90,
      weightLimit: 2_400,
    });
  });
});

describe("what must hold of a tally", () => {
  const fine: MarketTally = { ...market().tally.view(), socketsPeak: 3, attemptsPerWindowPeak: 150, weightPeak: 2_400 };

  test("holds up to the limits", () => {
    expect(checkTally("futures", fine)).toEqual([]);
  });

  test.each([
    [{ socketsPeak: 4 }, "few_sockets", "4 sockets"],
    [{ attemptsPerWindowPeak: 151 }, "attempts_in_budget", "151 attempts"],
    [{ weightPeak: 2_401 }, "weight_in_budget", "a weight of 2401"],
  ])("%j does not hold", (change, check, message) => {
    const failures = checkTally("futures", { ...fine, ...change });
    expect(failures).toEqual([{ check, message: expect.stringContaining(message) }]);
  });
});
