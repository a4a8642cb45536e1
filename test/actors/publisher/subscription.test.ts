import { expect, test } from "vitest";
import { MESSAGES_AT_ONCE } from "../../../src/actors/publisher/subscription.js";
import { World } from "./subscription-world.js";

test("catch-up first, then live", async () => {
  const world = new World({ since: 100 });
  world.store(100, 160, 220);
  expect(await world.catchUp()).toEqual({ candles: 2, messages: 2 });
  world.ingest(280);
  expect(world.told).toEqual([160, 220, 280]);
  expect(world.subscription.cursor).toBe(280);
});

test("W14: what is ingested during the catch-up comes once, with one gap, whether or not the catch-up has seen it", async () => {
  const before = new World({ since: 100, crowded: true });
  before.store(100);
  void before.catchUp();
  before.ingest(220);
  await before.makeRoomForGood();
  expect(before.told).toEqual(["gap 160-220", 220]);

  const after = new World({ since: 100 });
  after.store(100);
  const caughtUp = after.catchUp();
  await caughtUp;
  after.ingest(220);
  expect(after.told).toEqual(["gap 160-220", 220]);
});

test("catch-up data always precedes live data, notices included; forming candles wait for neither", async () => {
  const world = new World({ since: 0, limit: 2, crowded: true });
  world.store(60, 120, 180, 240, 300);
  void world.catchUp();
  await world.makeRoom();
  world.ingest(360);
  world.rebuilt();
  world.forming(420);
  await world.makeRoom();
  expect(world.told).toEqual([60, 120, 180, 240]);
  await world.makeRoomForGood();
  expect(world.told).toEqual([60, 120, 180, 240, 300, 360, "rebuild"]);
  world.forming(420);
  expect(world.told.at(-1)).toBe("~420");
});

test("the answer counts candles and messages over all pages", async () => {
  const world = new World({ since: 60, limit: 2, batches: true });
  world.store(180, 240, 300, 360, 420);
  expect(await world.catchUp()).toEqual({ candles: 5, messages: 4 });
  expect(world.messages.map(({ type }) => type)).toEqual(["gap", "candles_batch", "candles_batch", "candles_batch"]);
});

test("live candles: repeated and late ones are dropped, also inside of a run", async () => {
  const world = new World({ since: 220 });
  world.store(220);
  await world.catchUp();
  world.ingest(160);
  world.ingest(220);
  world.ingest(160, 220, 280);
  world.ingest(280);
  expect(world.told).toEqual([280]);
});

test("without a cursor the first candle has no gap, and the second may have one", async () => {
  const world = new World({ since: null });
  await world.catchUp();
  world.ingest(600);
  world.ingest(720);
  expect(world.told).toEqual([600, "gap 660-720", 720]);
});

test("a null cursor with candles in the store begins with the newest, without a gap check", async () => {
  const world = new World({ since: null, limit: 2 });
  world.store(60, 120, 600);
  await world.catchUp();
  expect(world.told).toEqual([120, 600]);
});

test("since 0 or below is a cursor for live candles, but no gap of the catch-up", async () => {
  for (const since of [0, -600]) {
    const world = new World({ since });
    world.store(600);
    await world.catchUp();
    expect(world.told).toEqual([600]);
    const empty = new World({ since });
    await empty.catchUp();
    empty.ingest(600);
    expect(empty.told).toEqual([`gap ${since + 60}-600`, 600]);
  }
});

test("forming candles: only later than the cursor, never moving it", async () => {
  const world = new World({ since: 100 });
  world.store(100);
  await world.catchUp();
  world.forming(100);
  world.forming(160);
  world.forming(160);
  world.ingest(160);
  world.forming(160);
  expect(world.told).toEqual(["~160", "~160", 160]);
});

test("candles stored in silence are sent before the next published one", async () => {
  const world = new World({ since: 100 });
  world.store(100);
  await world.catchUp();
  world.store(160, 280);
  world.ingest(340);
  expect(world.told).toEqual([160, "gap 220-280", 280, 340]);
});

test("RS-P8 more candles stored in silence than are read at once are sent page by page, all of them, before the next one", async () => {
  for (const batches of [false, true]) {
    const world = new World({ since: 100, limit: 2, batches, crowded: true });
    world.store(100);
    const caughtUp = world.catchUp();
    await world.makeRoom();
    await caughtUp;
    world.store(220, 280, 340, 400, 460);
    world.ingest(520);
    world.ingest(640);
    world.forming(700);
    expect(world.told).toEqual([]);
    await world.makeRoom();
    expect(world.told).toEqual(["gap 160-220", 220, 280]);
    await world.makeRoomForGood();
    expect(world.told).toEqual(["gap 160-220", 220, 280, 340, 400, 460, 520, "gap 580-640", 640]);
  }
});

test("a page of many messages is sent as the client takes them, and not after it is gone", async () => {
  const times = Array.from({ length: MESSAGES_AT_ONCE + 1 }, (_, index) => 60 * (index + 1));
  const world = new World({ since: 0, limit: 2 * MESSAGES_AT_ONCE, crowded: true });
  world.store(...times);
  void world.catchUp();
  await world.makeRoom();
  expect(world.messages).toHaveLength(MESSAGES_AT_ONCE);
  world.ingest(60 * (times.length + 1));
  await world.makeRoom();
  expect(world.closedTimes).toEqual([...times, 60 * (times.length + 1)]);

  const leaving = new World({ since: 0, limit: 2 * MESSAGES_AT_ONCE, crowded: true });
  leaving.store(...times);
  const caughtUp = leaving.catchUp();
  await leaving.makeRoom();
  leaving.topic.remove(leaving.subscription);
  await leaving.makeRoom();
  await caughtUp;
  expect(leaving.messages).toHaveLength(MESSAGES_AT_ONCE);
});

test("a client that is gone during the catch-up ends it", async () => {
  const world = new World({ since: 0, crowded: true });
  world.store(60);
  const caughtUp = world.catchUp();
  await world.makeRoom(false);
  expect(await caughtUp).toEqual({ candles: 0, messages: 0 });
  expect(world.told).toEqual([]);
});

test("the cursor of a since ahead of what is closed is pulled back, so that the next candle is not skipped", async () => {
  const world = new World({ since: 7_200, latestClosed: () => 7_140 });
  world.store(7_080, 7_140, 7_200);
  await world.catchUp();
  expect(world.told).toEqual([]);
  expect(world.subscription.cursor).toBe(7_140);
  world.ingest(7_260);
  expect(world.told).toEqual([7_200, 7_260]);
});

test("only the client's own since is pulled back: what was sent is not sent again when the clock comes near", async () => {
  // A simulated series, ahead of the clock; the clock moves on between two pages.
  let latestClosed = 600;
  const world = new World({ since: 600, limit: 3, crowded: true, latestClosed: () => latestClosed });
  world.store(660, 720, 780, 840, 900, 960, 1_020);
  void world.catchUp();
  await world.makeRoom();
  expect(world.told).toEqual([660, 720, 780]);
  latestClosed = 720;
  await world.makeRoomForGood();
  expect(world.told).toEqual([660, 720, 780, 840, 900, 960, 1_020]);
});
