/** A runtime with derived timeframes, on an exchange that a test plays minute by minute. */
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { type DerivedTimeframes, planDerivedTimeframes } from "../../../src/market/derived-timeframes.js";
import { rollUp } from "../../../src/market/roll-up.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleAt } from "../../support/candles.js";
import { type RuntimeOptions, startRuntime } from "../market-runtime.world.js";
import { minute, SERIES, T0 } from "../series/world.js";

export const TIMEFRAMES = planDerivedTimeframes("1m", ["5m", "15m", "1h", "4h", "1d"]).timeframes as DerivedTimeframes;

/** The derived series of {@link SERIES}. */
export const derived = (timeframe: string): string => SERIES.replace(/1m$/, timeframe);
export const FIVE = derived("5m");

export interface DerivedOptions extends RuntimeOptions {
  /** The switch `TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH`. */
  readonly publishById?: boolean;
  readonly firstCandles?: number;
}

export async function startDerived({ publishById = true, firstCandles = 2_000, ...options }: DerivedOptions = {}) {
  const world = await startRuntime({
    ...options,
    parts: { policies: runPolicies({ pipelineV2: true, wsPipelinePublish: publishById }), ...options.parts },
    runtime: { derived: { timeframes: TIMEFRAMES, firstCandles }, ...options.runtime },
  });
  const { clock, advance, futures, runtime, store } = world;
  /** Moves to `seconds` after {@link T0}. */
  const at = (seconds: number) => advance((T0 + seconds) * 1000 - clock.now());
  /** Closes minute `n` one second after its end; its stream has it. */
  const close = async (n: number, candle = candleAt(minute(n))): Promise<void> => {
    await at((n + 1) * 60 + 1);
    futures.final(SERIES, candle);
    await advance(0);
  };
  const closeAll = async (from: number, to: number): Promise<void> => {
    for (let n = from; n <= to; n += 1) await close(n);
  };
  /** Holds the job of a series, up to where its stream is subscribed to. */
  const follow = async (series = SERIES): Promise<void> => {
    runtime.hold(series);
    await advance(0);
  };
  const read = (series: string) => store.read(series, { limit: 100_000 }).candles();
  /** What the stored base candles make of a derived series. */
  const expected = (timeframe: string) => rollUp(read(SERIES), 60, parseSeriesId(derived(timeframe)).timeframeSeconds);
  return { ...world, at, close, closeAll, follow, read, expected };
}
