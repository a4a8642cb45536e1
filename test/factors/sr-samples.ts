/** Levels of sr as tests write them. */
import type { SrLevel } from "../../src/factors/sr-snapshot.js";

export const ACTIVE: SrLevel = {
  price: 103.5,
  side: "resistance",
  status: "active",
  flipDirection: null,
  firstIdx: 3,
  lastIdx: 9,
  firstTime: 240,
  lastTime: 600,
  touches: 3,
  bandLow: 103.25,
  bandHigh: 103.75,
  bandWidthAtr: 0.5,
  death: null,
};
export const FLIPPED: SrLevel = {
  ...ACTIVE,
  price: 97,
  side: "support",
  status: "flip",
  flipDirection: "down",
  firstIdx: 1,
  touches: 9,
  death: { idx: 12, time: 780 },
};
export const BROKEN: SrLevel = { ...FLIPPED, price: 99, status: "broken", flipDirection: null, lastIdx: 3, touches: 0 };

/** Levels as a snapshot keeps them. */
export const rowsOf = (levels: readonly SrLevel[]): readonly number[] =>
  levels.flatMap((level) => [
    level.price,
    ["resistance", "support"].indexOf(level.side),
    ["active", "flip", "broken"].indexOf(level.status),
    [null, "up", "down"].indexOf(level.flipDirection),
    level.firstIdx,
    level.lastIdx,
    level.firstTime,
    level.lastTime,
    level.touches,
    level.bandLow,
    level.bandHigh,
    level.bandWidthAtr,
    level.death?.idx ?? -1,
    level.death?.time ?? -1,
  ]);
