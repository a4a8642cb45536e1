/** The anchor's switches over half a day, and where it stands at the end. */
import { type AnchorSegment, type AnchorSwitch, anchorFactor, strength } from "../../src/factors/anchor.js";
import type { Pivot } from "../../src/factors/pivot.js";
import { type Chart, candlesText, chart, clock, price } from "./chart.js";
import { leg } from "./pen.js";
import { type FoldedRecording, TIMEFRAME_SECONDS, utc } from "./recording.js";
import { BODY_TOP, lineItem, type Picture, picture, text } from "./svg.js";

const FROM = utc("2025-05-21T14:30");
const NOW = utc("2025-05-22T09:40");
const HEIGHT = 420;
/** Two switches nearer than this would write over each other. */
const LABEL_WIDTH = 100;
const REASONS = { strong_pen: "strong pen", zhongshu_entry: "zhongshu entry" } as const;

interface Held {
  readonly cause: AnchorSwitch;
  /** The anchor when it was taken. */
  readonly taken: AnchorSegment;
  /** The anchor as it was when the next one came, or is now. */
  readonly final: AnchorSegment;
}

/** @throws Error when the anchor does not move in the pictured hours as the caption says. */
export function anchorPicture(recording: FoldedRecording): Picture {
  const view = { from: FROM, to: NOW, minutesPerBar: 5, top: BODY_TOP, height: HEIGHT };
  const plot = chart(recording, view);
  const heldAt = (time: number): AnchorSegment => {
    const { held } = recording.at(time).factsOf(anchorFactor);
    if (held === null) throw new Error(`no anchor is held at ${clock(time)}`);
    return held;
  };
  const switches = recording.known<AnchorSwitch>("anchor.switch", FROM, NOW);
  const anchors: readonly Held[] = switches.map((cause, at) => {
    const next = switches[at + 1];
    const end = next === undefined ? NOW : next.switch_time - TIMEFRAME_SECONDS;
    return { cause, taken: heldAt(cause.switch_time), final: heldAt(end) };
  });
  const { shown } = recording.at(NOW).factsOf(anchorFactor);
  const current = anchors.at(-1);
  if (current === undefined || shown?.start_time !== current.final.start_time) {
    throw new Error("the pictured anchor is not the one that is shown");
  }
  const top = recording
    .known<Pivot>("pivot.major", FROM, NOW)
    .find(({ pivot_time }) => pivot_time === anchors[1]?.final.start_time);
  const first = anchors[0];
  if (top === undefined || first === undefined || top.visible_time < first.cause.switch_time) {
    throw new Error("the second anchor does not begin at a top that was unknown when the first was taken");
  }
  const told = anchors.map(({ cause, taken, final }, at) => {
    const way = taken.direction === 1 ? "up" : "down";
    const grown = strength(final) > strength(taken) ? `, in the end ${price(strength(final))}` : "";
    return `${at + 1}: at ${clock(cause.switch_time)} (${REASONS[cause.reason]}) to the leg ${way} from ${clock(taken.start_time)}, strength ${price(strength(taken))}${grown}`;
  });
  return picture("anchor", {
    title: `The anchor: ${switches.length} switches, and where it stands at ${clock(NOW)}`,
    subtitle: candlesText(view),
    caption:
      `${told.join("; ")}. Switch 1 knows nothing yet of the higher top of ${clock(top.pivot_time)}, where anchor 2 begins: ` +
      `it is a major pivot only at ${clock(top.visible_time)}.`,
    legend: [
      lineItem("anchor when it was taken", "anchor", "dashed"),
      lineItem("as it was in the end", "anchor", "thick"),
      lineItem("switch", "muted", "dotted"),
    ],
    height: BODY_TOP + HEIGHT + 28,
    body:
      plot.ground +
      switches.map((cause, at) => switchMark(plot, cause, switches[at - 1], at + 1)).join("") +
      anchors.map((held) => anchorMark(plot, held)).join("") +
      anchors.map(({ taken }, at) => numberMark(plot, taken, at + 1)).join(""),
  });
}

function switchMark(plot: Chart, cause: AnchorSwitch, before: AnchorSwitch | undefined, number: number): string {
  const { switch_time, reason } = cause;
  const isNear = before !== undefined && plot.x(switch_time) - plot.x(before.switch_time) < LABEL_WIDTH;
  const words = `${number}: ${REASONS[reason]}`;
  return plot.moment(switch_time, words, number % 2 === 0 ? "bottom" : "top", isNear ? "start" : "end");
}

function anchorMark(plot: Chart, { taken, final }: Held): string {
  return leg(plot, final, "anchor", "thick") + leg(plot, taken, "anchor", "dashed");
}

function numberMark(plot: Chart, { start_time, start_price, direction }: AnchorSegment, number: number): string {
  const y = plot.y(start_price) + (direction === 1 ? 18 : -8);
  return text(plot.x(start_time), y, String(number), { colour: "anchor", weight: "bold", anchor: "middle", size: 14 });
}
