import { describe, expect, test } from "vitest";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import type { FactorRun } from "../../src/ledger/factor-ledger.js";
import type { Candle } from "../../src/market/candle.js";
import type { LedgerBlock } from "../../src/storage/ledger-records.js";
import { storedBlocks } from "../support/ledger-check.js";
import { boom } from "../support/ledger-hooks.js";
import { ID, ledgerWorld, SERIES, spiked, walk } from "./world.js";

const timesOf = (candles: readonly Candle[]): number[] => candles.map(({ time }) => time);
const framesOf = ({ frames }: FactorRun): number[] => frames.map(({ candle }) => candle.time);
const blocksOf = ({ change }: FactorRun): readonly LedgerBlock[] => (change?.type === "advanced" ? change.blocks : []);
const headOf = ({ change }: FactorRun) => (change?.type === "advanced" ? change.head : undefined);
const at = (candles: readonly Candle[], index: number): Candle => candles.at(index) as Candle;

describe("a run of new candles", () => {
  test("is folded from the first candle on, and says what is to be stored", () => {
    const { fold, engines } = ledgerWorld();
    const candles = walk(300);
    const { value } = fold(candles);
    expect(value).toMatchObject({ restart: { type: "beginning" }, rebuilt: true, behind: false });
    expect(value.change).toMatchObject({
      type: "advanced",
      from: 0,
      head: { time: at(candles, -1).time, count: 300, fingerprint: engines.factor.fingerprint, origin: null },
    });
    expect(framesOf(value)).toEqual(timesOf(candles));
    expect(blocksOf(value)).toMatchObject([
      { time: at(candles, 0).time, startCount: 0, checkpoint: undefined },
      { time: at(candles, BLOCK_CANDLES).time, startCount: BLOCK_CANDLES, checkpoint: expect.any(String) },
    ]);
  });

  test("goes on from the last one", async () => {
    const { run, expectHolds } = ledgerWorld();
    const candles = walk(600);
    await run(candles.slice(0, 400));
    const next = await run(candles.slice(400));
    expect(next).toMatchObject({ restart: { type: "none" }, rebuilt: false, behind: false });
    expect(framesOf(next)).toEqual(timesOf(candles.slice(400)));
    expect(next.change).toMatchObject({ from: undefined });
    expectHolds();
  });

  test("writes a block only when something is added to it", async () => {
    const { run } = ledgerWorld();
    const candles = walk(100);
    await run(candles.slice(0, 60));
    const runs: FactorRun[] = [];
    for (const candle of candles.slice(60)) runs.push(await run([candle]));
    const quiet = runs.filter(({ frames }) => frames[0]?.events.length === 0);
    expect(quiet.length).toBeGreaterThan(3);
    for (const one of quiet) expect(blocksOf(one)).toEqual([]);
    for (const one of runs.filter((run) => !quiet.includes(run))) {
      expect(blocksOf(one)).toMatchObject([{ time: at(candles, 0).time, checkpoint: undefined }]);
    }
  });

  test("is forgotten when it was discarded: the same run makes the same again", async () => {
    const { run, fold, factor, expectHolds } = ledgerWorld();
    const candles = walk(300);
    await run(candles.slice(0, 250));
    const first = fold(candles.slice(250));
    factor.settle("discarded");
    expect(fold(candles.slice(250)).value.change).toEqual(first.value.change);
    factor.settle("discarded");
    await run(candles.slice(250));
    expectHolds();
  });

  test("is forgotten when it failed on the way", async () => {
    const { run, fold, hooks, expectHolds } = ledgerWorld();
    const candles = walk(300);
    await run(candles.slice(0, 250));
    hooks.beforeStep = ({ time }) => {
      if (time === at(candles, 270).time) boom();
    };
    expect(() => fold(candles.slice(250))).toThrow("boom");
    hooks.heal();
    expect(framesOf(await run(candles.slice(250)))).toEqual(timesOf(candles.slice(250)));
    expectHolds();
  });

  test("gives way to others every 128 candles", () => {
    const { fold } = ledgerWorld();
    expect(fold(walk(1_000)).pauses).toBe(7);
  });

  test("without anything new changes nothing", async () => {
    const { fold, run } = ledgerWorld();
    const nothing = { change: undefined, frames: [], restart: { type: "none" }, rebuilt: false, behind: false };
    expect(fold([]).value).toEqual(nothing);
    await run(walk(3));
    expect(fold([]).value).toEqual(nothing);
    expect(fold(walk(3)).value).toEqual(nothing);
  });
});

