/** How a feed writes: batches, pauses, and a store or a publisher that fails. Spec: ingest §5.3, §5.4, D-18. */
import { describe, expect, test } from "vitest";
import { Guardrail } from "../../../src/actors/breaker/retry-policy.js";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { INGEST_MAILBOX } from "../../../src/actors/ingest/protocol.js";
import { StoreError } from "../../../src/storage/errors.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, openable, SERIES, startSeries, T0, type World } from "../series/world.js";
import { liveSeries, minutes } from "./live-series.js";

/** Candle times of each commit, in minutes after T0. */
const batches = ({ store }: Pick<World, "store">) =>
  store.commits.map(({ upsert }) => upsert?.map(({ time }) => (time - T0) / 60));

const failing = (): never => {
  throw new StoreError("commit_failed", "the disk is full");
};

describe("writing", () => {
  test("RS-F20 a final is written at once when nothing was written lately, otherwise when the interval is over", async () => {
    const world = await liveSeries({ parts: { feed: { batchMax: 200, flushMs: 5_000, formingMinIntervalMs: 500 } } });
    const { at, final } = world;
    expect(batches(world)).toEqual([[0]]);
    await at(62);
    final(1);
    final(2);
    await at(64.999);
    expect(batches(world)).toEqual([[0]]);
    await at(65);
    expect(batches(world)).toEqual([[0], [1, 2]]);
  });

  test("a batch that is full does not wait; a fuller one is written in parts", async () => {
    const world = await liveSeries({ parts: { feed: { batchMax: 3, flushMs: 5_000, formingMinIntervalMs: 500 } } });
    const { at, final } = world;
    await at(62);
    for (let n = 1; n <= 3; n += 1) final(n);
    await at(62.1);
    expect(batches(world)).toEqual([[0], [1, 2, 3]]);
    const gate = openable();
    world.store.before = () => gate.promise;
    for (let n = 4; n <= 6; n += 1) final(n);
    await at(62.2);
    for (let n = 7; n <= 13; n += 1) final(n);
    gate.open();
    await at(63);
    expect(batches(world).slice(2)).toEqual([
      [4, 5, 6],
      [7, 8, 9],
      [10, 11, 12],
    ]);
    await at(68);
    expect(batches(world).at(-1)).toEqual([13]);
  });

  test("a repeated final is stored when the candle was held to be absent at the source, but not published", async () => {
    const { at, final, published, stored } = await liveSeries();
    await at(155);
    await at(181);
    final(2);
    await at(182);
    final(1);
    await at(183);
    expect(stored()).toEqual(minutes(0, 2));
    expect(published.closedTimes()).toEqual([minute(0), minute(2)]);
  });
});

describe("a store that fails", () => {
  test("RS-F21 costs nothing: the batch is kept, and written after the breaker's pause together with what came since", async () => {
    const guardrail = { current: undefined as Guardrail | undefined };
    const world = await startSeries();
    const { exchange, advance, store, published, stored, log } = world;
    guardrail.current = new Guardrail(world.clock);
    await world.follow({}, guardrail.current);
    await advance(61_000);
    store.before = failing;
    exchange.final(SERIES, candleAt(minute(0)));
    await advance(500);
    expect(guardrail.current.snapshot()).toMatchObject({ consecutive_failures: 1, last_backoff_s: 1 });
    expect(log.of("candles.write_failed")[0]?.fields).toMatchObject({ held: 1, retry_in_s: 1 });
    exchange.final(SERIES, candleAt(minute(1)));
    await advance(499);
    expect(store.commits).toHaveLength(1);
    store.before = () => undefined;
    await advance(1);
    expect(stored()).toEqual(minutes(0, 1));
    expect(published.closedTimes()).toEqual(minutes(0, 1));
    expect(guardrail.current.snapshot()).toMatchObject({ state: "closed", consecutive_failures: 0 });
  });

  test("that keeps failing is tried again on the breaker's pauses, without end and without a reconnect", async () => {
    const world = await startSeries();
    const { exchange, advance, store, stored } = world;
    await world.follow({}, new Guardrail(world.clock));
    await advance(61_000);
    store.before = failing;
    exchange.final(SERIES, candleAt(minute(0)));
    await advance(0);
    const triedAt: number[] = [world.clock.monotonic()];
    for (let second = 0; second < 120; second += 1) {
      const before = store.commits.length;
      await advance(1_000);
      if (store.commits.length > before) triedAt.push(world.clock.monotonic());
    }
    const pauses = triedAt.slice(1).map((time, index) => (time - (triedAt[index] as number)) / 1000);
    expect(pauses).toEqual([1, 2, 4, 8, 30, 30, 30]);
    expect(exchange.calls.filter((call) => call.startsWith("attach"))).toHaveLength(1);
    store.before = () => undefined;
    await advance(30_000);
    expect(stored()).toEqual([minute(0)]);
  });

  test("while a hole is repaired delays the repair and loses nothing", async () => {
    const { at, final, exchange, store, stored, published } = await liveSeries();
    exchange.knows(SERIES, candleSeries(minute(1), 2));
    store.before = failing;
    await at(195);
    final(3);
    await at(260);
    expect(stored()).toEqual([minute(0)]);
    store.before = () => undefined;
    await at(330);
    expect(stored().slice(0, 4)).toEqual(minutes(0, 3));
    expect(published.closedTimes().slice(0, 4)).toEqual(minutes(0, 3));
  });
});

