/** Markers of pivots and anchor switches. Spec: overlays §4. */
import { anchorFactor } from "../factors/anchor.js";
import { type Pivot, pivotFactor } from "../factors/pivot.js";
import type { Marker } from "./instruction.js";
import type { Pencil, Renderer } from "./renderer.js";

const PIVOT_STYLE = {
  major: { resistance: "#ef4444", support: "#22c55e", size: 1 },
  minor: { resistance: "rgba(239,68,68,0.6)", support: "rgba(34,197,94,0.6)", size: 0.5 },
} as const;
const SWITCH_COLOR = "#f59e0b";

export const markerRenderer: Renderer<null> = {
  name: "marker",
  initial: () => null,
  draw(_state, frame, pencil) {
    const { majors, minors } = frame.factsOf(pivotFactor);
    for (const pivot of majors) drawPivot(pivot, "major", pencil);
    for (const pivot of minors) drawPivot(pivot, "minor", pencil);
    for (const { switch_time, reason, new_anchor } of frame.factsOf(anchorFactor).switches) {
      const up = new_anchor.direction >= 0;
      pencil.lasting(`anchor.switch:${switch_time}:${new_anchor.direction}:${reason}`, {
        type: "marker",
        feature: "anchor.switch",
        time: switch_time,
        position: up ? "belowBar" : "aboveBar",
        color: SWITCH_COLOR,
        shape: up ? "arrowUp" : "arrowDown",
        text: "A",
        size: 1,
      });
    }
  },
  renew: () => undefined,
  live: () => [],
};

function drawPivot(pivot: Pivot, size: keyof typeof PIVOT_STYLE, pencil: Pencil): void {
  const { pivot_time, direction, window } = pivot;
  const style = PIVOT_STYLE[size];
  const marker: Marker = {
    type: "marker",
    feature: `pivot.${size}`,
    time: pivot_time,
    position: direction === "resistance" ? "aboveBar" : "belowBar",
    color: style[direction],
    shape: "circle",
    text: "",
    size: style.size,
  };
  pencil.lasting(`pivot.${size}:${pivot_time}:${direction}:${window}`, marker);
}
