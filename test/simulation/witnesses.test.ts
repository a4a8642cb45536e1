/** What watches the daemon's log and its requests while a seed runs. */
import { describe, expect, test } from "vitest";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { BudgetWitness } from "../../src/simulation/budget-witness.js";
import { LogWitness } from "../../src/simulation/log-witness.js";

const NAME = "binance:spot:BTC/USDT:1m";
const SERIES = { breaker: "series", name: NAME };
const MARKET = { breaker: "endpoint", name: "binance:spot" };

describe("the witness of the log", () => {
  test("takes the breaker's chart as it is, and what is on disk for what it is in a new life", () => {
    const witness = new LogWitness();
    witness.heard("breaker.opened", { ...SERIES, from: "closed" }, 1);
    witness.heard("breaker.half_opened", { ...SERIES, from: "open" }, 2);
    witness.heard("breaker.opened", { ...SERIES, from: "half_open" }, 3);
    witness.heard("breaker.closed", { ...SERIES, from: "open" }, 4);
    witness.heard("breaker.opened", { ...MARKET, from: "closed" }, 5);
    witness.lifeBegan();
    witness.heard("breaker.half_opened", { ...MARKET, from: "open" }, 6);
    expect(witness.breakerMoves).toEqual([]);
  });

  test("finds a step that the chart does not have", () => {
    const witness = new LogWitness();
    witness.heard("breaker.half_opened", { ...SERIES, from: "closed" }, 1);
    expect(witness.breakerMoves).toHaveLength(1);
  });

  test("finds a state that it was not in, of that breaker", () => {
    const witness = new LogWitness();
    witness.heard("breaker.opened", { ...SERIES, from: "closed" }, 1);
    witness.heard("breaker.opened", { ...MARKET, from: "closed" }, 2);
    expect(witness.breakerMoves).toEqual([]);
    witness.heard("breaker.opened", { ...SERIES, from: "closed" }, 3);
    expect(witness.breakerMoves).toHaveLength(1);
  });

  test("lets a new job's breaker begin closed", () => {
    const witness = new LogWitness();
    witness.heard("breaker.opened", { ...SERIES, from: "closed" }, 1);
    witness.heard("job.ended", { series_id: NAME }, 2);
    witness.heard("breaker.opened", { ...SERIES, from: "closed" }, 3);
    expect(witness.breakerMoves).toEqual([]);
  });

  test("finds crashes, and not what is the exchange's fault", () => {
    const witness = new LogWitness();
    witness.heard("hole.repair_failed", { error: "timeout" }, 1);
    witness.heard("actor.crashed", { actor: "ingest", error: "a bug" }, 2);
    expect(witness.defects).toEqual(['actor.crashed at 2: {"actor":"ingest","error":"a bug"}']);
  });
});

describe("the witness of demanded silences", () => {
  const refusal = { status: 429, retryAfterS: 60, kind: "rest" } as const;
  const world = () => {
    const clock = new SimulatedClock(1_000_000);
    return { clock, witness: new BudgetWitness(clock) };
  };

  test("finds a request before the end, of the same kind and market", () => {
    const { clock, witness } = world();
    witness.refusalDelivered("spot", 1, refusal);
    clock.advance(59_000);
    witness.requestSent("futures", 1, "rest");
    witness.requestSent("spot", 1, "handshake");
    expect(witness.violations).toEqual([]);
    witness.requestSent("spot", 1, "rest");
    expect(witness.violations).toEqual([expect.stringContaining("a rest request 1.0 s before the end")]);
    clock.advance(1_000);
    witness.requestSent("spot", 1, "rest");
    expect(witness.violations).toHaveLength(1);
  });

  test("expects a later life to know what the one before had time to write down", () => {
    const { clock, witness } = world();
    witness.refusalDelivered("spot", 1, refusal);
    clock.advance(11_000);
    witness.lifeEnded(1);
    witness.requestSent("spot", 2, "rest");
    expect(witness.violations).toHaveLength(1);
  });

  test.each([
    ["had no time to", (witness: BudgetWitness) => witness.lifeEnded(1)],
    [
      "had no disk to",
      (witness: BudgetWitness, clock: SimulatedClock) => {
        clock.advance(20_000);
        witness.diskFailed();
        witness.lifeEnded(1);
      },
    ],
  ])("expects nothing of a later life when the one before %s", (_, end) => {
    const { clock, witness } = world();
    witness.refusalDelivered("spot", 1, refusal);
    end(witness, clock);
    witness.requestSent("spot", 2, "rest");
    expect(witness.violations).toEqual([]);
  });
});