describe("a publisher that fails", () => {
  test("under the base-strict policy counts as a failure of the feed; nothing is written twice", async () => {
    const policies = runPolicies({ pipelineV2: false, wsPipelinePublish: false });
    const world = await startSeries({ parts: { policies } });
    const { exchange, advance, published, store, log, settle } = world;
    const guardrail = new Guardrail(world.clock);
    await world.follow({}, guardrail);
    await advance(61_000);
    let fell = false;
    published.before = ({ type }) => {
      if (fell || type !== "closed") return;
      fell = true;
      boom();
    };
    exchange.final(SERIES, candleAt(minute(0)));
    await settle();
    expect(log.of("candles.publish_failed")).toHaveLength(1);
    expect(guardrail.snapshot().consecutive_failures).toBe(1);
    expect(store.commits).toHaveLength(1);
    expect(published.closedTimes()).toEqual([minute(0)]);
  });
});

describe("forming candles of a feed", () => {
  test("are shown thinned out, and not after their close, however it came", async () => {
    const { at, final, exchange, published } = await liveSeries();
    exchange.knows(SERIES, [candleAt(minute(2))]);
    exchange.forming(SERIES, candleAt(minute(1), 1));
    exchange.forming(SERIES, candleAt(minute(1), 2));
    await at(62);
    expect(published.forming().map(({ close }) => close)).toEqual([1, 2]);
    exchange.forming(SERIES, candleAt(minute(1), 3));
    final(1);
    await at(189.8);
    // The stream goes on with the old candle while REST closes it.
    exchange.forming(SERIES, candleAt(minute(2), 4));
    exchange.forming(SERIES, candleAt(minute(2), 5));
    await at(200);
    exchange.forming(SERIES, candleAt(minute(2), 6));
    await at(210);
    expect(published.forming().map(({ close }) => close)).toEqual([1, 2, 3, 4]);
    expect(published.closedTimes()).toEqual(minutes(0, 2));
  });

  test("RS-M5 a full mailbox costs nothing: a run is told, and a final is fetched later", async () => {
    const { at, final, store, settle, ingest, stored, parts } = await liveSeries();
    const gate = openable();
    store.before = () => gate.promise;
    const running = ingest([candleAt(minute(0), 9)], parts.policies.backfill);
    await settle();
    const waiting = Array.from({ length: INGEST_MAILBOX }, () => ingest([], parts.policies.refresh));
    await settle();
    await expect(ingest([], parts.policies.refresh)).rejects.toMatchObject({ code: "mailbox_full" });
    await at(121);
    final(1);
    gate.open();
    await Promise.all([running, ...waiting]);
    expect(stored()).toEqual(minutes(0, 0));
    await at(140);
    expect(stored()).toEqual(minutes(0, 1));
  });

  test("RS-M4 wait in the mailbox one at a time: only the latest matters", async () => {
    const { at, exchange, published, store, settle, ingest, parts } = await liveSeries();
    const gate = openable();
    store.before = () => gate.promise;
    const running = ingest([candleAt(minute(0), 9)], parts.policies.backfill);
    await settle();
    for (let close = 1; close <= 2_000; close += 1) exchange.forming(SERIES, candleAt(minute(1), close));
    gate.open();
    await running;
    await at(62);
    expect(published.forming().map(({ close }) => close)).toEqual([2_000]);
  });
});
