/** What runs do to the ledgers of a series: first sight, other logic, catching up. */
import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { candleAt } from "../../support/candles.js";
import { LedgerHooks } from "../../support/ledger-hooks.js";
import { tempFolder } from "../../support/temp.js";
import { minute, OTHER, SERIES, startSeries } from "../series/world.js";
import { expectHolds, grownSeries, reopened } from "./grown-series.js";

const { http, stream } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

describe("ledgers", () => {
  test("RS-W4 a ledger is rebuilt on the first sight of a series, told after the candles, and not again", async () => {
    const { ingest, published } = await startSeries();
    expect((await ingest([candleAt(minute(0))], http)).rebuilt).toBe(true);
    expect((await ingest([candleAt(minute(1))], http)).rebuilt).toBe(false);
    expect(published.of().map(({ type }) => type)).toEqual(["closed", "rebuilt", "closed"]);
  });

  test("RS-W5 another fingerprint means a rebuild from the newest candles kept, and deletes none", async () => {
    const folder = tempFolder();
    const first = await grownSeries(1_200, { folder });
    const hooks = new LedgerHooks();
    const folded: number[] = [];
    hooks.beforeStep = ({ time }) => folded.push(time);
    const engine = hooks.factorEngine({ logicVersion: "other" });
    const factor = { engine, enabled: true, rebuildOnNewFingerprint: true, rebuildKeepCandles: 700 };
    const second = await reopened(first, { folder, parts: { factor } });
    const result = await second.ingest([candleAt(minute(1_200))], http);
    expect(result.rebuilt).toBe(true);
    expect(folded).toEqual(Array.from({ length: 701 }, (_, index) => minute(500 + index)));
    expect(second.stored()).toHaveLength(1_201);
    expect(second.store.ledger(SERIES, "factor").head).toEqual({
      time: minute(1_200),
      count: 701,
      fingerprint: engine.fingerprint,
      origin: minute(500),
      lastVersion: 0,
    });
    expect(second.heads().overlay).toBe(minute(1_200));
  });

  test("with the rebuild switched off another fingerprint changes nothing", async () => {
    const folder = tempFolder();
    const first = await grownSeries(1, { folder });
    const engine = new LedgerHooks().factorEngine({ logicVersion: "other" });
    const factor = { ...first.parts.factor, engine, rebuildOnNewFingerprint: false };
    const second = await reopened(first, { folder, parts: { factor } });
    expect((await second.ingest([candleAt(minute(1))], http)).rebuilt).toBe(false);
    expect(second.published.rebuilds()).toBe(0);
    const fresh = await second.ingest([candleAt(minute(0))], http, OTHER);
    expect(fresh.rebuilt).toBe(false);
  });

  test("RS-W6 a candle below the head moves no head back", async () => {
    const { ingest, heads, stored } = await startSeries();
    await ingest([candleAt(minute(5))], http);
    await ingest([candleAt(minute(2))], http);
    expect(stored()).toEqual([minute(2), minute(5)]);
    expect(heads()).toEqual({ candles: minute(5), factor: minute(5), overlay: minute(5) });
  });

  test("a ledger that is switched off never gets a head, and the run succeeds without it", async () => {
    const base = await startSeries();
    const factorOff = { factor: { ...base.parts.factor, enabled: false } };
    const off = await startSeries({ parts: factorOff });
    const result = await off.ingest([candleAt(minute(0))], http);
    expect(off.heads()).toEqual({ candles: minute(0), factor: null, overlay: null });
    expect([result.rebuilt, result.steps.every(({ ok }) => ok)]).toEqual([false, true]);
    const overlayOff = await startSeries({ parts: { overlay: { ...base.parts.overlay, enabled: false } } });
    await overlayOff.ingest([candleAt(minute(0))], http);
    expect(overlayOff.heads()).toEqual({ candles: minute(0), factor: minute(0), overlay: null });
  });

  test("candles may lie anywhere in time: 1970, 2030, off the grid", async () => {
    const world = await startSeries();
    const times = [61, 1_893_456_007, minute(0) + 20, 0];
    for (const time of times) await world.ingest([candleAt(time)], http);
    expect(world.stored()).toEqual([0, 61, minute(0) + 20, 1_893_456_007]);
    expect(world.heads().factor).toBe(1_893_456_007);
    expectHolds(world);
  });
});

describe("ledgers that are far behind", () => {
  /** Candles that were stored while nothing was computed, and then a daemon that computes, in pages of 100. */
  async function laggingSeries(count: number) {
    const folder = tempFolder();
    const engine = new LedgerHooks().factorEngine();
    const factor = { engine, enabled: true, rebuildOnNewFingerprint: true, rebuildKeepCandles: 10_000 };
    const before = await grownSeries(count, { folder, parts: { factor: { ...factor, enabled: false } } });
    const ledgerLimits = { catchUpCandles: 100, maxRefoldCandles: 20_000 };
    return reopened(before, { folder, parts: { factor, ledgerLimits } });
  }

  test("RS-W21 catch up page by page, each its own commit, and let live candles pass between", async () => {
    const world = await laggingSeries(950);
    const { ingest, heads, store, published, settle } = world;
    const headsAtCandle: (number | null)[] = [];
    for (let n = 950; n < 954; n += 1) {
      await ingest([candleAt(minute(n))], stream);
      headsAtCandle.push(heads().factor);
    }
    expect(published.rebuilds()).toBe(0);
    // Every candle was stored and published before the ledgers had come that far.
    expect(published.closedTimes()).toEqual([950, 951, 952, 953].map(minute));
    expect(headsAtCandle.every((time, n) => time === null || time < minute(950 + n))).toBe(true);
    await settle();
    expect(heads()).toEqual({ candles: minute(953), factor: minute(953), overlay: minute(953) });
    const folded = store.commits.flatMap(({ ledgers }) =>
      ledgers?.factor?.type === "advanced" ? [ledgers.factor.head.count] : [],
    );
    expect(folded).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 954]);
    expectHolds(world);
  });

  test("are told of by one rebuild", async () => {
    const { ingest, published, advance } = await laggingSeries(450);
    await ingest([candleAt(minute(450))], stream);
    await advance(10_000);
    expect(published.rebuilds()).toBe(1);
  });
});

describe("a drawing", () => {
  test("RS-W22 belongs to one factor ledger: one that begins anew while nothing is drawn leaves none behind", async () => {
    const folder = tempFolder();
    const first = await grownSeries(600, { folder });
    const hooks = new LedgerHooks();
    const engine = hooks.factorEngine({ logicVersion: "other" });
    const factor = { engine, enabled: true, rebuildOnNewFingerprint: true, rebuildKeepCandles: 300 };
    const silent = await reopened(first, {
      folder,
      parts: { factor, overlay: { engine: hooks.overlayEngine(), enabled: false } },
    });
    const { lastVersion } = silent.store.ledger(SERIES, "overlay");
    await silent.ingest([candleAt(minute(600))], stream);
    expect(silent.heads()).toEqual({ candles: minute(600), factor: minute(600), overlay: null });
    const drawing = await reopened(silent, { folder, parts: { factor } });
    await drawing.ingest([candleAt(minute(601))], stream);
    expect(drawing.heads()).toEqual({ candles: minute(601), factor: minute(601), overlay: minute(601) });
    expect(drawing.store.ledger(SERIES, "overlay").head).toMatchObject({ count: 302 });
    expect(drawing.store.ledger(SERIES, "overlay").lastVersion).toBeGreaterThan(lastVersion);
    expectHolds(drawing, { factor: engine });
  });
});
