import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { MAX_TREES, SeriesRegistry, TooManySeriesError } from "../../../src/actors/series/registry.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { listen } from "./listener.js";
import { boom, minute, OTHER, openable, SERIES, startSeries } from "./world.js";

const { http, stream } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const IDLE_MS = 10 * 60_000;

describe("trees", () => {
  test("RS-S8 start when they are needed, once, and not through being looked for", async () => {
    const { current, tree } = await startSeries();
    expect([current.registry.find(SERIES), current.registry.isUp(SERIES), current.registry.size]).toEqual([
      undefined,
      false,
      0,
    ]);
    const [one, same] = await Promise.all([tree(), tree()]);
    expect(one).toBe(same);
    expect(one.actors().map(({ starts }) => starts)).toEqual([1, 1, 1, 1]);
    expect([current.registry.find(SERIES), current.registry.isUp(SERIES)]).toEqual([one, true]);
  });

  test("RS-S9 are stopped after ten minutes without use, feed or subscribers, and start again when needed", async () => {
    const { ingest, current, advance, stored } = await startSeries();
    await ingest([candleAt(minute(0))], http);
    await advance(IDLE_MS - 1);
    await current.registry.reap();
    expect(current.registry.size).toBe(1);
    await advance(1);
    await current.registry.reap();
    expect([current.registry.size, current.registry.isUp(SERIES)]).toEqual([0, false]);
    await ingest([candleAt(minute(1))], http);
    expect(stored()).toEqual([0, 1].map(minute));
  });

  test("use, a subscriber or a feed keeps a tree", async () => {
    const { ingest, current, advance, follow, store, tree } = await startSeries();
    await ingest([candleAt(minute(0))], http);
    await listen(await tree(OTHER), store);
    const fed = "binance:spot:BTC/USDT:1m";
    await follow({ series: fed });
    await advance(IDLE_MS - 60_000);
    await ingest([candleAt(minute(1))], http);
    await advance(IDLE_MS - 60_000);
    await current.registry.reap();
    expect([SERIES, OTHER, fed].map((series) => current.registry.isUp(series))).toEqual([true, true, true]);
  });

  test("RS-S10 are bounded in number: one too many is refused by name", async () => {
    const { clock, log, parts } = await startSeries();
    // Not started, so that its trees are counted without being run.
    const registry = new SeriesRegistry({ clock, log, parts, onIngestCrash: () => undefined });
    const id = (n: number) => parseSeriesId(`binance:spot:C${n}/USDT:1m`);
    for (let n = 0; n < MAX_TREES; n += 1) void registry.tree(id(n));
    const refused = registry.tree(id(MAX_TREES));
    await expect(refused).rejects.toThrow(TooManySeriesError);
    await expect(refused).rejects.toThrow(`'${id(MAX_TREES).text}' cannot be added`);
    expect((await registry.tree(id(0))).id).toEqual(id(0));
  });
});

