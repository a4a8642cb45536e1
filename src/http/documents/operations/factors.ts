/** Factors, drawing and frames. Spec: http-api §5–7. */
import { DeltaPollAnswer, DrawDeltaAnswer, FrameAnswer } from "../../answers/drawing.js";
import { FactorCatalogAnswer, FactorHealthAnswer, SlicesAnswer } from "../../answers/factors.js";
import type { Operations } from "../operation.js";

export const FACTOR_OPERATIONS: Operations = {
  "GET /api/factor/catalog": {
    id: "factorCatalog",
    tag: "factors",
    summary: "How factors and features are called.",
    answer: FactorCatalogAnswer,
    errors: [],
  },
  "GET /api/factor/slices": {
    id: "factorSlices",
    tag: "factors",
    summary: "What the factors say at a candle.",
    description: "A pure read: the same question has the same answer until a candle at or before it changes.",
    answer: SlicesAnswer,
    errors: ["ledger.factor_out_of_sync"],
  },
  "GET /api/factor/health": {
    id: "factorHealth",
    tag: "factors",
    summary: "Whether factors and drawing are level with the candles.",
    answer: FactorHealthAnswer,
    errors: ["market.bad_series_id"],
  },
  "GET /api/draw/delta": {
    id: "drawDelta",
    tag: "factors",
    summary: "The drawing, whole or what changed since a version.",
    description: "With cursor 0 the whole drawing; ask again with `next_cursor.version_id`.",
    answer: DrawDeltaAnswer,
    errors: ["ledger.factor_out_of_sync", "ledger.overlay_out_of_sync", "ledger.overlay_mismatch"],
  },
  "GET /api/frame/live": {
    id: "frameLive",
    tag: "factors",
    summary: "Factors and drawing of the newest candle, made at one moment.",
    answer: FrameAnswer,
    errors: [
      "ledger.no_data",
      "ledger.no_overlay",
      "ledger.factor_out_of_sync",
      "ledger.overlay_mismatch",
      "ledger.out_of_sync",
    ],
  },
  "GET /api/frame/at_time": {
    id: "frameAtTime",
    tag: "factors",
    summary: "Factors and drawing of a past candle, as they were when it was the newest.",
    answer: FrameAnswer,
    errors: ["ledger.no_data", "ledger.factor_out_of_sync", "ledger.overlay_out_of_sync", "ledger.out_of_sync"],
  },
  "GET /api/delta/poll": {
    id: "deltaPoll",
    tag: "factors",
    summary: "What changed in factors and drawing since a record.",
    answer: DeltaPollAnswer,
    errors: ["ledger.factor_out_of_sync", "ledger.overlay_out_of_sync", "ledger.overlay_mismatch"],
  },
};
