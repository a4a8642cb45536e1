import { expect, test } from "vitest";
import { COLUMNS, KeptSnapshot, type StoredSnapshot } from "../../src/factors/sr-rows.js";
import type { SrLevel } from "../../src/factors/sr-snapshot.js";
import { ACTIVE, BROKEN, FLIPPED, rowsOf } from "./sr-samples.js";

const LEVELS = [ACTIVE, { ...FLIPPED, flipDirection: "up" as const }, FLIPPED, BROKEN];

/** What can be read of a level. */
const plain = (level: SrLevel): SrLevel => ({
  price: level.price,
  side: level.side,
  status: level.status,
  flipDirection: level.flipDirection,
  firstIdx: level.firstIdx,
  lastIdx: level.lastIdx,
  firstTime: level.firstTime,
  lastTime: level.lastTime,
  touches: level.touches,
  bandLow: level.bandLow,
  bandHigh: level.bandHigh,
  bandWidthAtr: level.bandWidthAtr,
  death: level.death,
});

const STORED: StoredSnapshot = { visible_time: 840, rows: rowsOf(LEVELS) };

test("a level takes fourteen numbers", () => {
  expect(rowsOf([FLIPPED])).toEqual([97, 1, 1, 2, 1, 9, 240, 600, 9, 103.25, 103.75, 0.5, 12, 780]);
  expect(STORED.rows).toHaveLength(4 * COLUMNS);
});

test("a snapshot is read back as it was, through JSON, packed or not", () => {
  const snapshot = new KeptSnapshot(JSON.parse(JSON.stringify(STORED)) as StoredSnapshot);
  for (const isPacked of [false, true, true]) {
    if (isPacked) snapshot.pack();
    expect(snapshot.visibleTime).toBe(840);
    expect(snapshot.levels.map(plain)).toEqual(LEVELS);
    expect(snapshot.stored).toEqual(STORED);
  }
});

test("levels that were told stay as they were when the snapshot is packed", () => {
  const snapshot = new KeptSnapshot(STORED);
  const { levels } = snapshot;
  snapshot.pack();
  expect(levels.map(plain)).toEqual(LEVELS);
});

test("a snapshot without levels can be packed", () => {
  const snapshot = new KeptSnapshot({ visible_time: 840, rows: [] });
  snapshot.pack();
  expect([snapshot.levels, snapshot.stored.rows]).toEqual([[], []]);
});
