/** One zhongshu from its entry pen to the pen that stays outside it. */
import type { Pen } from "../../src/factors/pen.js";
import type { DeadZone } from "../../src/factors/zhongshu.js";
import { type Chart, candlesText, chart, clock, price } from "./chart.js";
import { leg } from "./pen.js";
import { type FoldedRecording, utc } from "./recording.js";
import { area, areaItem, BODY_TOP, type Colour, line, lineItem, type Picture, picture, text } from "./svg.js";

const FROM = utc("2025-05-12T05:40");
const TO = utc("2025-05-12T20:10");
const HEIGHT = 420;

/** A zone's bounds from its start to its end, filled from the moment at which it had formed. Times in seconds. */
export function zoneShape(
  plot: Chart,
  zone: Pick<DeadZone, "start_time" | "formed_time" | "zg" | "zd">,
  until: number,
): string {
  const { start_time, formed_time, zg, zd } = zone;
  const edges = [zg, zd].map((bound) =>
    line(plot.x(start_time), plot.y(bound), plot.x(until), plot.y(bound), "zone", "thin"),
  );
  const filled = plot.x(until) - plot.x(formed_time);
  return area(plot.x(formed_time), plot.y(zg), filled, plot.y(zd) - plot.y(zg), "zone") + edges.join("");
}

/** A name beside the middle of a pen. */
export function penName(
  plot: Chart,
  { start_time, end_time, start_price, end_price }: Pen,
  name: string,
  colour: Colour,
): string {
  const x = (plot.x(start_time) + plot.x(end_time)) / 2 + 7;
  return text(x, (plot.y(start_price) + plot.y(end_price)) / 2 + 4, name, { colour, weight: "bold" });
}

/** @throws Error when the pictured hours have no zhongshu that a confirmed pen formed. */
export function zhongshuPicture(recording: FoldedRecording): Picture {
  const view = { from: FROM, to: TO, minutesPerBar: 5, top: BODY_TOP, height: HEIGHT };
  const plot = chart(recording, view);
  const zone = recording.known<DeadZone>("zhongshu.dead", FROM, TO).find(({ start_time }) => start_time >= FROM);
  if (zone === undefined || zone.formed_reason !== "pen_confirmed") {
    throw new Error("the pictured hours have no zhongshu that a confirmed pen formed");
  }
  const { start_time, zg, zd, formed_time, death_time } = zone;
  const pens = recording.known<Pen>("pen.confirmed", FROM, death_time).filter((pen) => pen.start_time >= start_time);
  const outside = pens.at(-1) as Pen;
  const strokes = pens.map((pen, at) => {
    const colour = pen === outside ? "resistance" : "pen";
    const name = at === 0 ? "entry" : pen === outside ? "outside" : String(at);
    return leg(plot, pen, colour, "thick") + penName(plot, pen, name, colour);
  });
  const beyond = Math.max(outside.start_price, outside.end_price) < zd ? "below" : "above";
  return picture("zhongshu", {
    title: "A zhongshu: the prices that three pens in a row have in common",
    subtitle: candlesText(view),
    caption:
      `The zone reaches from zd ${price(zd)}, the highest low of pens 1, 2 and 3, to zg ${price(zg)}, their lowest high. ` +
      `It begins with its entry pen at ${clock(start_time)} and forms at ${clock(formed_time)}, when pen 3 is confirmed. ` +
      `${pens.length - 5} later pens reach into the zone; the next, from ${price(outside.start_price)} to ${price(outside.end_price)}, lies wholly ${beyond} it. ` +
      `That pen is confirmed at ${clock(death_time)}, and the zone is dead.`,
    legend: [
      lineItem("pen", "pen", "thick"),
      lineItem("the pen that stays outside", "resistance", "thick"),
      lineItem("zg and zd", "zone", "thin"),
      areaItem("the zone since it formed", "zone"),
    ],
    height: BODY_TOP + HEIGHT + 28,
    body:
      plot.ground +
      zoneShape(plot, zone, zone.end_time) +
      plot.moment(formed_time, `formed: ${clock(formed_time)}`, "top", "end") +
      plot.moment(death_time, `dead: ${clock(death_time)}`, "top", "end") +
      strokes.join("") +
      text(plot.x(zone.end_time) - 6, plot.y(zg) - 5, `zg ${price(zg)}`, { colour: "zone", anchor: "end" }) +
      text(plot.x(zone.end_time) - 6, plot.y(zd) + 15, `zd ${price(zd)}`, { colour: "zone", anchor: "end" }),
  });
}