describe("a ledger behind the store", () => {
  const limits = { catchUpCandles: 100, maxRefoldCandles: 1_000 };

  test("takes in what is stored together with the run; of two candles of one time the run's", async () => {
    const { run, storeOnly, fold } = ledgerWorld();
    const candles = walk(60);
    await run(candles.slice(0, 20));
    await storeOnly(candles.slice(20, 50));
    const corrected = spiked(at(candles, 30));
    const { value } = fold([corrected, at(candles, 55)]);
    expect(framesOf(value)).toEqual([...timesOf(candles.slice(20, 50)), at(candles, 55).time]);
    expect(value.frames[10]?.candle).toEqual(corrected);
    expect(value.behind).toBe(false);
  });

  test("catches up page by page, and leaves candles alone until it has", async () => {
    const { run, storeOnly, expectHolds } = ledgerWorld({ limits });
    const candles = walk(400);
    await run(candles.slice(0, 50));
    await storeOnly(candles.slice(50, 300));
    expect(await run([at(candles, 300)])).toMatchObject({ change: undefined, frames: [], behind: true });
    const pages = [await run([]), await run([]), await run([])];
    expect(pages.map((page) => [framesOf(page).length, page.behind])).toEqual([
      [100, true],
      [100, true],
      [51, false],
    ]);
    expect(framesOf(await run([at(candles, 301)]))).toEqual([at(candles, 301).time]);
    expectHolds();
  });
});

describe("a late or corrected candle", () => {
  test("makes the fold begin again with its block, and leaves the blocks before alone", async () => {
    const { run, store, expectHolds } = ledgerWorld();
    const candles = walk(800).filter((_, index) => index !== 300);
    const late = at(walk(800), 300);
    await run(candles);
    const before = storedBlocks(store, SERIES, "factor");
    const again = await run([late], late.time);
    expect(again.restart).toEqual({ type: "block", time: at(candles, BLOCK_CANDLES).time });
    expect(again.frames[0]?.index).toBe(BLOCK_CANDLES);
    expect(headOf(again)).toMatchObject({ time: at(candles, -1).time, count: 800 });
    expect(storedBlocks(store, SERIES, "factor")[0]).toEqual(before[0]);
    expectHolds();
  });

  test("between two blocks belongs to the earlier one", async () => {
    const { run, expectHolds } = ledgerWorld();
    const all = walk(600);
    await run(all.filter((_, index) => index !== BLOCK_CANDLES));
    const late = at(all, BLOCK_CANDLES);
    const again = await run([late], late.time);
    expect(again.restart).toEqual({ type: "block", time: at(all, 0).time });
    expectHolds();
  });

  test("before the first makes the fold begin anew", async () => {
    const { run, expectHolds } = ledgerWorld();
    const all = walk(600);
    await run(all.slice(5));
    const again = await run(all.slice(3, 5), at(all, 3).time);
    expect(again).toMatchObject({ restart: { type: "beginning" }, rebuilt: true });
    expect(headOf(again)).toMatchObject({ count: 597 });
    expectHolds();
  });

  test("comes with new ones, and with what the ledger has not seen yet", async () => {
    const { run, storeOnly, expectHolds } = ledgerWorld();
    const candles = walk(700);
    await run(candles.slice(0, 500));
    await storeOnly(candles.slice(500, 600));
    const corrected = spiked(at(candles, 290));
    const again = await run([corrected, ...candles.slice(620)], corrected.time);
    expect(headOf(again)).toMatchObject({ count: 680, time: at(candles, -1).time });
    expectHolds();
  });

  test("is told as a rebuild only if rows that were there are different now", async () => {
    const { run, expectHolds } = ledgerWorld();
    const candles = walk(600);
    await run(candles);
    const harmless = { ...at(candles, 400), volume: 7 };
    expect(await run([harmless], harmless.time)).toMatchObject({ restart: { type: "block" }, rebuilt: false });
    const harmful = spiked(at(candles, 400));
    expect((await run([harmful], harmful.time)).rebuilt).toBe(true);
    // What only adds to the rows changes nothing that was there.
    const head = { ...at(candles, -1), volume: 9 };
    expect((await run([head, ...walk(640).slice(600)], head.time)).rebuilt).toBe(false);
    expectHolds();
  });
});

