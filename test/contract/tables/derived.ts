/** Factors, drawing and frames. Spec: http-api §5–7. */
import { vi } from "vitest";
import { LedgerError } from "../../../src/ledger/ledger-errors.js";
import type { ErrorCase, RouteContract, Values } from "../support/contract.js";
import { LAST, UNKNOWN } from "../support/fixture.js";
import type { Member } from "../support/member.js";
import { count, flag, listOf, members, only, orNull, text, whole } from "../support/shape.js";
import { badSeriesIds, optionalTime, readSeries, timeAt, windowCandles } from "./common.js";
import { drawDelta, slices } from "./derived-shapes.js";

const version: Member = { kind: "integer", min: 0, need: { default: 0 }, sample: 3 };

const STRICT = { TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1" };
const NO_FACTORS = { ...STRICT, TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" };
const NO_DRAWING = { ...STRICT, TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" };

const factorLags = (values: Values = {}): ErrorCase => {
  return { status: 409, detail: "ledger_out_of_sync:factor", env: NO_FACTORS, values };
};
const drawingLags = (values: Values = {}): ErrorCase => {
  return { status: 409, detail: "ledger_out_of_sync:overlay", env: NO_DRAWING, values };
};
/** Both parts of a frame are read at one moment: it has to be made up that they disagree. */
const partsDisagree = (read: "liveFrame" | "frameAt"): ErrorCase => ({
  status: 409,
  detail: "ledger_out_of_sync",
  arrange: ({ app }) =>
    void vi.spyOn(app.ledgers, read).mockRejectedValueOnce(new LedgerError("out_of_sync", "60 is not 120")),
});
const noData = (values: Values): ErrorCase => ({ status: 404, detail: "no_data", values });

const frame = members({
  schema_version: only(1),
  series_id: text,
  time: members({ at_time: count, aligned_time: count, candle_id: text }),
  factor_slices: slices,
  draw_state: drawDelta,
});

const record = members({
  id: count,
  series_id: text,
  to_candle_id: text,
  to_candle_time: count,
  draw_delta: drawDelta,
  factor_slices: orNull(slices),
});

export const DERIVED: readonly RouteContract[] = [
  {
    method: "GET",
    path: "/api/factor/catalog",
    gate: "open",
    members: {},
    examples: [{}],
    answer: members({
      schema_version: only(1),
      factors: listOf(
        members({
          key: text,
          label: text,
          default_visible: flag,
          sub_features: listOf(members({ key: text, label: text, default_visible: flag })),
        }),
      ),
    }),
    errors: [],
  },
  {
    method: "GET",
    path: "/api/factor/slices",
    gate: "open",
    members: { series_id: readSeries, at_time: timeAt(LAST), window_candles: windowCandles },
    examples: [{}, { at_time: 1_000 }, { at_time: 59 }, { window_candles: 1 }, { series_id: UNKNOWN }],
    answer: slices,
    errors: [factorLags()],
  },
  {
    method: "GET",
    path: "/api/factor/health",
    gate: "open",
    members: { series_id: readSeries },
    examples: [{}, { series_id: UNKNOWN }],
    answer: members({
      series_id: text,
      timeframe_seconds: count,
      store_head_time: orNull(count),
      factor_head_time: orNull(count),
      overlay_head_time: orNull(count),
      factor_delay_seconds: orNull(count),
      factor_delay_candles: orNull(count),
      overlay_delay_seconds: orNull(count),
      overlay_delay_candles: orNull(count),
      max_delay_seconds: orNull(count),
      max_delay_candles: orNull(count),
      status: only("green", "yellow", "red", "gray"),
      status_reason: text,
    }),
    errors: badSeriesIds(),
  },
  {
    method: "GET",
    path: "/api/draw/delta",
    gate: "open",
    members: {
      series_id: readSeries,
      cursor_version_id: version,
      window_candles: windowCandles,
      at_time: optionalTime,
    },
    examples: [
      ...[{}, { cursor_version_id: 20 }, { at_time: 1_000 }, { at_time: 1_000, cursor_version_id: 5 }],
      ...[{ window_candles: 1 }, { at_time: 59 }, { series_id: UNKNOWN }],
    ],
    answer: drawDelta,
    errors: [factorLags(), drawingLags(), drawingLags({ cursor_version_id: 5 }), drawingLags({ at_time: LAST })],
  },
  {
    method: "GET",
    path: "/api/frame/live",
    gate: "open",
    members: { series_id: readSeries, window_candles: windowCandles },
    examples: [{}, { window_candles: 3 }],
    answer: frame,
    errors: [
      noData({ series_id: UNKNOWN }),
      { status: 404, detail: "no_overlay", env: NO_DRAWING },
      factorLags(),
      {
        status: 409,
        detail: "ledger_out_of_sync:overlay",
        arrange: ({ app }) =>
          void vi.spyOn(app.ledgers, "liveFrame").mockRejectedValueOnce(new LedgerError("overlay_mismatch", "zones")),
      },
      partsDisagree("liveFrame"),
    ],
  },
  {
    method: "GET",
    path: "/api/frame/at_time",
    gate: "open",
    members: { series_id: readSeries, at_time: timeAt(LAST), window_candles: windowCandles },
    examples: [{}, { at_time: 777 }, { at_time: LAST + 10_000, window_candles: 3 }],
    answer: frame,
    errors: [
      ...[noData({ series_id: UNKNOWN }), noData({ at_time: 59 })],
      ...[factorLags(), drawingLags(), partsDisagree("frameAt")],
    ],
  },
  {
    method: "GET",
    path: "/api/delta/poll",
    gate: "open",
    members: {
      series_id: readSeries,
      after_id: version,
      limit: { kind: "integer", min: 1, max: 5_000, need: { default: 2_000 }, sample: 1 },
      window_candles: windowCandles,
    },
    examples: [{}, { after_id: 20 }, { after_id: 1_000_000 }, { limit: 1, window_candles: 2 }, { series_id: UNKNOWN }],
    answer: members({
      schema_version: only(1),
      series_id: text,
      records: listOf(record),
      next_cursor: members({ id: whole }),
    }),
    errors: [factorLags(), drawingLags(), drawingLags({ after_id: 5 })],
  },
];
