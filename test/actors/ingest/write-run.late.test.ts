/** What late and corrected candles do to the ledgers of a series, also while something fails, and what followers hear. */
import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { LedgerHooks } from "../../support/ledger-hooks.js";
import { tempFolder } from "../../support/temp.js";
import { boom, minute, SERIES } from "../series/world.js";
import { expectHolds, grownSeries, reopened, spiked } from "./grown-series.js";

const { http, batchSilent, stream, backfill } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

describe("a late or corrected candle", () => {
  test("RS-W15 is folded in at its place, in the commit that stores it", async () => {
    const world = await grownSeries(600);
    const { ingest, store, heads } = world;
    for (const candle of [candleAt(minute(300) + 30), spiked(candleAt(minute(40))), candleAt(minute(-3))]) {
      store.commits.length = 0;
      await ingest([candle], http);
      expect(store.commits).toMatchObject([
        { upsert: [candle], ledgers: { factor: { type: "advanced" }, overlay: { type: "advanced" } } },
      ]);
      expect(heads()).toEqual({ candles: minute(599), factor: minute(599), overlay: minute(599) });
      expectHolds(world);
    }
  });

  test("RS-W16 is stored, and never published as one that has just closed", async () => {
    const { ingest, published, stored } = await grownSeries(5);
    await ingest([candleAt(minute(2) + 30)], http);
    await ingest([candleAt(minute(-1)), candleAt(minute(3) + 30), candleAt(minute(5)), candleAt(minute(6))], stream);
    expect(stored()).toHaveLength(10);
    expect(published.closedTimes()).toEqual([minute(5), minute(6)]);
    // The newest candle is not late: whoever has not got it may still get it.
    await ingest([candleAt(minute(6), 9)], http);
    expect(published.closed().at(-1)).toEqual(candleAt(minute(6), 9));
  });

  test("is what live candles become behind one from far ahead of the clock, of which the operator is warned once", async () => {
    const { ingest, published, stored, log } = await grownSeries(3);
    const ahead = minute(10_000_000);
    await ingest([candleAt(ahead)], http);
    await ingest([candleAt(ahead + 60)], http);
    await ingest([candleAt(minute(3))], stream);
    expect(stored()).toEqual([...[0, 1, 2, 3].map(minute), ahead, ahead + 60]);
    expect(published.closedTimes()).toEqual([ahead, ahead + 60]);
    expect(log.of("candle.ahead_of_clock").map(({ fields }) => fields.candle_time)).toEqual([ahead]);
  });

  test("RS-W17 is announced as a rebuild only if what was stored of the ledger is different now", async () => {
    const { ingest, published, advance } = await grownSeries(100);
    expect((await ingest([candleAt(minute(50))], http)).rebuilt).toBe(false);
    expect((await ingest([{ ...candleAt(minute(50)), volume: 1 }], http)).rebuilt).toBe(false);
    await advance(2_000);
    expect(published.rebuilds()).toBe(0);
    expect((await ingest([spiked(candleAt(minute(50)))], http)).rebuilt).toBe(true);
    expect(published.rebuilds()).toBe(1);
  });

  test("RS-W18 of many that change the ledger one rebuild is announced in a second, the last when it is over", async () => {
    const { ingest, published, advance, heads } = await grownSeries(100);
    for (let n = 10; n < 29; n += 1) {
      expect((await ingest([spiked(candleAt(minute(n)))], http)).rebuilt).toBe(true);
      await advance(100);
    }
    expect(published.rebuilds()).toBe(2);
    await advance(5_000);
    expect(published.rebuilds()).toBe(3);
    expect(heads().overlay).toBe(minute(99));
  });

  test("is announced by those that fill holes, and not by those that are to be silent", async () => {
    const { ingest, published, advance } = await grownSeries(100);
    await ingest([spiked(candleAt(minute(40)))], batchSilent);
    await advance(2_000);
    expect(published.contents).toEqual([]);
    await ingest([spiked(candleAt(minute(50)))], backfill);
    expect(published.of()).toEqual([{ type: "rebuilt" }]);
  });

  test("is announced after the next candle when those that changed the ledger were to be silent", async () => {
    const { ingest, published } = await grownSeries(100);
    await ingest([spiked(candleAt(minute(40)))], batchSilent);
    await ingest([candleAt(minute(100))], stream);
    expect(published.of().map(({ type }) => type)).toEqual(["closed", "rebuilt"]);
  });

  test("RS-W19 older than a ledger that begins later is stored, and leaves the ledger alone", async () => {
    const folder = tempFolder();
    const engine = new LedgerHooks().factorEngine();
    const factor = { engine, enabled: true, rebuildOnNewFingerprint: true, rebuildKeepCandles: 300 };
    const kept = await grownSeries(500, { folder, parts: { factor: { ...factor, enabled: false } } });
    const { ingest, store, heads, published } = await reopened(kept, { folder, parts: { factor } });
    await ingest([candleAt(minute(500))], http);
    const before = [store.ledger(SERIES, "factor"), store.ledger(SERIES, "overlay")];
    expect(before[0]?.head).toMatchObject({ origin: minute(200), count: 301 });
    published.contents.length = 0;
    await ingest([spiked(candleAt(minute(199))), candleAt(minute(100) + 30)], http);
    expect([store.ledger(SERIES, "factor"), store.ledger(SERIES, "overlay")]).toEqual(before);
    expect(heads()).toEqual({ candles: minute(500), factor: minute(500), overlay: minute(500) });
    expect(published.contents).toEqual([]);
    // Its own first candle belongs to it.
    await ingest([spiked(candleAt(minute(200)))], http);
    expect(store.ledger(SERIES, "factor").generation).toBeGreaterThan(before[0]?.generation ?? 0);
    expect(store.ledger(SERIES, "factor").head).toMatchObject({ origin: minute(200), count: 301 });
  });
});

