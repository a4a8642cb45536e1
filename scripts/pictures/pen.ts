/** Confirmed pens and the two live legs, as they stand at one candle. */
import { type Pen, penFactor } from "../../src/factors/pen.js";
import type { Leg } from "../../src/factors/pen-legs.js";
import type { Pivot } from "../../src/factors/pivot.js";
import { type Chart, candlesText, chart, clock, listed, price } from "./chart.js";
import { type FoldedRecording, utc } from "./recording.js";
import {
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

const FROM = utc("2025-05-21T14:50");
const NOW = utc("2025-05-22T02:20");
const HEIGHT = 400;

/** A stroke over the candles. */
export function leg(
  plot: Chart,
  { start_time, start_price, end_time, end_price }: Leg,
  colour: Colour,
  stroke: Stroke,
): string {
  return line(plot.x(start_time), plot.y(start_price), plot.x(end_time), plot.y(end_price), colour, stroke);
}

/** Words beyond a stroke's end: above a top, below a bottom. */
export function endLabel(plot: Chart, { end_time, end_price, direction }: Leg, words: string, colour: Colour): string {
  return text(plot.x(end_time), plot.y(end_price) + (direction === 1 ? -9 : 19), words, { colour, anchor: "middle" });
}

/** @throws Error when the pictured moment has no live legs. */
export function penPicture(recording: FoldedRecording): Picture {
  const view = { from: FROM, to: NOW, minutesPerBar: 3, top: BODY_TOP, height: HEIGHT };
  const plot = chart(recording, view);
  const pens = recording.known<Pen>("pen.confirmed", FROM, NOW).filter(({ start_time }) => start_time >= FROM);
  const { extending, candidate } = recording.at(NOW).factsOf(penFactor);
  if (extending === null || candidate === null) throw new Error("the pictured moment has no live legs");
  const majors = recording.known<Pivot>("pivot.major", FROM, NOW).filter(({ pivot_time }) => pivot_time >= FROM);
  const ends = new Set([...pens, extending].flatMap(({ start_time, end_time }) => [start_time, end_time]));
  const passedOver = majors.filter(({ pivot_time }) => !ends.has(pivot_time));
  const lastPen = pens.at(-1) as Pen;
  const marks = majors.map(({ pivot_time, pivot_price, direction }) =>
    dot(plot.x(pivot_time), plot.y(pivot_price), direction, ends.has(pivot_time) ? "full" : "hollow"),
  );
  const labels = pens.map((pen) => endLabel(plot, pen, `known ${clock(pen.visible_time)}`, "pen"));
  const overText = passedOver.map(({ pivot_time, pivot_price }) => `${clock(pivot_time)} (${price(pivot_price)})`);
  return picture("pen", {
    title: `Pens at ${clock(NOW)}: confirmed, extending, candidate`,
    subtitle: candlesText(view),
    caption:
      `${pens.length} pens of these hours are confirmed. The last runs from ${clock(lastPen.start_time)} (${price(lastPen.start_price)}) to ${clock(lastPen.end_time)} (${price(lastPen.end_price)}) and is known since ${clock(lastPen.visible_time)}. ` +
      `The extending leg from ${clock(extending.start_time)} (${price(extending.start_price)}) has its highest high at ${clock(extending.end_time)} (${price(extending.end_price)}); ` +
      `the candidate has come down from there to ${price(candidate.end_price)} at ${clock(candidate.end_time)}. ` +
      `Hollow: the major pivots of ${listed(overText)}, passed over for a more extreme one of their kind.`,
    legend: [
      lineItem("confirmed", "pen", "thick"),
      lineItem("extending", "pen", "dashed"),
      lineItem("candidate", "pen", "dotted"),
      dotItem("major resistance", "resistance", "full"),
      dotItem("major support", "support", "full"),
      dotItem("passed over", "muted", "hollow"),
    ],
    height: BODY_TOP + HEIGHT + 28,
    body:
      plot.ground +
      pens.map((pen) => leg(plot, pen, "pen", "thick")).join("") +
      leg(plot, extending, "pen", "dashed") +
      leg(plot, candidate, "pen", "dotted") +
      marks.join("") +
      labels.join("") +
      endLabel(plot, extending, "extending", "pen") +
      endLabel(plot, candidate, "candidate", "pen"),
  });
}
