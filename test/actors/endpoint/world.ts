/** A market's endpoint against a stream server of the test's own. */
import { onTestFinished } from "vitest";
import { fixedPause, type RetryPolicy } from "../../../src/actors/breaker/retry-policy.js";
import { AttemptBudget } from "../../../src/actors/endpoint/attempt-budget.js";
import { MarketEndpoint, type MarketEndpointOptions } from "../../../src/actors/endpoint/market-endpoint.js";
import type { KlineUpdate, StreamListener } from "../../../src/actors/feed/exchange-port.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { RecordingLog, T0 } from "../series/world.js";
import { roundTrip, startSocketServer, until } from "./socket-server.js";

/** A series' side of an attachment, that remembers what it was told. */
export class Ear implements StreamListener {
  subscriptions = 0;
  readonly klines: KlineUpdate[] = [];
  readonly losses: string[] = [];

  subscribed(): void {
    this.subscriptions += 1;
  }

  kline(update: KlineUpdate): void {
    this.klines.push(update);
  }

  lost(reason: string): void {
    this.losses.push(reason);
  }
}

/** A connection is not to hear nothing for so long, only because the clock goes on, that it is given up. Milliseconds. */
const LONGEST_STEP_MS = 40_000;

export const streamName = (n: number): string => `c${n}usdt@kline_1m`;

export async function startEndpoint(
  change: Partial<MarketEndpointOptions> = {},
  createRetry: (clock: SimulatedClock) => RetryPolicy = () => fixedPause,
) {
  const server = await startSocketServer();
  const clock = new SimulatedClock(T0 * 1000);
  const retry = createRetry(clock);
  const log = new RecordingLog();
  const faults: unknown[] = [];
  /** What the breaker of the endpoint was told. */
  const told: string[] = [];
  const endpoint = new MarketEndpoint({
    attempts: new AttemptBudget(),
    market: "futures",
    baseUrl: server.url,
    clock,
    random: () => 0.5,
    renewAfterMs: 82_800_000,
    earliestNowMs: () => undefined,
    log,
    retry: {
      attempt: () => retry.attempt(),
      succeeded: () => {
        told.push("succeeded");
        retry.succeeded();
      },
      failed: (reason) => {
        told.push(reason);
        return retry.failed(reason);
      },
      snapshot: () => retry.snapshot(),
    },
    onRefused: () => 0,
    onFault: (error) => faults.push(error),
    ...change,
  });
  onTestFinished(() => endpoint.stop("the test is over"));
  const attach = (stream: string, ear = new Ear()) => {
    const attachment = endpoint.attach(stream, ear);
    return { ...attachment, ear };
  };
  /** Attaches a number of streams in one turn. */
  const attachMany = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => attach(streamName(from + index)));
  /** Waits until all streams have been acknowledged. */
  const acknowledged = (parts: readonly { readonly ear: Ear }[]) =>
    until("the acknowledgement", () => parts.every(({ ear }) => ear.subscriptions > 0));
  /** Lets a few turns of the event loop pass. */
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  /** Moves the clock and waits until what was sent has come and what was answered has been heard. */
  const advance = async (ms: number): Promise<void> => {
    let leftMs = ms;
    do {
      await turns();
      clock.advance(Math.min(leftMs, LONGEST_STEP_MS));
      await turns();
      for (const side of server.sides) if (side.closed === undefined) await roundTrip(side);
      leftMs -= LONGEST_STEP_MS;
    } while (leftMs > 0);
  };
  /** Waits for the next attempt of a handshake to be over and heard of. */
  const attempted = (count: number) =>
    until(`attempt ${count}`, () => server.attempts.length === count && endpoint.size.connections === 0);
  return { server, clock, log, faults, told, endpoint, attach, attachMany, acknowledged, advance, attempted, turns };
}
