/** Routes for development and for operators' hands. Spec: http-api §9; docs/backfill.md. */
import { vi } from "vitest";
import { BackfillBoard, TooManyBackfillsError } from "../../../src/actors/feed/backfill-board.js";
import { post } from "../../http/request.js";
import type { Gate, RouteContract } from "../support/contract.js";
import { LAST, SERIES, UNKNOWN, WRITTEN } from "../support/fixture.js";
import type { Members } from "../support/member.js";
import { count, flag, listOf, members, only, orNull, text } from "../support/shape.js";
import { CANDLE, ingestErrors, ingestSeries, readSeries, timeAt } from "./common.js";
import { breaker } from "./operation.js";

export const DEV: Gate = { asked: "before validation", opens: [["ENABLE_DEV_API"]] };

const toTime = { kind: "integer", min: 0, need: "optional", nullable: true, sample: LAST } as const;

const backfill = members({
  id: count,
  series_id: text,
  from: count,
  to: count,
  asked_at_ms: count,
  state: only("queued", "running", "waiting", "done", "stopped", "failed"),
  error: orNull(text),
  wait_until_ms: orNull(count),
  wait_demanded: flag,
  done_up_to: orNull(count),
  candles: count,
  candles_done: count,
  candles_stored: count,
  absent_candles: count,
  absent: listOf(members({ from: count, to: count })),
  weight_used: orNull(count),
  weight_limit: orNull(count),
});

/** One that is always there; what the exchange's absence does to the others does not matter. */
const BREAKER: Members = {
  kind: { kind: "text", need: "required", sample: "endpoint" },
  name: { kind: "text", need: "required", sample: "binance:spot" },
};

const breakerByHand = (act: "isolate" | "reset"): RouteContract => ({
  method: "POST",
  path: `/api/dev/breakers/${act}`,
  gate: DEV,
  members: BREAKER,
  examples: [{}],
  answer: members({ ok: only(true), breaker }),
  errors: [
    { status: 404, detail: "unknown_breaker", values: { name: "binance:options" } },
    { status: 404, detail: "unknown_breaker", values: { kind: "fuse" } },
  ],
});

export const DEV_ROUTES: readonly RouteContract[] = [
  {
    method: "POST",
    path: "/api/dev/market/ingest/candles_closed_batch",
    gate: DEV,
    members: {
      series_id: ingestSeries,
      candles: { kind: "list", min: 1, max: 20_000, need: "required", sample: [CANDLE] },
      publish_ws: { kind: "boolean", need: { default: false }, sample: true },
    },
    examples: [{}, { publish_ws: true, candles: [CANDLE, CANDLE] }],
    answer: members({
      ok: only(true),
      series_id: only(WRITTEN),
      count,
      first_candle_time: count,
      last_candle_time: count,
    }),
    errors: ingestErrors,
  },
  {
    method: "POST",
    path: "/api/dev/repair/overlay",
    gate: { asked: "after validation", opens: [["ENABLE_DEV_API", "ENABLE_READ_REPAIR_API"]] },
    members: { series_id: readSeries, to_time: toTime },
    examples: [{}, { to_time: null }, { to_time: 777 }],
    answer: members({
      ok: only(true),
      series_id: only(SERIES),
      requested_time: count,
      aligned_time: count,
      factor_head_time: orNull(count),
      overlay_head_time: orNull(count),
      refreshed: flag,
      steps: listOf(text),
    }),
    errors: [
      { status: 404, detail: "no_data", values: { series_id: UNKNOWN } },
      { status: 404, detail: "no_data", values: { to_time: 59 } },
      { status: 409, detail: "ledger_out_of_sync:factor", env: { TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" } },
      { status: 409, detail: "ledger_out_of_sync:overlay", env: { TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" } },
      {
        status: 500,
        detail: "overlay_repair_failed:{text}",
        filled: "overlay_repair_failed:the disk is full",
        arrange: ({ app }) =>
          void vi.spyOn(app.ledgers.sync, "redraw").mockRejectedValueOnce(new Error("the disk is full")),
      },
    ],
  },
  breakerByHand("isolate"),
  breakerByHand("reset"),
  {
    method: "POST",
    path: "/api/dev/backfill",
    gate: DEV,
    members: { series_id: { ...ingestSeries, sample: SERIES }, from: timeAt(1_699_999_200), to: toTime },
    examples: [{}, { to: null }, { to: 1_699_999_800 }],
    answer: members({ ok: only(true), joined: flag, backfill }),
    emptyHere: ["backfill.absent"],
    errors: [
      {
        status: 400,
        detail: "{text}",
        filled: "to 60 is before from 120: give a range that goes forward",
        values: { from: 120, to: 60 },
      },
      {
        status: 503,
        detail: "too_many_backfills",
        arrange: () => void vi.spyOn(BackfillBoard.prototype, "ask").mockImplementationOnce(refuse),
      },
    ],
  },
  {
    method: "GET",
    path: "/api/dev/backfill",
    gate: DEV,
    members: { series_id: { kind: "text", min: 1, need: "optional", sample: SERIES } },
    examples: [{}, { series_id: SERIES }, { series_id: UNKNOWN }],
    answer: members({ schema_version: only(1), now_ms: count, backfills: listOf(backfill) }),
    emptyHere: ["backfills[].absent"],
    errors: [],
  },
  {
    method: "POST",
    path: "/api/dev/stop_backfill",
    gate: DEV,
    members: { id: { kind: "integer", min: 1, need: "required", sample: 1 } },
    given: async ({ url }) => {
      const { json } = await post(url, "/api/dev/backfill", { series_id: SERIES, from: 1_699_990_200 });
      return { id: (json.backfill as { readonly id: number }).id };
    },
    examples: [{}, { id: 1_000_000 }],
    answer: members({ ok: only(true), stopped: flag }),
    errors: [],
  },
];

function refuse(): never {
  throw new TooManyBackfillsError("100 backfills wait or run already");
}