describe("a candle too far back to be folded again at once", () => {
  const limits = { catchUpCandles: 200, maxRefoldCandles: 300 };

  async function cutBack(index: number) {
    const world = ledgerWorld({ limits });
    const candles = walk(900);
    await world.run(candles);
    const corrected = spiked(at(candles, index));
    const cut = await world.run([corrected], corrected.time);
    return { ...world, candles, cut };
  }

  test("cuts the ledger back to the block before it", async () => {
    const { cut, store, candles, expectHolds } = await cutBack(300);
    expect(cut).toMatchObject({ change: { type: "cut", at: at(candles, 300).time }, behind: true, rebuilt: false });
    expect(store.ledger(SERIES, "factor").head).toMatchObject({ count: 256, time: at(candles, 255).time });
    expectHolds();
  });

  test("is caught up with page by page, and told of when the ledger has come as far again", async () => {
    const { store, run, expectHolds } = await cutBack(300);
    const pages: boolean[] = [];
    for (let behind = true; behind; ) {
      const page = await run([]);
      behind = page.behind;
      pages.push(page.rebuilt);
      expectHolds();
    }
    expect(pages).toEqual([false, false, false, true]);
    expect(store.ledger(SERIES, "factor")).toMatchObject({ head: { count: 900 }, cutHead: null });
  });

  test("in the first block leaves nothing, and the ledger begins again where it began", async () => {
    const world = await cutBack(3);
    expect(world.store.ledger(SERIES, "factor").head).toBeNull();
    // Fewer than it had, but no reason to forget the others.
    const again = ledgerWorld({ store: world.store, limits, rebuildKeepCandles: 400 });
    while ((await again.run([])).behind);
    expect(again.store.ledger(SERIES, "factor").head).toMatchObject({ count: 900, origin: null });
    again.expectHolds();
  });
});

describe("a ledger that is computed anew", () => {
  test("over many candles begins with the newest of them, and remembers where", async () => {
    const { run, storeOnly, stored, expectHolds } = ledgerWorld({ rebuildKeepCandles: 300 });
    const candles = walk(500);
    await storeOnly(candles.slice(0, 450));
    const first = await run(candles.slice(450));
    expect(headOf(first)).toMatchObject({ count: 350, origin: at(candles, 150).time });
    expect(stored()).toHaveLength(500);
    expectHolds();
  });

  test("because its logic is another one replaces all that was there", async () => {
    const old = ledgerWorld();
    const candles = walk(700);
    await old.run(candles.slice(0, 600));
    const anew = ledgerWorld({ store: old.store, logicVersion: "other", rebuildKeepCandles: 300 });
    expect(anew.factor.usableHead()).toBeNull();
    const run = await anew.run([at(candles, 600)]);
    expect(run).toMatchObject({ restart: { type: "beginning" }, rebuilt: true });
    expect(headOf(run)).toMatchObject({ count: 301, origin: at(candles, 300).time });
    anew.expectHolds();
    expect(anew.stored()).toHaveLength(601);
  });

  test("is not, and not told of, where that is switched off", async () => {
    const old = ledgerWorld();
    const candles = walk(300);
    await old.run(candles.slice(0, 299));
    const kept = ledgerWorld({ store: old.store, logicVersion: "other", rebuildOnNewFingerprint: false });
    expect(kept.factor.usableHead()).toMatchObject({ count: 299 });
    expect(await kept.run([at(candles, 299)])).toMatchObject({ restart: { type: "none" }, rebuilt: false });
    expect((await ledgerWorld({ rebuildOnNewFingerprint: false }).run(candles)).rebuilt).toBe(false);
  });
});

test("a ledger is taken up from the checkpoint of its open block", async () => {
  const old = ledgerWorld();
  const candles = walk(700);
  await old.run(candles.slice(0, 600));
  const next = ledgerWorld({ store: old.store });
  const restored: string[] = [];
  const stepped: number[] = [];
  next.hooks.beforeRestore = () => restored.push(ID.text);
  next.hooks.beforeStep = ({ time }) => stepped.push(time);
  next.fold(candles.slice(600));
  expect(restored).toHaveLength(1);
  expect(stepped).toEqual(timesOf(candles.slice(2 * BLOCK_CANDLES)));
});
