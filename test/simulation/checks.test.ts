/** Every check must be able to fail: the daemon is broken on purpose, from outside, and the check that is for it must say so. */
import { describe, expect, test } from "vitest";
import type { ExchangeNetwork } from "../../src/actors/endpoint/exchange-market.js";
import { type Plan, planOf } from "../../src/simulation/plan.js";
import { runPlan, type SeedResult } from "../../src/simulation/run.js";
import type { WorldOptions } from "../../src/simulation/world.js";
import { committing, droppingTenth, isTenth, withCandles } from "./breaking.js";

const DERIVED = { TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: "1", TRADE_CANVAS_DERIVED_TIMEFRAMES: "5m" };
const BTC = "binance:futures:BTC/USDT:1m";

/** Half an hour in which nothing goes wrong, with one pinned series and one client. */
function quietPlan(change: Partial<Plan> = {}): Plan {
  const drawn = planOf(1, { hours: 0.5 });
  const series = {
    id: BTC,
    market: "futures",
    symbol: "BTCUSDT",
    timeframe: "1m",
    timeframeS: 60,
    pinned: true,
  } as const;
  const client = { name: "client", series: BTC, batches: false, turnsMs: [60_000] };
  const noTruth = (market: Plan["markets"]["spot"]) => ({ ...market, truthFaults: [] });
  const markets = { spot: noTruth(drawn.markets.spot), futures: noTruth(drawn.markets.futures) };
  const env = {
    ...drawn.env,
    TRADE_CANVAS_ENABLE_FACTOR_INGEST: "1",
    TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "1",
    TRADE_CANVAS_ENABLE_STARTUP_KLINE_SYNC: "1",
    TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: "250",
    TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: "0",
  };
  return { ...drawn, series: [series], clients: [client], derived: [], acts: [], markets, env, ...change };
}

const run = (options: WorldOptions = {}, change: Partial<Plan> = {}): Promise<SeedResult> =>
  runPlan(quietPlan(change), options);
const checksOf = ({ failures }: SeedResult): readonly string[] => [...new Set(failures.map(({ check }) => check))];

/** A network whose stream messages are changed on their way in. */
function receiving(change: (text: string) => string): NonNullable<WorldOptions["wrapNetwork"]> {
  return (network): ExchangeNetwork => ({
    ...network,
    dial: (url, events) =>
      network.dial(url, {
        ...events,
        onMessage: (data, isBinary) => events.onMessage(Buffer.from(change(data.toString("utf8"))), isBinary),
      }),
  });
}

test("without a fault, and without one of the daemon's, nothing is found", async () => {
  expect((await run()).failures).toEqual([]);
});

describe("is found:", () => {
  test("a candle that is not stored", async () => {
    const found = checksOf(await run({ wrapStore: droppingTenth }));
    expect(found).toContain("store_complete");
    // Nor does any gap tell of it.
    expect(found).toContain("holes_on_record");
  });

  test("a candle that is stored with another value than it had", async () => {
    const changing = committing((commit) =>
      withCandles(commit, (candle) => [isTenth(candle) ? { ...candle, close: candle.high } : candle]),
    );
    expect(checksOf(await run({ wrapStore: changing }))).toContain("nothing_invented");
  });

  test("an interim that is promoted to a final", async () => {
    const promoting = receiving((text) => text.replace('"x":false', '"x":true'));
    expect(checksOf(await run({ wrapNetwork: promoting }))).toContain("nothing_invented");
  });

  test("a derived candle that its base does not make, and one that is not made", async () => {
    const derived = { derived: ["5m"], env: { ...quietPlan().env, ...DERIVED } };
    const changing = committing((commit) =>
      commit.series.endsWith(":5m")
        ? withCandles(commit, (candle) => [isTenth(candle) ? { ...candle, close: candle.high + 1 } : candle])
        : commit,
    );
    expect(checksOf(await run({ wrapStore: changing }, derived))).toContain("derived_is_roll_up");
    const dropping = committing((commit) =>
      commit.series.endsWith(":5m") ? withCandles(commit, (candle) => (isTenth(candle) ? [] : [candle])) : commit,
    );
    expect(checksOf(await run({ wrapStore: dropping }, derived))).toContain("derived_is_roll_up");
    expect((await run({}, derived)).failures).toEqual([]);
  });

  test("ledgers that are not the fold of the candles", async () => {
    const changing = committing((commit) => {
      const { factor, overlay } = commit.ledgers ?? {};
      if (factor?.type !== "advanced") return commit;
      const [first, ...blocks] = factor.blocks;
      if (first === undefined) return commit;
      const wrong = { ...factor, blocks: [{ ...first, rows: "" }, ...blocks] };
      return { ...commit, ledgers: overlay === undefined ? { factor: wrong } : { factor: wrong, overlay } };
    });
    expect(checksOf(await run({ wrapStore: changing }))).toContain("ledgers_are_folds");
  });

  test("a daemon that dials without end", async () => {
    const wrapNetwork = (network: ExchangeNetwork): ExchangeNetwork => ({
      ...network,
      dial: (url, events) => {
        for (let extra = 0; extra < 200; extra += 1) {
          const silent = () => undefined;
          const socket = network.dial(url, {
            onOpen: () => socket.terminate(),
            onMessage: silent,
            onPing: silent,
            onPong: silent,
            onRefused: silent,
            onError: silent,
            onClose: silent,
          });
        }
        return network.dial(url, events);
      },
    });
    expect(checksOf(await run({ wrapNetwork }))).toContain("exchange_budgets");
  });

  test("requests during a demanded silence", async () => {
    const refusal = { kind: "rest-refusal", status: 429, retryAfterS: 120 } as const;
    const acts = [{ atMs: 300_000, type: "fault", market: "futures", fault: refusal, forMs: 60_000 }] as const;
    const wrapNetwork = (network: ExchangeNetwork): ExchangeNetwork => ({
      ...network,
      fetch: async (url, request) => {
        const answer = await network.fetch(url, request);
        if (answer.status === 429) void network.fetch(url, request).catch(() => undefined);
        return answer;
      },
    });
    const dropped = [
      { atMs: 240_000, type: "fault", market: "futures", fault: { kind: "drop-finals" }, forMs: 300_000 },
    ] as const;
    const found = checksOf(await run({ wrapNetwork }, { acts: [...dropped, ...acts] }));
    expect(found).toContain("silence_obeyed");
  });

  test("a connection that is not given back", async () => {
    const wrapNetwork = (network: ExchangeNetwork): ExchangeNetwork => ({
      ...network,
      dial: (url, events) => ({
        ...spread(network.dial(url, events)),
        close: () => undefined,
        terminate: () => undefined,
      }),
    });
    const spread = (socket: ReturnType<ExchangeNetwork["dial"]>) => ({
      sendText: (text: string) => socket.sendText(text),
      ping: () => socket.ping(),
      pong: (payload: Buffer) => socket.pong(payload),
    });
    expect(checksOf(await run({ wrapNetwork }))).toContain("nothing_left_behind");
  });

  test("an error that nobody handles", async () => {
    const throwing = receiving((text) => {
      if (text.includes('"x":true')) throw new Error("a broken wire");
      return text;
    });
    const { failures } = await run({ wrapNetwork: throwing });
    expect(failures).toEqual([{ check: "no_uncaught_error", message: expect.stringContaining("a broken wire") }]);
  });
});
