/** Members and shapes that several routes share. Spec: http-api §1, §2. */
import { vi } from "vitest";
import { PipelineError, PublishError } from "../../../src/actors/ingest/run-result.js";
import { ActorError } from "../../../src/actors/runtime/errors.js";
import { TooManySeriesError } from "../../../src/actors/series/registry.js";
import type { TestDaemon } from "../../support/daemon.js";
import type { ErrorCase, Values } from "../support/contract.js";
import { SERIES, WRITTEN } from "../support/fixture.js";
import type { Member, Members } from "../support/member.js";
import { count, members, number } from "../support/shape.js";

/** The year 9999, in seconds. */
export const LAST_TIME = 253_402_300_799;

export const readSeries: Member = { kind: "text", min: 1, need: "required", sample: SERIES };
export const ingestSeries: Member = { kind: "text", max: 200, need: "required", sample: WRITTEN };
export const windowCandles: Member = { kind: "integer", min: 1, max: 5_000, need: { default: 2_000 }, sample: 5 };

/** A time that has to be given. */
export function timeAt(sample: number): Member {
  return { kind: "integer", min: 0, need: "required", sample };
}

export const optionalTime: Member = { kind: "integer", min: 0, need: "optional", sample: 0 };

const price: Member = { kind: "number", need: "required", sample: 1.5 };

const wireCandle: Members = {
  candle_time: { kind: "integer", min: 0, max: LAST_TIME, need: "required", sample: 1_700_000_000 },
  open: price,
  high: price,
  low: price,
  close: price,
  volume: price,
};

export const CANDLE = { candle_time: 1_700_000_000, open: 1.5, high: 2, low: 0.5, close: 1, volume: 10 };

export const candleMember: Member = { kind: "object", members: wireCandle, need: "required", sample: CANDLE };

export const candle = members({
  candle_time: count,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
});

/** What each kind of unreadable series id is answered with. Spec: http-api §3.5. */
export function badSeriesIds(values: Values = {}): readonly ErrorCase[] {
  const cases: readonly (readonly [series: string, filled: string])[] = [
    ["BTC", "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'"],
    ["binance:spot::1m", "invalid series_id (empty component)"],
    ["binance:spot:BTC/USDT:1w", "unsupported timeframe unit: 'w'"],
    ["binance:spot:BTC/USDT:0m", "invalid timeframe: '0m'"],
  ];
  return cases.map(([series_id, filled]) => ({
    status: 400,
    detail: "{text}",
    filled,
    values: { ...values, series_id },
  }));
}

/** How a run that fails, or is not taken up, is answered. */
export const ingestErrors: readonly ErrorCase[] = [
  ...badSeriesIds(),
  ...(["store.upsert_many_closed", "factor.ingest_closed", "overlay.ingest_closed"] as const).map((step) => ({
    status: 500,
    detail: "ingest_pipeline_failed:{step}:{series_id}",
    filled: `ingest_pipeline_failed:${step}:${WRITTEN}`,
    arrange: failingRun(new PipelineError(step, WRITTEN, "boom")),
  })),
  {
    status: 500,
    detail: "ingest_publish_failed:{series_id}",
    filled: `ingest_publish_failed:${WRITTEN}`,
    arrange: failingRun(new PublishError("boom")),
  },
  {
    status: 503,
    detail: "ingest_busy",
    arrange: failingRun(new ActorError("mailbox_full", "series/ingest", "1024 wait already")),
  },
  { status: 503, detail: "too_many_series", arrange: failingRun(new TooManySeriesError("10000 are active")) },
];

function failingRun(error: Error): (daemon: TestDaemon) => void {
  return ({ app }) => void vi.spyOn(app.runtime, "ingest").mockRejectedValueOnce(error);
}
