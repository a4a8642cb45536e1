/** Shapes of slices and drawings, member by member. Spec: http-api §2, §2.1, §2.2. */
import { count, listOf, members, number, oneOf, only, orNull, type Shape, text } from "../support/shape.js";

const direction = only(1, -1);

const pivot = members({
  pivot_time: count,
  pivot_price: number,
  direction: only("support", "resistance"),
  visible_time: count,
  window: count,
  pivot_idx: count,
});

const leg = { start_time: count, end_time: count, start_price: number, end_price: number, direction };
const pen = members({ ...leg, visible_time: count, start_idx: count, end_idx: count });

const zone = {
  start_time: count,
  end_time: count,
  zg: number,
  zd: number,
  entry_direction: direction,
  formed_time: count,
  visible_time: count,
  formed_reason: only("pen_confirmed", "price_cross"),
};

const penRef = members({ kind: only("confirmed", "candidate"), start_time: count, end_time: count, direction });

const levelType = only("support", "resistance");
const level = members({
  price: number,
  type: only("support", "resistance", "flip"),
  level_type: levelType,
  status: only("active", "broken", "flip"),
  first_idx: count,
  second_idx: count,
  last_idx: count,
  first_time: count,
  second_time: count,
  last_time: count,
  count,
  flip_dir: orNull(text),
  touch_indices: listOf(count),
  touch_times: listOf(count),
  level_score: number,
  band_low: number,
  band_high: number,
  band_width_atr: number,
  death_idx: orNull(count),
  death_time: orNull(count),
  death_price: orNull(number),
});
const levelPivot = members({ idx: count, time: count, price: number, type: text, source_window: text });
const levels = { algorithm: text, levels: listOf(level), pivots: listOf(levelPivot) };

/** History and head of each factor. */
const FACTORS: Readonly<Record<string, readonly [history: Shape, head: Shape]>> = {
  pivot: [members({ major: listOf(pivot), minor: listOf(pivot) }), members({})],
  pen: [members({ confirmed: listOf(pen) }), members({}, { extending: members(leg), candidate: members(leg) })],
  zhongshu: [
    members({ dead: listOf(members({ ...zone, death_time: count })) }),
    members({ alive: listOf(members({ ...zone, death_time: only(null) })) }),
  ],
  anchor: [
    members({
      anchors: listOf(penRef),
      switches: listOf(
        members({
          switch_time: count,
          reason: only("strong_pen", "zhongshu_entry"),
          old_anchor: orNull(penRef),
          new_anchor: penRef,
          visible_time: count,
        }),
      ),
    }),
    members({ current_anchor_ref: orNull(penRef) }),
  ],
  sr: [members({ snapshots: listOf(members({ visible_time: count, ...levels })) }), members(levels)],
};

/** The names of all factors, ascending. */
export const FACTOR_NAMES = Object.keys(FACTORS).sort();

function slice(name: string, [history, head]: readonly [Shape, Shape]): Shape {
  const meta = members({ series_id: text, epoch: only(0), at_time: count, candle_id: text, factor_name: only(name) });
  return members({ schema_version: only(1), history, head, meta });
}

/** The slice of one factor at one time, on its own. */
export const factorSnapshot = oneOf(
  ...Object.entries(FACTORS).map(([name, parts]) =>
    members({ factor_name: only(name), candle_time: count, snapshot: slice(name, parts) }),
  ),
);

export const slices = members({
  schema_version: only(1),
  series_id: text,
  at_time: count,
  candle_id: orNull(text),
  factors: listOf(only(...FACTOR_NAMES)),
  snapshots: members(
    {},
    Object.fromEntries(Object.entries(FACTORS).map(([name, parts]) => [name, slice(name, parts)])),
  ),
});

const marker = members({
  type: only("marker"),
  feature: text,
  time: count,
  position: only("aboveBar", "belowBar"),
  color: text,
  shape: only("circle", "arrowUp", "arrowDown"),
  text: only("", "A"),
  size: only(0.5, 1),
});

const polyline = members(
  {
    type: only("polyline"),
    feature: text,
    points: listOf(members({ time: count, value: number })),
    color: text,
    lineWidth: only(1, 2),
  },
  { lineStyle: only("dashed"), entryDirection: direction },
);

const patchItem = (kind: string, definition: Shape): Shape =>
  members({ version_id: count, instruction_id: text, kind: only(kind), visible_time: count, definition });

export const instructions = listOf(oneOf(patchItem("marker", marker), patchItem("polyline", polyline)));

export const drawDelta = members({
  schema_version: only(1),
  series_id: text,
  to_candle_id: orNull(text),
  to_candle_time: orNull(count),
  active_ids: listOf(text),
  instruction_catalog_patch: instructions,
  series_points: members({}),
  next_cursor: members({ version_id: count, point_time: only(null) }),
});
