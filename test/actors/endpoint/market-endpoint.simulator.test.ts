/** The endpoint against the exchange simulator, which polices frames, names and limits as the exchange does. */
import { describe, expect, onTestFinished, test } from "vitest";
import { fixedPause } from "../../../src/actors/breaker/retry-policy.js";
import { AttemptBudget } from "../../../src/actors/endpoint/attempt-budget.js";
import { MarketEndpoint } from "../../../src/actors/endpoint/market-endpoint.js";
import { silentLog } from "../../../src/observability/event-log.js";
import type { MarketKind } from "../../../src/sim/settings.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { startSimulatedExchange } from "../../../src/sim/simulated-exchange.js";
import { walkSource } from "../../../src/sim/truth/walk-source.js";
import { T0 } from "../series/world.js";
import { until } from "./socket-server.js";
import { Ear, streamName } from "./world.js";

const LISTED = ["btcusdt@kline_1m", "ethusdt@kline_1m"] as const;

async function startAgainst(kind: MarketKind) {
  const clock = new SimulatedClock(T0 * 1000);
  const listedMs = (T0 - 86_400) * 1000;
  const symbols = ["BTC", "ETH"].map((baseAsset, seed) => ({
    symbol: `${baseAsset}USDT`,
    baseAsset,
    quoteAsset: "USDT",
    source: walkSource({ seed, startPrice: 100, listedMs }),
  }));
  const exchange = await startSimulatedExchange({ clock, seed: 1, markets: { [kind]: { symbols } } });
  onTestFinished(() => exchange.stop());
  const market = exchange[kind];
  const endpoint = new MarketEndpoint({
    attempts: new AttemptBudget(),
    market: kind,
    baseUrl: market.wsUrl,
    clock,
    random: () => 0.5,
    renewAfterMs: 82_800_000,
    earliestNowMs: () => undefined,
    log: silentLog,
    retry: fixedPause,
    onRefused: () => 0,
    onFault: (error) => {
      throw error;
    },
  });
  onTestFinished(() => endpoint.stop("the test is over"));
  const attach = (stream: string): Ear => {
    const ear = new Ear();
    endpoint.attach(stream, ear);
    return ear;
  };
  /** Moves the clock in small steps, so that what is sent at one time arrives at about that time. */
  const advance = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 250) {
      for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
      clock.advance(Math.min(250, left));
    }
  };
  return { market, attach, advance, endpoint };
}

describe.each<MarketKind>(["spot", "futures"])("on the simulated %s market", (kind) => {
  test("fifteen streams cost one socket and one SUBSCRIBE, and candles come in (B3)", async () => {
    const { market, attach, advance } = await startAgainst(kind);
    const ears = [...LISTED, ...Array.from({ length: 13 }, (_, n) => streamName(n))].map(attach);
    await until("the acknowledgement", () => ears.every(({ subscriptions }) => subscriptions === 1));
    await advance(63_000);
    await until("a final of both", () => ears.slice(0, 2).every(({ klines }) => klines.some(({ final }) => final)));
    expect([market.connections().length, market.journal.count("control")]).toEqual([1, 1]);
    expect(ears.slice(2).every(({ klines }) => klines.length === 0)).toBe(true);
  });

  test("nine hundred streams wanted at once break no rule of the exchange", async () => {
    const { market, attach, advance, endpoint } = await startAgainst(kind);
    const ears = Array.from({ length: 900 }, (_, n) => attach(streamName(n)));
    await until("the sockets", () => endpoint.size.connections === 2);
    await advance(15_000);
    await until("the acknowledgements", () => ears.every(({ subscriptions }) => subscriptions === 1));
    const { journal } = market;
    expect([journal.count("attempt"), journal.count("closed"), journal.count("refusal")]).toEqual([2, 0, 0]);
    expect(market.connections().map(({ subscriptions }) => subscriptions.length)).toEqual([800, 100]);
  });
});
