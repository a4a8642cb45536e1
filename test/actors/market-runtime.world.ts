/** A market runtime on exchanges that a test plays. */
import { onTestFinished } from "vitest";
import { BreakerBoard } from "../../src/actors/breaker/breaker-board.js";
import { MarketRuntime, type MarketRuntimeOptions } from "../../src/actors/market-runtime.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { Metrics } from "../../src/observability/metrics.js";
import { FakeExchange } from "../support/fake-exchange.js";
import { Listener } from "./series/listener.js";
import { createWorld, SERIES, type WorldOptions } from "./series/world.js";

export interface RuntimeOptions extends WorldOptions {
  readonly runtime?: Partial<Omit<MarketRuntimeOptions, "jobs" | "markets">>;
  readonly jobs?: Partial<MarketRuntimeOptions["jobs"]>;
}

/** Longer than a stop waits for what it stops, in milliseconds. */
const STOP_LIMIT_MS = 10_000;

export async function startRuntime(options: RuntimeOptions = {}) {
  const world = createWorld(options);
  const { clock, advance, exchange: futures } = world;
  const spot = new FakeExchange(clock);
  const metrics = new Metrics(clock, true);
  const runtime = new MarketRuntime({
    ...world.parts,
    markets: { spot, futures },
    metrics,
    guardrail: true,
    breakers: new BreakerBoard({ ...world.parts, metrics: new Metrics(clock, false) }),
    jobs: {
      whitelist: [],
      whitelistIngest: true,
      onDemandIngest: true,
      maxJobs: 0,
      idleTtlMs: 60_000,
      pinnedHistoryCandles: 0,
      roleGuard: false,
      role: "hybrid",
      ...options.jobs,
    },
    catchUpLimit: 5_000,
    gapBackfill: undefined,
    ...options.runtime,
  });
  await runtime.start();
  await advance(0);
  const stop = async (): Promise<void> => {
    const stopping = runtime.stop();
    await advance(STOP_LIMIT_MS);
    await stopping;
  };
  onTestFinished(stop);
  /** Follows a series as a client does, from its newest stored candles on. */
  const subscribe = async (series = SERIES, since: number | null = null) => {
    const listener = new Listener();
    const id = parseSeriesId(series);
    const subscription = await runtime.subscribe({ id, since, batches: false, gaps: true, subscriber: listener });
    await subscription.catchUp();
    return { listener, subscription };
  };
  const job = (series = SERIES) => runtime.ingestState().jobs.find(({ series_id }) => series_id === series);
  const stored = (series = SERIES): readonly number[] =>
    world.store
      .read(series, { limit: 10_000 })
      .candles()
      .map(({ time }) => time);
  return { ...world, metrics, runtime, spot, futures, stop, subscribe, job, stored };
}
