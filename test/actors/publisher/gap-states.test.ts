/** Who is told of the states of gaps, and when. Spec: docs/api/ws-market.md, `gap_state`. */
import { expect, test } from "vitest";
import { Publication } from "../../../src/actors/publisher/publication.js";
import { MAX_GAP_STATES, MAX_WAITING } from "../../../src/actors/publisher/subscription.js";
import { openedGap, resolvedGap, toWireGap } from "../../../src/market/gap.js";
import { SERIES, World } from "./subscription-world.js";

const open = (id: number) => openedGap({ id, cause: "reconnect", fromTime: 160, toTime: null, nowMs: 1_000 });
const repaired = (id: number) => resolvedGap(open(id), 160, [], 2_000);

test("RS-G11 a client that did not ask is told nothing, neither at first nor later", async () => {
  const world = new World({ since: 100, openGaps: [open(1)] });
  await world.catchUp();
  world.gapState(repaired(1));
  expect(world.messages).toEqual([]);
});

test("a client that asked is told of the open ones at once, and of each change", async () => {
  const world = new World({ since: 100, gaps: true, openGaps: [open(1)] });
  await world.catchUp();
  world.gapState(repaired(1));
  world.gapState(open(2));
  expect(world.told).toEqual(["gap 1 repairing", "gap 1 repaired", "gap 2 repairing"]);
  expect(world.messages[1]).toEqual({ type: "gap_state", series_id: SERIES, gap: toWireGap(repaired(1)) });
});

test("a gap that is repaired during a catch-up is told after its candles", async () => {
  const world = new World({ since: 100, gaps: true, crowded: true, openGaps: [open(1)] });
  world.store(100);
  void world.catchUp();
  world.ingest(160);
  world.gapState(repaired(1));
  world.ingest(220);
  expect(world.told).toEqual(["gap 1 repairing"]);
  await world.makeRoomForGood();
  expect(world.told).toEqual(["gap 1 repairing", 160, 220, "gap 1 repaired"]);
});

test("states that wait are bounded, and the newest of them outlast what else would wait", async () => {
  const world = new World({
    since: 0,
    gaps: true,
    crowded: true,
    openGaps: Array.from({ length: 500 }, () => open(1)),
  });
  void world.catchUp();
  expect(world.messages).toHaveLength(MAX_GAP_STATES);
  for (let id = 1; id <= MAX_WAITING; id += 1) world.gapState(open(id));
  world.ingest(60);
  world.messages.length = 0;
  await world.makeRoomForGood();
  const last = Array.from(
    { length: MAX_GAP_STATES },
    (_, n) => `gap ${MAX_WAITING - MAX_GAP_STATES + 1 + n} repairing`,
  );
  expect(world.told).toEqual([60, ...last]);
});

test("a change is encoded once for all clients", () => {
  const gap = open(1);
  const publication = new Publication(SERIES, { type: "gap_state", gap });
  expect(publication.frame({ type: "gap_state", gap })).toBe(publication.frame({ type: "gap_state", gap }));
});
