/**
 * Support and resistance as one line per level: standing ones up to now, broken ones up to their end.
 * Spec: overlays §4; design C-6a.
 */
import { srFactor } from "../factors/sr.js";
import { instruction, line, type Polyline } from "./instruction.js";
import type { Renderer, Version } from "./renderer.js";
import { drawBroken, drawStanding } from "./sr-lines.js";
import {
  BROKEN_COLUMNS,
  type BrokenLine,
  brokenLines,
  brokenRows,
  ROW,
  type Rows,
  rowStarts,
  STANDING_COLUMNS,
  type StandingLine,
  standingLines,
  standingRows,
} from "./sr-rows.js";

const COLORS = { resistance: "#ef4444", support: "#22c55e" } as const;
const BROKEN = { color: "rgba(148,163,184,0.6)", lineWidth: 1, lineStyle: "dashed" } as const;

/** Standing lines by their rows: who walks through candles asks for the same ones at each. A picture has ten at most. */
const standingOf = new WeakMap<Rows, readonly StandingLine[]>();

interface SrPicture {
  /** Time of the snapshot that is drawn, in seconds. */
  snapshotTime: number | null;
  standing: Rows;
  /** Version of the first standing level; the others follow it. All of them change with every candle. */
  standingVersion: Version;
  broken: Rows;
}

/** As it is stored. */
interface SavedPicture extends Pick<SrPicture, "snapshotTime" | "standingVersion"> {
  readonly standing: readonly StandingLine[];
  readonly broken: readonly BrokenLine[];
}

export const srRenderer: Renderer<SrPicture> = {
  name: "sr",
  initial: (): SrPicture => ({ snapshotTime: null, standing: [], standingVersion: [0, 0], broken: [] }),
  draw(state, frame, pencil) {
    const { snapshot } = frame.factsOf(srFactor);
    if (snapshot === null) return;
    const levels = snapshot.visibleTime === state.snapshotTime ? undefined : snapshot.rows;
    if (levels !== undefined) state.standing = drawStanding(levels);
    const count = state.standing.length / STANDING_COLUMNS;
    if (count > 0) state.standingVersion = pencil.versions(count);
    if (levels !== undefined) {
      const redrawing = { levels, close: frame.candle.close, before: state.broken };
      state.broken = drawBroken(redrawing, snapshot.visibleTime, pencil);
    }
    state.snapshotTime = snapshot.visibleTime;
  },
  renew(state, later) {
    const { standing, standingVersion } = state;
    const count = standing.length / STANDING_COLUMNS;
    if (count > 0) state.standingVersion = later(standingVersion, count);
    const broken = [...state.broken];
    for (const row of rowStarts(broken, BROKEN_COLUMNS)) {
      const version: Version = [broken[row + ROW.version] as number, broken[row + ROW.visibleTime] as number];
      broken.splice(row + ROW.version, 2, ...later(version));
    }
    state.broken = broken;
  },
  live({ standing, standingVersion: [first, visibleTime] }, time) {
    let lines = standingOf.get(standing);
    if (lines === undefined) {
      lines = standingLines(standing);
      standingOf.set(standing, lines);
    }
    return lines.map((level, at) => {
      const style = { color: COLORS[level.side], lineWidth: 2 };
      return instruction(level.id, first + at, visibleTime, levelLine("sr.active", level, time, style));
    });
  },
  settled: ({ broken }) => ({
    key: broken,
    make: () =>
      brokenLines(broken).map((level) =>
        instruction(level.id, ...level.version, levelLine("sr.broken", level, level.until, BROKEN)),
      ),
  }),
  save: ({ snapshotTime, standing, standingVersion, broken }): SavedPicture => ({
    snapshotTime,
    standing: standingLines(standing),
    standingVersion,
    broken: brokenLines(broken),
  }),
  load(saved): SrPicture {
    const { snapshotTime, standing, standingVersion, broken } = saved as SavedPicture;
    return { snapshotTime, standing: standingRows(standing), standingVersion, broken: brokenRows(broken) };
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
