/** Whether stored series are whole, and derived ones right. Spec: http-api §4.3; docs/derived-timeframes.md. */
import { vi } from "vitest";
import { SeriesHealthReader, TooManyScansError } from "../../../src/ledger/series-health.js";
import { StoreError } from "../../../src/storage/errors.js";
import { candleAt } from "../../support/candles.js";
import type { TestDaemon } from "../../support/daemon.js";
import type { ErrorCase, RouteContract, Values } from "../support/contract.js";
import { DERIVED_SERIES, SERIES, UNKNOWN } from "../support/fixture.js";
import { count, flag, listOf, members, only, orNull, text } from "../support/shape.js";
import { badSeriesIds, candle, readSeries, timeAt } from "./common.js";
import { DEV } from "./dev.js";

/** Three minutes, of which the last comes five minutes late. */
const GAPPY = "binance:spot:GAPPY/USDT:1m";
const FIVE_MINUTES = "binance:spot:GAPPY/USDT:5m";

const given = async ({ app }: TestDaemon): Promise<Values> => {
  await app.store.commit({ series: GAPPY, upsert: [60, 120, 480].map((time) => candleAt(time)) });
  return {};
};

const health = members({
  series_id: text,
  timeframe_seconds: count,
  now_time: count,
  first_time: orNull(count),
  head_time: orNull(count),
  lag_seconds: orNull(count),
  candle_count: count,
  gap_count: count,
  max_gap_seconds: orNull(count),
  recent_gaps: listOf(members({ prev_time: count, next_time: count, delta_seconds: count, missing_candles: count })),
  base_series_id: text,
  base_bucket_completeness: listOf(
    members({ bucket_open_time: count, expected_minutes: count, actual_minutes: count, missing_minutes: count }),
  ),
});

const difference = members({
  candle_time: count,
  derived: orNull(candle),
  exchange: orNull(candle),
  found_at_ms: count,
});

const reconciliation = members({
  schema_version: only(1),
  series_id: text,
  base_series_id: orNull(text),
  active: flag,
  buckets_compared: count,
  compared_from: orNull(count),
  compared_to: orNull(count),
  checked_at_ms: orNull(count),
  last_error: orNull(text),
  requested: orNull(members({ from: count, to: count })),
  differences: listOf(difference),
});

function badRange(filled: string, values: Values): ErrorCase {
  return { status: 400, detail: "{text}", filled, values };
}

export const WHOLENESS: readonly RouteContract[] = [
  {
    method: "GET",
    path: "/api/market/debug/series_health",
    gate: { asked: "after validation", opens: [["ENABLE_DEBUG_API"]] },
    members: {
      series_id: readSeries,
      max_recent_gaps: { kind: "integer", min: 1, max: 50, need: { default: 5 }, sample: 1 },
      recent_base_buckets: { kind: "integer", min: 1, max: 48, need: { default: 8 }, sample: 2 },
    },
    given,
    examples: [
      ...[{}, { series_id: GAPPY, max_recent_gaps: 1 }, { series_id: FIVE_MINUTES, recent_base_buckets: 2 }],
      { series_id: UNKNOWN },
    ],
    answer: health,
    errors: [
      ...badSeriesIds(),
      {
        status: 500,
        detail: "store_damaged",
        arrange: ({ app }) => {
          vi.spyOn(app.store, "candleTimes").mockImplementationOnce(() => {
            throw new StoreError("store_damaged", "chunk 3 fails its checksum");
          });
        },
      },
      {
        status: 503,
        detail: "too_many_scans",
        arrange: () => {
          const error = new TooManyScansError("4 series are being looked through");
          vi.spyOn(SeriesHealthReader.prototype, "read").mockRejectedValueOnce(error);
        },
      },
    ],
  },
  {
    method: "GET",
    path: "/api/feed/reconcile",
    gate: "open",
    members: { series_id: readSeries },
    examples: [{}, { series_id: DERIVED_SERIES }, { series_id: UNKNOWN }],
    answer: reconciliation,
    emptyHere: ["differences"],
    errors: badSeriesIds(),
  },
  {
    method: "POST",
    path: "/api/dev/reconcile",
    gate: DEV,
    members: {
      series_id: { ...readSeries, sample: DERIVED_SERIES },
      from: timeAt(1_699_999_500),
      to: timeAt(1_700_000_100),
    },
    examples: [{}, { from: 1_699_999_501 }],
    answer: members({ ok: only(true), series_id: only(DERIVED_SERIES), from: count, to: count }),
    errors: [
      ...badSeriesIds(),
      badRange(`'${SERIES}' is not compared: name a derived series whose base is followed`, { series_id: SERIES }),
      badRange("no bucket opens between 601 and 602: let 'to' be later", { from: 601, to: 602 }),
      badRange("2001 buckets are more than 2000: ask for parts of the range", { from: 0, to: 600_000 }),
    ],
  },
];
