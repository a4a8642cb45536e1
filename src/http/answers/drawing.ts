/** Answers about the drawing, alone and with the factors beside it. Spec: http-api §2.2, §6, §7; overlays. */
import { Type } from "typebox";
import { SlicesAnswer } from "./factors.js";
import {
  always,
  CANDLE_ID,
  count,
  list,
  named,
  nothing,
  nullable,
  object,
  oneOf,
  quantity,
  SCHEMA_VERSION,
  SERIES_ID,
  text,
  unixSeconds,
} from "./parts.js";

const FEATURE = text("The feature of the factor catalog that it belongs to.");
const COLOUR = text("As in CSS.");

const Marker = named("Marker", "A sign at a candle.", {
  type: always("marker"),
  feature: FEATURE,
  time: unixSeconds("Open time of the candle."),
  position: oneOf(["aboveBar", "belowBar"]),
  color: COLOUR,
  shape: oneOf(["circle", "arrowUp", "arrowDown"]),
  text: oneOf(["", "A"]),
  size: oneOf([0.5, 1]),
});

const Polyline = named("Polyline", "A line through points.", {
  type: always("polyline"),
  feature: FEATURE,
  points: list(object({ time: unixSeconds("Of the point."), value: quantity("Price.") }), "Ascending by time."),
  color: COLOUR,
  lineWidth: oneOf([1, 2]),
  lineStyle: Type.Optional(always("dashed")),
  entryDirection: Type.Optional(oneOf([1, -1], "Of the edges of a zone: 1 up, −1 down.")),
});

const version = {
  version_id: count("Counts up within a series, with gaps, and is never given twice."),
  instruction_id: text("What it is a version of."),
};
const visible = unixSeconds("Open time of the candle at which this version came to be.");

const MarkerInstruction = named("MarkerInstruction", "A version of a sign.", {
  ...version,
  kind: always("marker"),
  visible_time: visible,
  definition: Marker,
});

const PolylineInstruction = named("PolylineInstruction", "A version of a line.", {
  ...version,
  kind: always("polyline"),
  visible_time: visible,
  definition: Polyline,
});

export const Instruction = Type.Union([MarkerInstruction, PolylineInstruction], {
  title: "Instruction",
  description: "One version of something that is drawn.",
});

export const DrawDeltaAnswer = named("DrawDeltaAnswer", "The drawing, whole or what changed since a version.", {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  to_candle_id: nullable(text("`<series_id>:<to_candle_time>`; null if there is no candle.")),
  to_candle_time: nullable(unixSeconds("Open time of the candle that is drawn; null if there is none.")),
  active_ids: list(text(), "What is to be shown, ascending."),
  instruction_catalog_patch: list(Instruction, "What the client lacks, by ascending version."),
  series_points: nothing("Always empty."),
  next_cursor: object({
    version_id: count("With which to ask next: the highest version at that candle."),
    point_time: Type.Null(),
  }),
});

export const FrameAnswer = named("FrameAnswer", "Factors and drawing of one candle, made at one moment.", {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  time: object({
    at_time: unixSeconds("Open time of the newest stored candle, or the time asked for."),
    aligned_time: unixSeconds("Open time of the candle that the frame is for."),
    candle_id: CANDLE_ID,
  }),
  factor_slices: SlicesAnswer,
  draw_state: DrawDeltaAnswer,
});

const PollRecord = named("DeltaPollRecord", "What changed since the client last asked.", {
  id: count("The version that the delta leads to."),
  series_id: SERIES_ID,
  to_candle_id: CANDLE_ID,
  to_candle_time: unixSeconds("Open time of the candle."),
  draw_delta: DrawDeltaAnswer,
  factor_slices: nullable(SlicesAnswer),
});

export const DeltaPollAnswer = named("DeltaPollAnswer", "What changed in factors and drawing.", {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  records: list(PollRecord, "One, or none when nothing was drawn since."),
  next_cursor: object({ id: count("With which to ask next.") }),
});
