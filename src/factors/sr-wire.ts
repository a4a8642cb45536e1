/** Snapshots as clients get them. Spec: factors §12.5. */
import type { SrLevel, SrSnapshot } from "./sr-snapshot.js";

const ALGORITHM = "pivot_wick_overlap";
/** Touches that count fully. */
const FULL_TOUCHES = 4;
/** Touches said at least: a level is made of two pivots. */
const LEAST_TOUCHES = 2;

/** The snapshot as JSON text, with its time as in a slice's history, or without as in its head. */
export function snapshotWireText(
  { levels, visibleTime }: Pick<SrSnapshot, "levels" | "visibleTime">,
  form: "with_time" | "without_time",
): string {
  const algorithm = levels.length === 0 ? "" : ALGORITHM;
  const body = `"algorithm":"${algorithm}","levels":[${levels.map(levelText).join()}],"pivots":[${pivotsText(levels)}]`;
  return form === "with_time" ? `{"visible_time":${visibleTime},${body}}` : `{${body}}`;
}

function typeOf({ status, side }: SrLevel): string {
  return status === "flip" ? "flip" : side;
}

function levelText(level: SrLevel): string {
  const { price, side, status, flipDirection, firstIdx, lastIdx, firstTime, lastTime, touches, death } = level;
  const score = 0.5 * Math.min(1, touches / FULL_TOUCHES) + 0.5 * (touches > 0 ? 1 : 0);
  const deathText =
    death === null
      ? `"death_idx":null,"death_time":null,"death_price":null`
      : `"death_idx":${death.idx},"death_time":${death.time},"death_price":${price}`;
  return (
    `{"price":${price},"type":"${typeOf(level)}","level_type":"${side}","status":"${status}"` +
    `,"first_idx":${firstIdx},"second_idx":${lastIdx},"last_idx":${lastIdx}` +
    `,"first_time":${firstTime},"second_time":${lastTime},"last_time":${lastTime}` +
    `,"count":${Math.max(LEAST_TOUCHES, touches)},"flip_dir":${flipDirection === null ? null : `"${flipDirection}"`}` +
    `,"touch_indices":[${firstIdx},${lastIdx}],"touch_times":[${firstTime},${lastTime}],"level_score":${score}` +
    `,"band_low":${level.bandLow},"band_high":${level.bandHigh},"band_width_atr":${level.bandWidthAtr},${deathText}}`
  );
}

/** One per level and pivot that made it, by candle and price. */
function pivotsText(levels: readonly SrLevel[]): string {
  const pivots = levels.flatMap((level) => {
    const { price, firstIdx, lastIdx, firstTime, lastTime } = level;
    const type = typeOf(level);
    return [
      { idx: firstIdx, time: firstTime, price, type },
      { idx: lastIdx, time: lastTime, price, type },
    ];
  });
  pivots.sort((a, b) => a.idx - b.idx || a.price - b.price);
  return pivots
    .map(
      ({ idx, time, price, type }) =>
        `{"idx":${idx},"time":${time},"price":${price},"type":"${type}","source_window":"major"}`,
    )
    .join();
}
