/** A futures market on scripted sockets and REST, for tests of one market. */
import { onTestFinished } from "vitest";
import { fixedPause } from "../../../src/actors/breaker/retry-policy.js";
import { ExchangeMarket, type ExchangeMarketOptions } from "../../../src/actors/endpoint/exchange-market.js";
import type { SavedSilence } from "../../../src/exchange/binance/silence.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { type Answer, json, type SeenRequest, startScriptedServer } from "../../exchange/binance/scripted-server.js";
import { RecordingLog, SERIES, T0 } from "../series/world.js";
import { startSocketServer } from "./socket-server.js";

export const series = parseSeriesId(SERIES);
export const LISTED = {
  symbols: [{ symbol: "BTCUSDT", status: "TRADING", contractType: "PERPETUAL" }],
  rateLimits: [],
};

/** A futures market whose REST answers as the test tells it to; it lists BTCUSDT unless told otherwise. */
export async function startMarket(change: Partial<ExchangeMarketOptions> = {}, startMs = (T0 + 3_600) * 1000) {
  const sockets = await startSocketServer();
  const clock = new SimulatedClock(startMs);
  const script: { rest: (request: SeenRequest) => Answer | Promise<Answer> } = {
    rest: ({ path }) => (path.endsWith("/time") ? json({ serverTime: clock.now() }) : json(LISTED)),
  };
  const rest = await startScriptedServer((request) => script.rest(request));
  onTestFinished(() => rest.stop());
  const log = new RecordingLog();
  const saved: SavedSilence[] = [];
  const market = new ExchangeMarket({
    market: "futures",
    wsUrl: sockets.url,
    restUrl: rest.baseUrl,
    clock,
    random: () => 0,
    log,
    restTimeoutMs: 10_000,
    exchangeInfoTtlMs: 3_600_000,
    renewAfterMs: 82_800_000,
    version: "0.0.0",
    retryPolicy: () => fixedPause,
    silence: {
      load: () => undefined,
      save: async (silence) => {
        saved.push(silence);
      },
    },
    ...change,
  });
  await market.start();
  onTestFinished(() => market.stop());
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const asked = (route: string) => rest.requests.filter(({ path }) => path.endsWith(`/${route}`)).length;
  return { sockets, clock, script, rest, log, saved, market, turns, asked };
}

/** Waits for a promise while the clock goes on in steps of a second. */
export async function within<T>(promise: Promise<T>, clock: SimulatedClock, seconds: number): Promise<T> {
  let done = false;
  void promise.then(
    () => (done = true),
    () => (done = true),
  );
  for (let second = 0; second < seconds && !done; second += 1) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    clock.advance(1_000);
  }
  return promise;
}
