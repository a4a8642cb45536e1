import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { SeriesTree } from "../../../src/actors/series/tree.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, OTHER, startSeries } from "./world.js";

const { http, stream } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

type ActorName = "ingest" | "factor" | "overlay" | "publisher";
type World = Awaited<ReturnType<typeof startSeries>>;

/** Makes the next thing that one actor of the series does fail. */
function failOnce(world: World, actor: ActorName): void {
  const once = (heal: () => void) => (): never => {
    heal();
    return boom();
  };
  const { store, ledgers, published } = world;
  if (actor === "ingest") store.beforeHead = once(() => (store.beforeHead = () => undefined));
  if (actor === "factor") ledgers.beforeStep = once(() => ledgers.heal());
  if (actor === "overlay") ledgers.beforeRender = once(() => ledgers.heal());
  if (actor === "publisher") published.before = once(() => (published.before = () => undefined));
}

const starts = (tree: SeriesTree) => Object.fromEntries(tree.actors().map(({ id, starts }) => [id, starts]));
const states = (tree: SeriesTree) => tree.actors().map(({ state }) => state);
const stateOf = (tree: SeriesTree, actor: ActorName) => tree.actors().find(({ id }) => id === actor)?.state;

describe("a crash of one actor", () => {
  test.each<[ActorName, Record<ActorName, number>]>([
    ["ingest", { ingest: 2, factor: 2, overlay: 2, publisher: 2 }],
    ["factor", { ingest: 1, factor: 2, overlay: 2, publisher: 2 }],
    ["overlay", { ingest: 1, factor: 1, overlay: 2, publisher: 2 }],
    ["publisher", { ingest: 1, factor: 1, overlay: 1, publisher: 2 }],
  ])("RS-S1 restarts it and those after it, and no other: %s", async (actor, expected) => {
    const world = await startSeries();
    const tree = await world.tree();
    await world.ingest([candleAt(minute(0))], http);
    failOnce(world, actor);
    await world.ingest([candleAt(minute(1))], http).catch(() => undefined);
    await world.settle();
    expect(starts(tree)).toEqual(expected);
    expect(states(tree)).toEqual(Array(4).fill("running"));
    await world.ingest([candleAt(minute(2))], http);
    expect(world.heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
  });

  test.each<ActorName>(["ingest", "factor", "overlay", "publisher"])(
    "RS-S2 keeps the runs that wait behind it, in order: %s",
    async (actor) => {
      const world = await startSeries();
      await world.ingest([candleAt(minute(0))], http);
      failOnce(world, actor);
      const runs = [1, 2, 3].map((n) => world.ingest([candleAt(minute(n))], http).then(() => n));
      const outcomes = await Promise.allSettled(runs);
      await world.settle();
      expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
      const lost = actor === "ingest" ? [minute(1)] : [];
      expect(world.stored()).toEqual([0, 1, 2, 3].map(minute).filter((time) => !lost.includes(time)));
    },
  );

  test("the asker of a crashed run is told so, with the actor and the cause", async () => {
    const world = await startSeries();
    await world.tree();
    failOnce(world, "ingest");
    await expect(world.ingest([candleAt(minute(0))], http)).rejects.toMatchObject({
      code: "actor_crashed",
      actor: "series/binance:futures:BTC/USDT:1m/ingest",
      message: expect.stringContaining("boom"),
    });
    await world.settle();
    expect(world.ingestCrashes).toEqual(["boom"]);
    expect(world.log.of("actor.crashed")).toMatchObject([{ fields: { actor: "ingest", error: "boom" } }]);
  });

  test("a run whose publisher crashed is answered by best effort, and so is the one behind it", async () => {
    const world = await startSeries();
    const tree = await world.tree();
    failOnce(world, "publisher");
    const first = world.ingest([candleAt(minute(0))], stream);
    const second = world.ingest([candleAt(minute(1))], stream);
    expect((await first).candles).toEqual([candleAt(minute(0))]);
    expect((await second).candles).toEqual([candleAt(minute(1))]);
    await world.settle();
    expect(world.published.closedTimes()).toEqual([minute(0), minute(1)]);
    expect(states(tree)).toEqual(Array(4).fill("running"));
  });
});

describe("a crash at another moment", () => {
  test("of the factor that takes its ledger up is tried again, then suspended, while candles go on", async () => {
    const world = await startSeries();
    await world.ingest(candleSeries(minute(0), 300), stream);
    world.ledgers.beforeStep = boom;
    await world.restart();
    const tree = await world.tree();
    // The ledger is taken up with the first run, not with the start.
    expect(stateOf(tree, "factor")).toBe("running");
    for (let n = 300; n < 307; n += 1) {
      await world.ingest([candleAt(minute(n))], stream);
      await world.settle();
    }
    expect(tree.actors().find(({ id }) => id === "factor")).toMatchObject({ state: "suspended", crashes: 6 });
    expect(world.heads()).toEqual({ candles: minute(306), factor: minute(299), overlay: minute(299) });
    world.ledgers.heal();
    await world.advance(31_000);
    expect(world.heads()).toEqual({ candles: minute(306), factor: minute(306), overlay: minute(306) });
  });

  test("of the publisher while it shows a forming candle costs no closed one", async () => {
    const world = await startSeries();
    const tree = await world.tree();
    world.published.before = ({ type }) => {
      if (type === "forming") boom();
    };
    tree.publishForming(candleAt(minute(0), 1));
    await world.settle();
    expect(starts(tree)).toEqual({ ingest: 1, factor: 1, overlay: 1, publisher: 2 });
    await world.ingest([candleAt(minute(0))], http);
    expect(world.published.closedTimes()).toEqual([minute(0)]);
  });

  test("of the ingest actor in its start is tried again until the store is whole", async () => {
    const world = await startSeries();
    await world.follow();
    let failures = 4;
    world.store.beforeHead = () => {
      failures -= 1;
      if (failures >= 0) boom();
    };
    await world.ingest([candleAt(minute(0))], stream).catch(() => undefined);
    await world.settle();
    const tree = await world.tree();
    expect(tree.actors().find(({ id }) => id === "ingest")).toMatchObject({ state: "running", starts: 5, crashes: 4 });
    await world.ingest([candleAt(minute(0))], stream);
    expect(world.stored()).toEqual([minute(0)]);
  });
});

describe.each<"factor" | "overlay">(["factor", "overlay"])("a %s that keeps crashing", (actor) => {
  const break_ = ({ ledgers }: World): void => {
    if (actor === "factor") ledgers.beforeStep = boom;
    else ledgers.beforeRender = boom;
  };

  test("RS-S3 is suspended while candles go on without it", async () => {
    const world = await startSeries();
    const tree = await world.tree();
    break_(world);
    for (let n = 0; n < 20; n += 1) {
      await world.ingest([candleAt(minute(n))], stream);
      await world.advance(1_000);
    }
    expect(stateOf(tree, actor)).toBe("suspended");
    expect(tree.actors().filter(({ state }) => state === "running")).toHaveLength(3);
    const times = Array.from({ length: 20 }, (_, n) => minute(n));
    expect(world.stored()).toEqual(times);
    expect(world.published.closedTimes()).toEqual(times);
    expect(world.heads()[actor]).toBeNull();
    expect(world.log.of("actor.suspended")[0]?.fields).toMatchObject({ actor, error: "boom", for_s: 30 });
  });

  test("RS-S4 comes back on probation after 30 s, and one more crash suspends it again", async () => {
    const world = await startSeries();
    const tree = await world.tree();
    break_(world);
    for (let n = 0; n < 6; n += 1) await world.ingest([candleAt(minute(n))], stream);
    await world.settle();
    expect(stateOf(tree, actor)).toBe("suspended");
    const before = tree.actors().find(({ id }) => id === actor)?.crashes ?? 0;
    await world.advance(29_999);
    expect(stateOf(tree, actor)).toBe("suspended");
    await world.advance(1);
    await world.ingest([candleAt(minute(6))], stream);
    await world.settle();
    expect(tree.actors().find(({ id }) => id === actor)).toMatchObject({ state: "suspended", crashes: before + 1 });
  });

  test("RS-S5 catches up by itself when it comes back and works", async () => {
    const world = await startSeries();
    const tree = await world.tree();
    break_(world);
    await world.ingest(candleSeries(minute(0), 3), stream);
    for (let n = 3; n < 8; n += 1) await world.ingest([candleAt(minute(n))], stream);
    await world.settle();
    expect(stateOf(tree, actor)).toBe("suspended");
    world.ledgers.heal();
    await world.advance(30_000);
    expect(stateOf(tree, actor)).toBe("running");
    await world.advance(1_000);
    expect(world.heads()).toEqual({ candles: minute(7), factor: minute(7), overlay: minute(7) });
  });
});

describe("a tree that keeps crashing", () => {
  /** Crashes the publisher until the tree is suspended; every candle is stored before. */
  async function suspendedTree() {
    const world = await startSeries();
    const tree = await world.tree();
    world.published.before = ({ type }) => {
      if (type === "closed") boom();
    };
    let n = 0;
    while (world.current.registry.isUp(tree.id.text)) {
      await world.ingest([candleAt(minute(n))], stream);
      await world.settle();
      n += 1;
      if (n > 50) throw new Error("the tree was never suspended");
    }
    world.published.before = () => undefined;
    return { ...world, ingested: n };
  }

  test("RS-S6 is suspended as a whole; its askers are told, and no stored candle is lost", async () => {
    const { ingest, stored, ingested, log } = await suspendedTree();
    expect(log.of("series.crashed")).toHaveLength(4);
    expect(log.of("series.suspended")).toHaveLength(1);
    await expect(ingest([candleAt(minute(ingested))], http)).rejects.toMatchObject({ code: "actor_unavailable" });
    expect(stored()).toEqual(Array.from({ length: ingested }, (_, n) => minute(n)));
  });

  test("RS-S7 leaves every other series alone", async () => {
    const { ingest, published, current } = await suspendedTree();
    await ingest([candleAt(minute(0))], http, OTHER);
    expect(published.closedTimes(OTHER)).toEqual([minute(0)]);
    expect(current.registry.isUp(OTHER)).toBe(true);
  });

  test("is started again by itself after 30 s", async () => {
    const { ingest, advance, current, ingested, tree } = await suspendedTree();
    const { id } = await tree();
    await advance(29_999);
    expect(current.registry.isUp(id.text)).toBe(false);
    await advance(1);
    expect(current.registry.isUp(id.text)).toBe(true);
    await ingest([candleAt(minute(ingested))], http);
  });

  test("is started at once when asked, and the time that was set for it is forgotten", async () => {
    const { advance, current, tree, clock } = await suspendedTree();
    const { id } = await tree();
    await advance(10_000);
    const waiting = clock.pendingTimers;
    await current.registry.resume(id.text);
    expect(current.registry.isUp(id.text)).toBe(true);
    expect(clock.pendingTimers).toBe(waiting - 1);
  });
});
