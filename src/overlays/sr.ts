/**
 * Support and resistance as one line per level: standing ones up to now, broken ones up to their end.
 * Spec: overlays §4; design C-6a.
 */
import { srFactor } from "../factors/sr.js";
import { instruction, line, type Polyline } from "./instruction.js";
import type { Renderer, Version } from "./renderer.js";
import { type BrokenLine, brokenLines, type StandingLine, standingLines } from "./sr-lines.js";

const COLORS = { resistance: "#ef4444", support: "#22c55e" } as const;
const BROKEN = { color: "rgba(148,163,184,0.6)", lineWidth: 1, lineStyle: "dashed" } as const;

interface SrPicture {
  /** Time of the snapshot that is drawn, in seconds. */
  snapshotTime: number | null;
  standing: readonly StandingLine[];
  /** Version of the first standing level; the others follow it. All of them change with every candle. */
  standingVersion: Version;
  broken: readonly BrokenLine[];
}

export const srRenderer: Renderer<SrPicture> = {
  name: "sr",
  initial: (): SrPicture => ({ snapshotTime: null, standing: [], standingVersion: [0, 0], broken: [] }),
  draw(state, frame, pencil) {
    const { snapshot } = frame.factsOf(srFactor);
    if (snapshot === null) return;
    const levels = snapshot.visibleTime === state.snapshotTime ? undefined : snapshot.levels;
    const { close } = frame.candle;
    if (levels !== undefined) state.standing = standingLines({ levels, close, before: state.standing });
    if (state.standing.length > 0) state.standingVersion = pencil.versions(state.standing.length);
    if (levels !== undefined) {
      state.broken = brokenLines({ levels, close, before: state.broken }, snapshot.visibleTime, pencil);
    }
    state.snapshotTime = snapshot.visibleTime;
  },
  renew(state, later) {
    const { standing, standingVersion, broken } = state;
    if (standing.length > 0) state.standingVersion = later(standingVersion, standing.length);
    state.broken = broken.map((level) => ({ ...level, version: later(level.version) }));
  },
  live({ standing, standingVersion: [first, visibleTime], broken }, time) {
    return [
      ...standing.map((level, at) => {
        const style = { color: COLORS[level.side], lineWidth: 2 };
        return instruction(level.id, first + at, visibleTime, levelLine("sr.active", level, time, style));
      }),
      ...broken.map((level) =>
        instruction(level.id, ...level.version, levelLine("sr.broken", level, level.until, BROKEN)),
      ),
    ];
  },
};

function levelLine(
  feature: string,
  { price, from }: StandingLine,
  until: number,
  style: Pick<Polyline, "color" | "lineWidth" | "lineStyle">,
): Polyline {
  return line(feature, { time: from, value: price }, { time: until, value: price }, style);
}
