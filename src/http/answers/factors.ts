/** Answers about what the factors say. Spec: http-api §2.1, §5; factors. */
import { Type } from "typebox";
import { HealthColour } from "./market.js";
import {
  always,
  CANDLE_ID,
  count,
  flag,
  list,
  named,
  nullable,
  object,
  oneOf,
  quantity,
  SCHEMA_VERSION,
  SERIES_ID,
  text,
  unixSeconds,
} from "./parts.js";

const Direction = oneOf([1, -1], "1 up, −1 down.");
const VISIBLE_TIME = unixSeconds("Open time of the candle with which this became known.");
const POSITION = count("Position of a candle in the ledger, from 0.");

const Pivot = named("PivotRow", "A pivot.", {
  pivot_time: unixSeconds("Open time of the pivot."),
  pivot_price: quantity(),
  direction: oneOf(["support", "resistance"]),
  visible_time: VISIBLE_TIME,
  window: count("Candles to each side that it is the extreme of."),
  pivot_idx: POSITION,
});

const leg = {
  start_time: unixSeconds("Open time of its first candle."),
  end_time: unixSeconds("Open time of its last candle."),
  start_price: quantity(),
  end_price: quantity(),
  direction: Direction,
};

const Pen = named("PenRow", "A confirmed pen.", {
  ...leg,
  visible_time: VISIBLE_TIME,
  start_idx: POSITION,
  end_idx: POSITION,
});

const Leg = named("PenLeg", "A live leg: it may change with the next candle.", leg);

const zone = {
  start_time: unixSeconds("Open time of its first candle."),
  end_time: unixSeconds("Open time of its last candle."),
  zg: quantity("Upper edge."),
  zd: quantity("Lower edge."),
  entry_direction: Direction,
  formed_time: unixSeconds("When it formed."),
  visible_time: VISIBLE_TIME,
  formed_reason: oneOf(["pen_confirmed", "price_cross"]),
};

const DeadZone = named("DeadZone", "A zone that ended.", { ...zone, death_time: unixSeconds("When it ended.") });
const LiveZone = named("LiveZone", "The zone that lives.", { ...zone, death_time: Type.Null() });

const Anchor = named("AnchorRef", "The pen that is, or was, the anchor.", {
  kind: oneOf(["confirmed", "candidate"]),
  start_time: unixSeconds("Open time of its first candle."),
  end_time: unixSeconds("Open time of its last candle."),
  direction: Direction,
});

const AnchorSwitch = named("AnchorSwitch", "A change of the anchor.", {
  switch_time: unixSeconds("When."),
  reason: oneOf(["strong_pen", "zhongshu_entry"]),
  old_anchor: nullable(Anchor),
  new_anchor: Anchor,
  visible_time: VISIBLE_TIME,
});

const Level = named("Level", "A level of support or resistance.", {
  price: quantity(),
  type: oneOf(["support", "resistance", "flip"]),
  level_type: oneOf(["support", "resistance"]),
  status: oneOf(["active", "broken", "flip"]),
  first_idx: POSITION,
  second_idx: POSITION,
  last_idx: POSITION,
  first_time: unixSeconds("First touch."),
  second_time: unixSeconds("Second touch."),
  last_time: unixSeconds("Last touch."),
  count: count("Touches."),
  flip_dir: nullable(text("Which way it was flipped; null if it was not.")),
  touch_indices: list(POSITION),
  touch_times: list(unixSeconds("Of a touch.")),
  level_score: quantity(),
  band_low: quantity(),
  band_high: quantity(),
  band_width_atr: quantity("Width of the band in multiples of the average true range."),
  death_idx: nullable(POSITION),
  death_time: nullable(unixSeconds("When it was broken; null while it holds.")),
  death_price: nullable(quantity("Close that broke it; null while it holds.")),
});

const LevelPivot = named("LevelPivot", "A pivot that levels are made of.", {
  idx: POSITION,
  time: unixSeconds("Open time of the pivot."),
  price: quantity(),
  type: text(),
  source_window: text(),
});

const levels = {
  algorithm: text("Empty while there are no levels."),
  levels: list(Level),
  pivots: list(LevelPivot),
};

/** The rows of each factor: what became known in the window, and how it stands. */
const FACTORS = {
  pivot: [object({ major: list(Pivot), minor: list(Pivot) }), object({})],
  pen: [
    object({ confirmed: list(Pen) }),
    object({ extending: Type.Optional(Leg), candidate: Type.Optional(Leg) }, "The live legs, as far as there are any."),
  ],
  zhongshu: [object({ dead: list(DeadZone) }), object({ alive: list(LiveZone, "The zone that lives, or none.") })],
  anchor: [
    object({ anchors: list(Anchor, "The `new_anchor` of each switch."), switches: list(AnchorSwitch) }),
    object({ current_anchor_ref: nullable(Anchor) }),
  ],
  sr: [object({ snapshots: list(object({ visible_time: VISIBLE_TIME, ...levels })) }), object(levels)],
} as const;

