/** A client that saw a change which a correction then undid is told so: what is live gets new versions when it is drawn again. */
import { expect, test } from "vitest";
import { PollingClient } from "../support/polling-client.js";
import { seededWalk } from "../support/random-series.js";
import { ReadWorld } from "../support/read-world.js";

test("a correction that undoes a change of something live reaches the clients that saw it change", async () => {
  const world = await ReadWorld.open({ major: 3, minor: 2 });
  const series = "binance:futures:UNDONE/USDT:1m";
  const candles = seededWalk({ seed: 534, count: 380, holeChance: 0.01 });
  await world.ingest(series, candles);
  const client = new PollingClient(5_000);
  client.apply(await world.draw(series, { window: client.window }));
  const wrong = candles[333];
  if (wrong === undefined) throw new Error("the series is shorter");
  await world.ingest(series, [{ ...wrong, low: Math.max(0.1, wrong.low - 2) }]);
  client.apply(await world.draw(series, { cursor: client.cursor, window: client.window }));
  const fresh = await world.draw(series, { window: client.window });
  expect(client.shown).toEqual(fresh.active_ids);
  client.expectLooksLike(fresh);
});
