import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { PublicationContent } from "../../../src/actors/publisher/publication.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { listen } from "./listener.js";
import { boom, minute, startSeries } from "./world.js";

const { http, stream, batchSilent } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

/** A series with one candle, and a subscriber to it. */
async function heardSeries() {
  const world = await startSeries();
  await world.ingest([candleAt(minute(0))], http);
  const tree = await world.tree();
  const listener = await listen(tree, world.store);
  return { ...world, tree, listener };
}

/** Fails a publisher's publication of closed candles `times` times. */
function failing(times: number) {
  let left = times;
  return ({ type }: PublicationContent): void => {
    if (type !== "closed" || left === 0) return;
    left -= 1;
    boom();
  };
}

describe("a publisher that crashes", () => {
  test("RS-P1 between commit and publication loses nothing and repeats nothing", async () => {
    const { ingest, published, listener, settle } = await heardSeries();
    published.before = failing(1);
    for (let n = 1; n < 5; n += 1) await ingest([candleAt(minute(n))], stream);
    await settle();
    expect(listener.closedTimes()).toEqual([0, 1, 2, 3, 4].map(minute));
    expect(published.closedTimes()).toEqual([0, 1, 2, 3, 4].map(minute));
  });

  test("RS-P2 after some subscribers were served does not serve them twice", async () => {
    const { ingest, published, tree, listener, settle, store } = await heardSeries();
    const second = await listen(tree, store);
    // Everyone has the candle, and then the publisher falls: its next incarnation publishes it again.
    let fell = false;
    const offered = tree.topic.publish.bind(tree.topic);
    tree.topic.publish = (content) => {
      const done = offered(content);
      if (fell || content.type !== "closed") return done;
      fell = true;
      return boom();
    };
    await ingest([candleAt(minute(1))], stream);
    await ingest([candleAt(minute(2))], stream);
    await settle();
    expect(published.closedTimes()).toEqual([minute(0), minute(1), minute(1), minute(2)]);
    for (const heard of [listener, second]) expect(heard.closedTimes()).toEqual([0, 1, 2].map(minute));
  });

  test("RS-P3 gives up content that no incarnation can publish; subscribers get it from the store", async () => {
    const { ingest, published, listener, tree, settle } = await heardSeries();
    published.before = (content) => {
      if (content.type === "closed" && content.candles[0]?.time === minute(1)) boom();
    };
    await ingest([candleAt(minute(1))], stream);
    await ingest([candleAt(minute(2))], stream);
    await settle();
    expect(published.closedTimes()).toEqual([minute(0), minute(2)]);
    expect(listener.closedTimes()).toEqual([0, 1, 2].map(minute));
    expect(listener.of("gap")).toEqual([]);
    expect(tree.actors().find(({ id }) => id === "publisher")).toMatchObject({ state: "running", crashes: 2 });
  });
});

describe("publication", () => {
  test("RS-P4 subscribers get each closed candle once, ascending, whatever order runs bring them in", async () => {
    const { ingest, listener, stored } = await heardSeries();
    const order = [3, 1, 2, 4, 2, 7, 5, 6, 8];
    for (const n of order) await ingest([candleAt(minute(n))], http);
    const times = listener.closedTimes();
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect(new Set(times).size).toBe(times.length);
    expect(times.at(-1)).toBe(minute(8));
    expect(stored()).toHaveLength(9);
  });

  test("RS-P5 a candle that was stored in silence is sent before the next one that is published", async () => {
    const { ingest, listener } = await heardSeries();
    await ingest(candleSeries(minute(1), 3), batchSilent);
    await ingest([candleAt(minute(4))], http);
    expect(listener.closedTimes()).toEqual([0, 1, 2, 3, 4].map(minute));
    expect(listener.of("gap")).toEqual([]);
  });

  test("RS-P6 the rebuild of a ledger is told after the candles of its run", async () => {
    const world = await startSeries();
    const listener = await listen(await world.tree(), world.store);
    await world.ingest([candleAt(minute(0))], http);
    await world.ingest([candleAt(minute(1))], http);
    expect(listener.messages.map(({ type }) => type)).toEqual(["candle_closed", "system", "candle_closed"]);
  });

  test("forming candles are shown, but not after a newer candle has closed", async () => {
    const { tree, ingest, listener } = await heardSeries();
    tree.publishForming(candleAt(minute(1), 5));
    tree.publishForming(candleAt(minute(1), 6));
    await ingest([candleAt(minute(1))], http);
    tree.publishForming(candleAt(minute(1), 7));
    expect(listener.of("candle_forming").map(({ candle }) => candle?.close)).toEqual([5, 6]);
  });
});
