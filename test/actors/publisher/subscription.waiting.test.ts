import { expect, test } from "vitest";
import { MAX_WAITING, MESSAGES_AT_ONCE } from "../../../src/actors/publisher/subscription.js";
import type { Candle } from "../../../src/market/candle.js";
import { candleAt } from "../../support/candles.js";
import { settle, World } from "./subscription-world.js";

interface Recovery {
  readonly recover: () => Promise<readonly Candle[]>;
  /** Lets the recovery that began first end. */
  give(...times: number[]): Promise<void>;
  fail(): Promise<void>;
  begun(): number;
}

function heldRecovery(): Recovery {
  const waiting: { resolve: (candles: readonly Candle[]) => void; reject: (error: Error) => void }[] = [];
  let begun = 0;
  return {
    recover: () => {
      begun += 1;
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    give: async (...times) => {
      waiting.shift()?.resolve(times.map((time) => candleAt(time)));
      await settle();
    },
    fail: async () => {
      waiting.shift()?.reject(new Error("source down"));
      await settle();
    },
    begun: () => begun,
  };
}

test("W5, W6: what is missing is recovered before it is announced", async () => {
  const recovery = heldRecovery();
  const world = new World({ since: 100, batches: true, recover: recovery.recover });
  world.store(100, 220);
  void world.catchUp();
  await settle();
  world.ingest(280);
  await recovery.give(160);
  expect(world.told).toEqual([160, 220, 280]);
  expect(world.messages.map(({ type }) => type)).toEqual(["candles_batch", "candle_closed"]);
  world.ingest(400);
  world.forming(460);
  world.ingest(460);
  expect(world.closedTimes).toEqual([160, 220, 280]);
  await recovery.give(340);
  expect(world.told).toEqual([160, 220, 280, 340, 400, 460]);
  expect(recovery.begun()).toBe(2);
});

test("of what is recovered only that which was missing counts", async () => {
  const recovery = heldRecovery();
  const world = new World({ since: 100, recover: recovery.recover });
  world.store(100);
  await world.catchUp();
  world.ingest(280);
  await recovery.give(40, 100, 220, 280, 340);
  expect(world.told).toEqual(["gap 160-220", 220, 280]);
});

test("a recovery that hands over less than it has stored is followed by the rest from the store", async () => {
  for (const batches of [false, true]) {
    const recovery = heldRecovery();
    const world = new World({ since: 60, limit: 2, batches, recover: recovery.recover });
    world.store(60, 420);
    void world.catchUp();
    await settle();
    world.store(120, 180, 240, 300, 360);
    await recovery.give(120, 180);
    expect(world.told).toEqual([120, 180, 240, 300, 360, 420]);
    world.ingest(720);
    world.store(480, 540, 600, 660);
    await recovery.give(480);
    expect(world.told).toEqual([120, 180, 240, 300, 360, 420, 480, 540, 600, 660, 720]);
  }
});

test("a recovery that fails, or brings nothing, leaves the gap", async () => {
  const recovery = heldRecovery();
  const world = new World({ since: 100, recover: recovery.recover });
  world.store(100);
  await world.catchUp();
  world.ingest(220);
  await recovery.fail();
  world.ingest(340);
  await recovery.give();
  expect(world.told).toEqual(["gap 160-220", 220, "gap 280-340", 340]);
});

test("gaps that follow each other while a recovery is under way are recovered one after the other", async () => {
  const recovery = heldRecovery();
  const world = new World({ since: 100, recover: recovery.recover });
  world.store(100);
  await world.catchUp();
  for (const time of [220, 340, 460]) world.ingest(time);
  for (const time of [160, 280, 400]) await recovery.give(time);
  expect(world.told).toEqual([160, 220, 280, 340, 400, 460]);
});

test("a closed subscription says nothing more, in whatever state it was", async () => {
  const recovery = heldRecovery();
  const catching = new World({ since: 0, crowded: true });
  const recovering = new World({ since: 100, recover: recovery.recover });
  const live = new World({ since: 100 });
  for (const world of [catching, recovering, live]) world.store(100);
  void catching.catchUp();
  await recovering.catchUp();
  await live.catchUp();
  recovering.ingest(220);
  for (const world of [catching, recovering, live]) world.topic.remove(world.subscription);
  await catching.makeRoomForGood();
  await recovery.give(160);
  for (const world of [catching, recovering, live]) {
    world.ingest(280);
    world.forming(340);
    expect(world.told).toEqual([]);
  }
});

test("publications beyond those that may wait are read from the store instead: nothing is lost or repeated", async () => {
  const world = new World({ since: 0, crowded: true, limit: 700 });
  void world.catchUp();
  const times = Array.from({ length: MAX_WAITING * 2 + 5 }, (_, index) => 60 * (index + 1));
  for (const time of times) world.ingest(time);
  world.rebuilt();
  await world.makeRoomForGood();
  expect(world.told).toEqual([...times, "rebuild"]);
  world.ingest(60 * (times.length + 1));
  expect(world.closedTimes).toHaveLength(times.length + 1);
});

test("the same during a recovery, for candles that the clock does not call closed yet", async () => {
  const recovery = heldRecovery();
  const world = new World({ since: 60, recover: recovery.recover, latestClosed: () => 120 });
  world.store(60);
  await world.catchUp();
  world.ingest(180);
  // One correction after the other of the newest candle: none may be sent again.
  for (let count = 0; count < MAX_WAITING + 5; count += 1) world.ingest(180);
  await recovery.give(120);
  await settle();
  world.ingest(240);
  await recovery.give();
  expect(world.told).toEqual([120, 180, 240]);
});

test("of the notices that waited through an overflow one is enough", async () => {
  const world = new World({ since: 0, crowded: true });
  void world.catchUp();
  for (let count = 0; count < MAX_WAITING + 5; count += 1) world.rebuilt();
  await world.makeRoomForGood();
  const notices = world.told.filter((entry) => entry === "rebuild");
  expect(notices.length).toBeGreaterThan(0);
  expect(notices.length).toBeLessThan(10);
});

test("a store that cannot be read fails the catch-up, and later the subscription; its client is told, others go on", async () => {
  const world = new World({ since: 100 });
  world.store(100);
  world.storeFault = new Error("damaged");
  await expect(world.catchUp()).rejects.toThrow("damaged");
  world.storeFault = undefined;
  await world.catchUp();
  world.storeFault = new Error("damaged");
  world.ingest(220);
  expect(world.failures).toEqual([new Error("damaged")]);
  expect(world.topic.size).toBe(0);
  world.ingest(280);
  expect(world.told).toEqual([]);
});

test("the same while a recovery or an overflow is being worked off", async () => {
  const recovery = heldRecovery();
  const recovering = new World({ since: 100, recover: recovery.recover });
  recovering.store(100);
  await recovering.catchUp();
  recovering.ingest(220);
  recovering.ingest(340);
  recovering.storeFault = new Error("damaged");
  await recovery.give(160);
  expect(recovering.failures).toEqual([new Error("damaged")]);

  const overflowed = new World({ since: 0, crowded: true, limit: 5_000 });
  overflowed.store(60);
  const caughtUp = overflowed.catchUp();
  for (let time = 120; time < 60 * (MAX_WAITING + 10); time += 60) overflowed.ingest(time);
  for (let sent = 0; sent < MAX_WAITING + 10; sent += MESSAGES_AT_ONCE) await overflowed.makeRoom();
  await caughtUp;
  overflowed.storeFault = new Error("damaged");
  await overflowed.makeRoomForGood();
  expect(overflowed.failures).toEqual([new Error("damaged")]);
});
