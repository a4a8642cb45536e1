/** One zhongshu as it is known at three times: pending, alive, dead. Nothing of a panel comes from after its time. */
import { type Pen, penFactor } from "../../src/factors/pen.js";
import { type DeadZone, zhongshuFactor } from "../../src/factors/zhongshu.js";
import type { Zone } from "../../src/factors/zhongshu-zone.js";
import { type Chart, candlesText, chart, clock, price } from "./chart.js";
import { leg } from "./pen.js";
import { type FoldedRecording, TIMEFRAME_SECONDS, utc } from "./recording.js";
import { areaItem, BODY_TOP, line, lineItem, type Picture, picture, text } from "./svg.js";
import { penName, zoneShape } from "./zhongshu.js";

const FROM = utc("2025-05-21T16:10");
const TO = utc("2025-05-22T05:00");
const PENDING_AT = utc("2025-05-21T22:20");
const ALIVE_AT = utc("2025-05-22T01:30");
const DEAD_AT = utc("2025-05-22T04:40");
const PANEL_HEIGHT = 215;
const PANEL_STEP = PANEL_HEIGHT + 30;

/** What each panel has to tell; every part is read at the panel's own time. */
interface Story {
  readonly first: Pen;
  readonly second: Pen;
  /** How far price had come back when the second pen became known: too early to count. */
  readonly early: { readonly end_time: number; readonly end_price: number };
  readonly alive: Zone;
  readonly aliveUntil: number;
  readonly dead: DeadZone;
  readonly third: Pen;
  readonly outside: Pen;
}

/** @throws Error when the zhongshu does not stand at the pictured times as the panels say. */
export function zhongshuTimesPicture(recording: FoldedRecording): Picture {
  const { first, second, early, alive, aliveUntil, dead, third, outside } = tellStory(recording);
  const trigger = first.end_price;
  const drawn = [
    panel(recording, 0, PENDING_AT, "pending", (plot) =>
      line(plot.x(second.visible_time), plot.y(trigger), plot.right, plot.y(trigger), "zone", "dashed"),
    ),
    panel(recording, 1, ALIVE_AT, "alive", (plot) => zoneShape(plot, alive, aliveUntil)),
    panel(recording, 2, DEAD_AT, "dead", (plot) => zoneShape(plot, dead, dead.end_time)),
  ];
  return picture("zhongshu-times", {
    title: "One zhongshu at three times: nothing is known before its time",
    subtitle: candlesText({ from: FROM, to: TO, minutesPerBar: 5 }),
    caption:
      `At ${clock(PENDING_AT)} three pens are confirmed, the last since ${clock(second.visible_time)}, and the zone is pending: it forms with the first candle from then on that reaches ${price(trigger)}. ` +
      `(The high of ${clock(early.end_time)}, ${price(early.end_price)}, came before pen 2 was known, and does not count.) ` +
      `That is the candle of ${clock(alive.formed_time)}, ${(third.visible_time - alive.formed_time) / TIMEFRAME_SECONDS} minutes before pen 3 is confirmed. ` +
      `At ${clock(ALIVE_AT)} the zone from ${price(alive.zd)} to ${price(alive.zg)} is alive and reaches to the present candle. ` +
      `At ${clock(DEAD_AT)} the pen from ${price(outside.start_price)} to ${price(outside.end_price)} is confirmed, wholly outside: the zone is dead, and ends a candle earlier, at ${clock(dead.end_time)}.`,
    legend: [
      lineItem("confirmed pen", "pen", "thick"),
      lineItem("the pen that stays outside", "resistance", "thick"),
      lineItem("price that forms the zone", "zone", "dashed"),
      areaItem("zone", "zone"),
    ],
    height: BODY_TOP + 3 * PANEL_STEP - 2,
    body: drawn.join(""),
  });
}

function tellStory(recording: FoldedRecording): Story {
  const [, first, second] = pensAt(recording, PENDING_AT);
  const alive = aliveAt(recording, ALIVE_AT);
  const { aliveUntil } = recording.at(ALIVE_AT).factsOf(zhongshuFactor);
  const [dead] = recording.at(DEAD_AT).factsOf(zhongshuFactor).died;
  if (aliveAt(recording, PENDING_AT) !== null || alive === null || dead === undefined) {
    throw new Error("no zhongshu is pending, alive and dead at the pictured times");
  }
  const third = pensAt(recording, DEAD_AT).find(({ start_time }) => start_time === second?.end_time);
  const outside = pensAt(recording, DEAD_AT).at(-1);
  const early = second && recording.at(second.visible_time).factsOf(penFactor).trailing;
  if (!first || !second || !third || !outside || !early || early.end_price < first.end_price) {
    throw new Error("the pictured zhongshu is not formed by a price that had been there before it was pending");
  }
  return { first, second, early, alive, aliveUntil, dead, third, outside };
}

function aliveAt(recording: FoldedRecording, now: number): Zone | null {
  return recording.at(now).factsOf(zhongshuFactor).alive;
}

/** Pens of the zone that were confirmed by then: its entry begins the picture. */
function pensAt(recording: FoldedRecording, now: number): readonly Pen[] {
  return recording.known<Pen>("pen.confirmed", FROM, now).filter(({ start_time }) => start_time >= FROM);
}

function panel(
  recording: FoldedRecording,
  row: number,
  now: number,
  name: string,
  zone: (plot: Chart) => string,
): string {
  const top = BODY_TOP + row * PANEL_STEP;
  const plot = chart(recording, { from: FROM, to: TO, now, minutesPerBar: 5, top, height: PANEL_HEIGHT });
  const pens = pensAt(recording, now).map((pen, at) => {
    const isOutside = pen.visible_time === DEAD_AT;
    const colour = isOutside ? "resistance" : "pen";
    const label = at === 0 ? "entry" : isOutside ? "outside" : String(at);
    return leg(plot, pen, colour, "thick") + penName(plot, pen, label, colour);
  });
  const heading = text(24, plot.top + 18, name, { weight: "bold", size: 14 });
  return plot.ground + zone(plot) + pens.join("") + plot.moment(now, `now: ${clock(now)}`, "bottom", "end") + heading;
}