/** A slice of one factor: its name begins with a capital in the name of the schema. */
function sliceOf(factor: keyof typeof FACTORS) {
  const [history, head] = FACTORS[factor];
  const title = `${factor.charAt(0).toUpperCase()}${factor.slice(1)}Slice`;
  return named(title, `What the factor \`${factor}\` says at a candle.`, {
    schema_version: SCHEMA_VERSION,
    history: { ...history, description: "What became known in the window, both of its ends included." },
    head: { ...head, description: "How it stands; does not depend on the window." },
    meta: object({
      series_id: SERIES_ID,
      epoch: always(0),
      at_time: unixSeconds("Open time of the candle."),
      candle_id: CANDLE_ID,
      factor_name: always(factor),
    }),
  });
}

const SLICES = {
  pivot: sliceOf("pivot"),
  pen: sliceOf("pen"),
  zhongshu: sliceOf("zhongshu"),
  anchor: sliceOf("anchor"),
  sr: sliceOf("sr"),
} as const;

export const FactorName = oneOf(["pivot", "pen", "zhongshu", "anchor", "sr"]);

export const SlicesAnswer = named("SlicesAnswer", "What the factors say at a candle.", {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  at_time: unixSeconds("Open time of the candle; the time asked for if there is none at or before it."),
  candle_id: nullable(text("`<series_id>:<at_time>`; null if there is no candle.")),
  factors: list(FactorName, "Those that have something to show, in the order of the catalog."),
  snapshots: object(
    {
      pivot: Type.Optional(SLICES.pivot),
      pen: Type.Optional(SLICES.pen),
      zhongshu: Type.Optional(SLICES.zhongshu),
      anchor: Type.Optional(SLICES.anchor),
      sr: Type.Optional(SLICES.sr),
    },
    "A slice for each of `factors`, in the same order.",
  ),
});

const snapshot = (factor: keyof typeof SLICES) =>
  object({ factor_name: always(factor), candle_time: unixSeconds("From this candle on."), snapshot: SLICES[factor] });

/** The slice of one factor where it says something else than before. */
export const FactorSnapshot = Type.Union(
  [snapshot("pivot"), snapshot("pen"), snapshot("zhongshu"), snapshot("anchor"), snapshot("sr")],
  { title: "FactorSnapshot", description: "The slice of one factor where it says something else than before." },
);

const entry = {
  key: text("As in slices and instructions."),
  label: text("For people."),
  default_visible: flag("A chart shows it until someone says otherwise."),
};

export const FactorCatalogAnswer = named("FactorCatalogAnswer", "How factors and features are called.", {
  schema_version: SCHEMA_VERSION,
  factors: list(
    object({ ...entry, sub_features: list(object(entry)) }),
    "In the order in which they are computed: each comes after those that it depends on.",
  ),
});

const delay = (what: string) => ({
  seconds: nullable(count(`Store head − ${what}, not below 0, in seconds; null without one of the two.`)),
  candles: nullable(count("The same in candles, rounded up.")),
});
const [factor, overlay, max] = [delay("factor head"), delay("overlay head"), delay("the one further behind")];

export const FactorHealthAnswer = named(
  "FactorHealthAnswer",
  "Whether factors and drawing are level with the candles.",
  {
    series_id: SERIES_ID,
    timeframe_seconds: count("Length of a candle in seconds."),
    store_head_time: nullable(unixSeconds("Newest stored candle; null without any.")),
    factor_head_time: nullable(unixSeconds("Candle that the factor ledger has come to; null for none.")),
    overlay_head_time: nullable(unixSeconds("Candle that the drawing has come to; null for none.")),
    factor_delay_seconds: factor.seconds,
    factor_delay_candles: factor.candles,
    overlay_delay_seconds: overlay.seconds,
    overlay_delay_candles: overlay.candles,
    max_delay_seconds: max.seconds,
    max_delay_candles: max.candles,
    status: HealthColour,
    status_reason: oneOf([
      "no_store_head",
      "missing_factor_overlay_head",
      "missing_factor_head",
      "missing_overlay_head",
      "up_to_date",
      "lagging_one_candle",
      "lagging_many_candles",
    ]),
  },
);