describe("a candle that changes what is folded", () => {
  test.each([
    ["factor", "swallowed", stream],
    ["overlay", "swallowed", stream],
    ["factor", "told", http],
    ["overlay", "told", http],
  ] as const)("RS-W20 is never shown before it is folded in again: %s failure, %s", async (what, _told, policy) => {
    const world = await grownSeries(600);
    const { ingest, ledgers, heads, store, advance, published } = world;
    if (what === "factor") ledgers.beforeStep = boom;
    else ledgers.beforeRender = boom;
    await ingest([spiked(candleAt(minute(300)))], policy).catch(() => undefined);
    expect(store.commits[0]?.ledgers).toMatchObject({ overlay: { type: "cut" } });
    const factor = minute(what === "factor" ? 255 : 599);
    expect(heads()).toEqual({ candles: minute(599), factor, overlay: minute(255) });
    expectHolds(world);
    ledgers.heal();
    await advance(2_000);
    expect(heads()).toEqual({ candles: minute(599), factor: minute(599), overlay: minute(599) });
    expectHolds(world);
    // By the run that could, or by the catch-up.
    expect(published.rebuilds()).toBe(1);
  });

  test("is never shown either when it is an update of a run whose new candles are held back", async () => {
    const world = await grownSeries(600, { parts: { compensateNewCandles: true } });
    const { ingest, ledgers, heads, stored, advance } = world;
    ledgers.beforeRender = boom;
    const failed = ingest([spiked(candleAt(minute(300))), candleAt(minute(600))], http);
    await expect(failed).rejects.toMatchObject({ compensation: { candleRows: 1 } });
    expect(stored()).toHaveLength(600);
    expect(heads()).toEqual({ candles: minute(599), factor: minute(255), overlay: minute(255) });
    expectHolds(world);
    ledgers.heal();
    await advance(1_000);
    expect(heads()).toEqual({ candles: minute(599), factor: minute(599), overlay: minute(599) });
    expectHolds(world);
  });

  test("cuts a drawing that has not come as far as the corrected candle as far back as the ledger that it draws", async () => {
    const world = await grownSeries(600, { parts: { compensateNewCandles: true } });
    const { ingest, ledgers, heads, advance } = world;
    ledgers.beforeRender = boom;
    await ingest([candleAt(minute(600))], stream);
    expect(heads()).toMatchObject({ factor: minute(600), overlay: minute(599) });
    await expect(ingest([spiked(candleAt(minute(600)))], http)).rejects.toThrow("overlay.ingest_closed");
    expect(heads()).toEqual({ candles: minute(600), factor: minute(511), overlay: minute(511) });
    expectHolds(world);
    ledgers.heal();
    await advance(2_000);
    expect(heads()).toEqual({ candles: minute(600), factor: minute(600), overlay: minute(600) });
    expectHolds(world);
  });

  test("too far back to fold again at once cuts both ledgers, also a drawing that was behind", async () => {
    const world = await grownSeries(700, { parts: { ledgerLimits: { catchUpCandles: 500, maxRefoldCandles: 200 } } });
    const { ingest, ledgers, heads, store, settle, published } = world;
    ledgers.beforeRender = boom;
    await ingest(candleSeries(minute(700), 20), stream);
    ledgers.heal();
    expect(heads()).toMatchObject({ factor: minute(719), overlay: minute(699) });
    await ingest([spiked(candleAt(minute(300)))], stream);
    expect(store.commits.at(-1)?.ledgers).toMatchObject({ factor: { type: "cut" }, overlay: { type: "cut" } });
    expectHolds(world);
    await settle();
    expect(heads()).toEqual({ candles: minute(719), factor: minute(719), overlay: minute(719) });
    expectHolds(world);
    expect(published.rebuilds()).toBe(1);
  });

  test("in the first block, while the factor fails, makes no ledger shorter", async () => {
    const engine = new LedgerHooks();
    const factor = {
      engine: engine.factorEngine(),
      enabled: true,
      rebuildOnNewFingerprint: true,
      rebuildKeepCandles: 100,
    };
    const world = await grownSeries(400, { parts: { factor } });
    engine.beforeStep = boom;
    await world.ingest([spiked(candleAt(minute(9)))], stream);
    expect(world.heads()).toMatchObject({ factor: null, overlay: null });
    engine.heal();
    await world.advance(1_000);
    expect(world.store.ledger(SERIES, "factor").head).toMatchObject({ count: 400, origin: null });
    expectHolds(world);
  });
});
