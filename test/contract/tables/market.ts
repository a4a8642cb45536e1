/** Candles, the whitelist and the health of a series. Spec: http-api §3. */
import { vi } from "vitest";
import { StoreError } from "../../../src/storage/errors.js";
import type { RouteContract } from "../support/contract.js";
import { LAST, UNKNOWN, WRITTEN } from "../support/fixture.js";
import { count, flag, listOf, members, number, only, orNull, text } from "../support/shape.js";
import { badSeriesIds, candle, candleMember, ingestErrors, ingestSeries, optionalTime, readSeries } from "./common.js";

const ingested = members({ ok: only(true), series_id: only(WRITTEN), candle_time: count });

const backfill = members({
  state: only("idle", "running", "succeeded", "failed"),
  progress_pct: orNull(number),
  started_at: orNull(count),
  updated_at: orNull(count),
  reason: orNull(text),
  note: orNull(text),
  error: orNull(text),
  recent: flag,
  start_missing_seconds: count,
  start_missing_candles: count,
  current_missing_seconds: count,
  current_missing_candles: count,
});

export const MARKET: readonly RouteContract[] = [
  {
    method: "GET",
    path: "/api/market/candles",
    gate: "open",
    members: {
      series_id: readSeries,
      since: optionalTime,
      limit: { kind: "integer", min: 1, max: 5_000, need: { default: 500 }, sample: 2 },
    },
    examples: [{}, { since: 0, limit: 1 }, { since: LAST }, { series_id: UNKNOWN }, { series_id: "x", since: 5 }],
    answer: members({ series_id: text, server_head_time: orNull(count), candles: listOf(candle) }),
    errors: [
      {
        status: 500,
        detail: "store_damaged",
        arrange: ({ app }) => {
          vi.spyOn(app.store, "read").mockImplementationOnce(() => {
            throw new StoreError("store_damaged", "chunk 3 fails its checksum");
          });
        },
      },
    ],
  },
  {
    method: "POST",
    path: "/api/market/ingest/candle_closed",
    gate: "open",
    members: { series_id: ingestSeries, candle: candleMember },
    examples: [{}],
    answer: ingested,
    errors: ingestErrors,
  },
  {
    method: "POST",
    path: "/api/market/ingest/candle_forming",
    gate: { asked: "after validation", opens: [["ENABLE_DEBUG_API"]] },
    members: { series_id: ingestSeries, candle: candleMember },
    examples: [{}],
    answer: ingested,
    errors: badSeriesIds(),
  },
  {
    method: "GET",
    path: "/api/market/whitelist",
    gate: "open",
    members: {},
    examples: [{}],
    answer: members({ series_ids: listOf(text) }),
    errors: [],
  },
  {
    method: "GET",
    path: "/api/market/health",
    gate: { asked: "after validation", opens: [["ENABLE_KLINE_HEALTH_V2"], ["ENABLE_DEBUG_API"]] },
    members: { series_id: readSeries, now_time: optionalTime },
    examples: [{}, { now_time: 0 }, { now_time: LAST + 60 }, { series_id: UNKNOWN }],
    answer: members({
      series_id: text,
      timeframe_seconds: count,
      now_time: count,
      // Before the first interval has ended, the newest candle that should exist opens before 1970.
      expected_latest_closed_time: number,
      head_time: orNull(count),
      lag_seconds: orNull(count),
      missing_seconds: orNull(count),
      missing_candles: orNull(count),
      status: only("green", "yellow", "red", "gray"),
      status_reason: only(
        "missing_head",
        "head_ahead_of_closed_window",
        "up_to_date",
        "backfill_running",
        "backfill_recent",
        "lagging_no_recent_backfill",
      ),
      backfill,
    }),
    errors: badSeriesIds(),
  },
];
