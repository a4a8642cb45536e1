/** What each factor says: the rows of its history, and its head. Spec: http-api §2.1; factors. */
import { type TProperties, Type } from "typebox";
import { count, list, named, nothing, nullable, object, oneOf, quantity, text, unixSeconds } from "./parts.js";

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

function history<P extends TProperties>(members: P) {
  return object(members, "What became known in the window, both of its ends included.");
}

function head<P extends TProperties>(members: P) {
  return object(members, "How it stands; does not depend on the window.");
}

/** Of each factor: what became known in the window, and how it stands. */
export const FACTOR_ROWS = {
  pivot: [history({ major: list(Pivot), minor: list(Pivot) }), nothing("Pivots have no head.")],
  // The live legs, as far as there are any.
  pen: [history({ confirmed: list(Pen) }), head({ extending: Type.Optional(Leg), candidate: Type.Optional(Leg) })],
  zhongshu: [history({ dead: list(DeadZone) }), head({ alive: list(LiveZone, "The zone that lives, or none.") })],
  anchor: [
    history({ anchors: list(Anchor, "The `new_anchor` of each switch."), switches: list(AnchorSwitch) }),
    head({ current_anchor_ref: nullable(Anchor) }),
  ],
  sr: [history({ snapshots: list(object({ visible_time: VISIBLE_TIME, ...levels })) }), head(levels)],
} as const;