describe("a stop", () => {
  test("RS-T1 writes, folds and publishes what the feed had received but not written", async () => {
    const { follow, exchange, stop, stored, heads, published, advance } = await startSeries({
      parts: { feed: { batchMax: 200, flushMs: 30_000, formingMinIntervalMs: 500 } },
    });
    await follow();
    await advance(60_000);
    exchange.final(SERIES, candleAt(minute(0)));
    await advance(1_000);
    exchange.final(SERIES, candleAt(minute(1)));
    await advance(1_000);
    expect(stored()).toEqual([minute(0)]);
    await stop();
    expect(stored()).toEqual([0, 1].map(minute));
    expect(heads()).toEqual({ candles: minute(1), factor: minute(1), overlay: minute(1) });
    expect(published.closedTimes()).toEqual([0, 1].map(minute));
    expect(exchange.isAttached(SERIES)).toBe(false);
  });

  test("publishes what a feed that was told to end just before is still writing", async () => {
    const { follow, exchange, store, settle, advance, stop, stored, published, log } = await startSeries();
    const tree = await follow();
    await advance(60_000);
    const gate = openable();
    store.before = () => gate.promise;
    exchange.final(SERIES, candleAt(minute(0)));
    await settle();
    expect(store.commits).toHaveLength(1);
    tree.stopFeed();
    const stopped = stop();
    await settle();
    gate.open();
    await stopped;
    expect(stored()).toEqual([minute(0)]);
    expect(published.closedTimes()).toEqual([minute(0)]);
    expect(log.of("candles.publish_failed")).toEqual([]);
  });

  test("of a feed that another job follows at once, while a write is under way, does not end that of the other job", async () => {
    const { follow, exchange, store, settle, advance, stored, stop } = await startSeries();
    const tree = await follow();
    await advance(60_000);
    const gate = openable();
    store.before = () => gate.promise;
    exchange.final(SERIES, candleAt(minute(0)));
    await settle();
    tree.stopFeed();
    await follow();
    store.before = () => undefined;
    gate.open();
    await advance(60_000);
    expect(exchange.isAttached(SERIES)).toBe(true);
    exchange.final(SERIES, candleAt(minute(1)));
    await advance(1_000);
    expect(stored()).toEqual([0, 1].map(minute));
    await stop();
  });

  test("RS-T2 lets the run under way end, and answers those that wait", async () => {
    const { ingest, store, settle, stop, stored } = await startSeries();
    const gate = openable();
    await ingest([candleAt(minute(0))], http);
    store.before = () => gate.promise;
    const running = ingest([candleAt(minute(1))], http);
    const waiting = ingest([candleAt(minute(2))], http);
    const refused = expect(waiting).rejects.toMatchObject({ code: "actor_unavailable" });
    await settle();
    const stopped = stop();
    gate.open();
    await running.catch(() => undefined);
    await refused;
    await stopped;
    expect(stored()).toEqual([0, 1].map(minute));
  });

  test("RS-T3 leaves no timer behind", async () => {
    const { follow, exchange, stop, clock, advance } = await startSeries();
    await follow({ historyCandles: 5 });
    exchange.rest = () => {
      throw new Error("REST is away");
    };
    await advance(61_000);
    exchange.forming(SERIES, candleAt(minute(1)));
    exchange.forming(SERIES, candleAt(minute(1), 2));
    exchange.final(SERIES, candleAt(minute(3)));
    await advance(100);
    expect(clock.pendingTimers).toBeGreaterThan(0);
    await stop();
    expect(clock.pendingTimers).toBe(0);
  });

  test("leaves none behind either that its last runs have set", async () => {
    const { follow, ingest, exchange, current, clock, advance, ledgers, stored } = await startSeries({
      parts: { feed: { batchMax: 200, flushMs: 30_000, formingMinIntervalMs: 500 } },
    });
    await ingest(candleSeries(minute(0), 30), http);
    await follow();
    // A notice waits for its second to be over, and what the feed has received makes a ledger fail that is to try again.
    for (const close of [5_000, 6_000]) await ingest([candleAt(minute(20), close)], http);
    exchange.final(SERIES, candleAt(minute(30)));
    await advance(1);
    exchange.final(SERIES, candleAt(minute(31)));
    await advance(1);
    ledgers.beforeStep = boom;
    // The clock stands still: what is left of them would be seen.
    await current.registry.stop("shutdown");
    expect([stored().at(-1), clock.pendingTimers]).toEqual([minute(31), 0]);
  });

  test("after a restart the series goes on where it was stored", async () => {
    const { ingest, restart, heads, published } = await startSeries();
    await ingest(candleSeries(minute(0), 3), http);
    await restart();
    const result = await ingest([candleAt(minute(3))], stream);
    expect(result.rebuilt).toBe(false);
    expect(heads()).toEqual({ candles: minute(3), factor: minute(3), overlay: minute(3) });
    expect(published.closedTimes()).toEqual([0, 1, 2, 3].map(minute));
  });
});
