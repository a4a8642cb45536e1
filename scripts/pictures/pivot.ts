/** Two major pivots with their windows, and the minor ones around them. */
import type { Pivot } from "../../src/factors/pivot.js";
import { candlesText, chart, clock, price } from "./chart.js";
import { type FoldedRecording, TIMEFRAME_SECONDS, utc, WINDOW_MAJOR, WINDOW_MINOR } from "./recording.js";
import { BODY_TOP, bracket, dot, dotItem, lineItem, type Picture, picture, text } from "./svg.js";

const FROM = utc("2025-05-21T15:45");
const TO = utc("2025-05-21T19:10");
const HEIGHT = 400;
const MINOR_RADIUS = 2.6;

/** @throws Error when the pictured hours have no major pivot of either kind. */
export function pivotPicture(recording: FoldedRecording): Picture {
  const view = { from: FROM, to: TO, minutesPerBar: 1, top: BODY_TOP, height: HEIGHT, headroom: 0.22 };
  const plot = chart(recording, view);
  const shown = ({ pivot_time }: Pivot): boolean => pivot_time - WINDOW_MAJOR * TIMEFRAME_SECONDS >= FROM;
  const majors = recording.known<Pivot>("pivot.major", FROM, TO).filter(shown);
  const top = majors.find(({ direction }) => direction === "resistance");
  const low = majors.find(({ direction }) => direction === "support");
  if (top === undefined || low === undefined) throw new Error("the pictured hours have no major pivot of either kind");
  const minors = recording
    .known<Pivot>("pivot.minor", FROM, TO)
    .filter(({ pivot_time }) => pivot_time >= FROM && pivot_time !== top.pivot_time && pivot_time !== low.pivot_time);
  const windowOf = ({ pivot_time, visible_time, direction }: Pivot): string => {
    const above = direction === "resistance";
    const y = above ? plot.top + 34 : plot.bottom - 34;
    const words = above ? ["all lower", "none higher"] : ["all higher", "none lower"];
    const before = pivot_time - (visible_time - pivot_time);
    const labels = words.map((word) => `${WINDOW_MAJOR} candles, ${word}`) as [string, string];
    const side = above ? -1 : 1;
    return (
      bracket(plot.x(before), plot.x(pivot_time), y, labels[0], direction, side) +
      bracket(plot.x(pivot_time), plot.x(visible_time), y, labels[1], direction, side)
    );
  };
  const marks = [top, low].map(({ pivot_time, pivot_price, direction, visible_time }) => {
    const above = direction === "resistance";
    const x = plot.x(pivot_time);
    const y = plot.y(pivot_price);
    const name = `${price(pivot_price)} at ${clock(pivot_time)}`;
    return (
      plot.moment(visible_time, `known: ${clock(visible_time)}`, above ? "top" : "bottom", "start") +
      dot(x, y, direction, "full", 5) +
      text(x, y + (above ? -10 : 19), name, { colour: direction, weight: "bold", anchor: "middle" })
    );
  });
  const small = minors.map(({ pivot_time, pivot_price, direction }) =>
    dot(plot.x(pivot_time), plot.y(pivot_price), direction, "hollow", MINOR_RADIUS),
  );
  return picture("pivot", {
    title: "Pivots: candles that stand out from their neighbours",
    subtitle: candlesText(view),
    caption:
      `The high of ${clock(top.pivot_time)} (${price(top.pivot_price)}) is a major resistance, known at ${clock(top.visible_time)}; ` +
      `the low of ${clock(low.pivot_time)} (${price(low.pivot_price)}) is a major support, known at ${clock(low.visible_time)}. ` +
      `The ${minors.length} small circles are the other minor pivots of these hours (both majors are minor pivots too), each known ${WINDOW_MINOR} candles after itself.`,
    legend: [
      dotItem("major resistance", "resistance", "full", 5),
      dotItem("major support", "support", "full", 5),
      dotItem("minor resistance", "resistance", "hollow", MINOR_RADIUS),
      dotItem("minor support", "support", "hollow", MINOR_RADIUS),
      lineItem("the candle at which it is known", "muted", "dotted"),
    ],
    height: BODY_TOP + HEIGHT + 28,
    body: plot.ground + small.join("") + windowOf(top) + windowOf(low) + marks.join(""),
  });
}
