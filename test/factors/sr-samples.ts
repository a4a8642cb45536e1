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
