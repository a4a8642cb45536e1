/** Levels of every status in one snapshot. */
import { srFactor } from "../../src/factors/sr.js";
import type { SrLevel } from "../../src/factors/sr-snapshot.js";
import { type Chart, candlesText, chart, clock, listed, price } from "./chart.js";
import { type FoldedRecording, utc } from "./recording.js";
import {
  area,
  BODY_TOP,
  type Colour,
  dot,
  dotItem,
  line,
  lineItem,
  type Picture,
  picture,
  type Stroke,
  text,
} from "./svg.js";

const FROM = utc("2025-05-21T06:20");
const NOW = utc("2025-05-22T00:17");
const HEIGHT = 420;
/** Below the next level by less than this, a level has its name in the middle, under its line. */
const LABEL_HEIGHT = 20;
const LOOKS: Readonly<Record<SrLevel["status"], Stroke>> = { active: "thick", flip: "dashed", broken: "dotted" };

/** @throws Error when the pictured moment has no snapshot with a flipped and a broken level. */
export function srPicture(recording: FoldedRecording): Picture {
  const view = { from: FROM, to: NOW, minutesPerBar: 5, top: BODY_TOP, height: HEIGHT };
  const plot = chart(recording, view);
  const { snapshot } = recording.at(NOW).factsOf(srFactor);
  if (snapshot === null || snapshot.visibleTime !== NOW) throw new Error("no snapshot was made at the pictured moment");
  const { levels } = snapshot;
  const pictured = levels.filter(({ firstTime }) => firstTime >= FROM);
  const [flip, broken] = (["flip", "broken"] as const).map((status) =>
    pictured.find((level) => level.status === status),
  );
  if (flip === undefined || broken === undefined || flip.flipDirection === null)
    throw new Error("the pictured snapshot lacks a flipped or a broken level");
  const count = (status: SrLevel["status"]): string =>
    `${levels.filter((level) => level.status === status).length} ${status}`;
  return picture("sr", {
    title: `Support and resistance: levels of the snapshot of ${clock(NOW)}`,
    subtitle: candlesText(view),
    caption:
      `The snapshot has ${listed([count("active"), count("flip"), count("broken")])} levels; drawn are the ${pictured.length} whose pivots both lie in these hours. ` +
      `The ${flip.side} at ${price(flip.price)}, made by the pivots of ${clock(flip.firstTime)} and ${clock(flip.lastTime)}, was last crossed at ${clock(flip.death?.time ?? 0)} and is a flip: price is ${flip.flipDirection === "up" ? "above" : "below"} it now. ` +
      `The ${broken.side} at ${price(broken.price)} broke with its third crossing, at ${clock(broken.death?.time ?? 0)}.`,
    legend: [
      lineItem("active", "ink", LOOKS.active),
      lineItem("flip", "ink", LOOKS.flip),
      lineItem("broken", "ink", LOOKS.broken),
      dotItem("pivots that made a resistance", "resistance", "full"),
      dotItem("that made a support", "support", "full"),
    ],
    height: BODY_TOP + HEIGHT + 28,
    body: plot.ground + pictured.map((level) => levelMark(plot, level, pictured)).join(""),
  });
}

function levelMark(plot: Chart, level: SrLevel, all: readonly SrLevel[]): string {
  const { price: value, side, status, firstTime, lastTime, bandLow, bandHigh, death } = level;
  const colour: Colour = side;
  const from = plot.x(firstTime);
  const until = status === "broken" && death !== null ? plot.x(death.time) : plot.right;
  const band = area(from, plot.y(bandHigh), until - from, plot.y(bandLow) - plot.y(bandHigh), colour);
  const dots = [firstTime, lastTime].map((time) => dot(plot.x(time), plot.y(value), colour));
  const isCrowded = all.some((other) => other.price > value && plot.y(value) - plot.y(other.price) < LABEL_HEIGHT);
  const words = `${price(value)} ${status}`;
  const label = isCrowded
    ? text((plot.x(lastTime) + until) / 2, plot.y(value) + 14, words, { colour, anchor: "middle" })
    : text(until - 4, plot.y(value) - 6, words, { colour, anchor: "end" });
  return band + line(from, plot.y(value), until, plot.y(value), colour, LOOKS[status]) + dots.join("") + label;
}
