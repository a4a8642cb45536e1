import { describe, expect, test } from "vitest";
import { BLOCK_CANDLES } from "../../src/factors/close-history.js";
import type { OverlayRun } from "../../src/ledger/overlay-ledger.js";
import { linesOf, parseInstructionLine } from "../../src/ledger/rows.js";
import type { Candle } from "../../src/market/candle.js";
import type { LedgerHead } from "../../src/storage/ledger-records.js";
import { storedBlocks, storedLines } from "../support/ledger-check.js";
import { boom } from "../support/ledger-hooks.js";
import { type LedgerWorld, ledgerWorld, SERIES, spiked, walk } from "./world.js";

const at = (candles: readonly Candle[], index: number): Candle => candles.at(index) as Candle;

const headOf = ({ change }: OverlayRun): LedgerHead => {
  if (change?.type !== "advanced") throw new Error("nothing was drawn");
  return change.head;
};

const versionsIn = (lines: readonly string[]): number[] => lines.map((line) => parseInstructionLine(line).version);

/** Versions of the rows that a run adds or draws again. */
const versionsOf = ({ change }: OverlayRun): number[] =>
  versionsIn(change?.type === "advanced" ? change.blocks.flatMap(({ rows }) => linesOf(rows)) : []);

/** Folds candles in without drawing them, as when the drawing fails or is switched off. */
async function foldOnly({ fold, factor, store }: LedgerWorld, candles: readonly Candle[]): Promise<void> {
  const { change } = fold(candles).value;
  await store.commit({ series: SERIES, upsert: candles, ledgers: change === undefined ? {} : { factor: change } });
  factor.settle("committed");
}

describe("the drawing of a run", () => {
  test("is made frame by frame, with a checkpoint before every block", async () => {
    const { run, engines, store, expectHolds } = ledgerWorld();
    const candles = walk(300);
    const { drawn } = await run(candles);
    expect(drawn).toMatchObject({ behind: false, change: { type: "advanced", from: 0 } });
    expect(headOf(drawn)).toMatchObject({
      time: at(candles, -1).time,
      count: 300,
      fingerprint: engines.overlay.fingerprint,
    });
    const blocks = storedBlocks(store, SERIES, "overlay");
    expect(blocks.map(({ startCount }) => startCount)).toEqual([0, BLOCK_CANDLES]);
    for (const { time } of blocks) expect(store.checkpoint(SERIES, "overlay", time)).toBeDefined();
    expectHolds();
  });

  test("goes on from the last frame, and gives every version once, ascending", async () => {
    const { run, store, expectHolds } = ledgerWorld();
    const candles = walk(400);
    await run(candles.slice(0, 200));
    for (const candle of candles.slice(200, 300)) await run([candle]);
    const next = await run(candles.slice(300));
    expect(next.drawn.change).toMatchObject({ from: undefined });
    const versions = versionsIn(storedLines(store, SERIES, "overlay"));
    expect(versions.length).toBeGreaterThan(100);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expectHolds();
  });

  test("is forgotten when it was discarded or failed on the way", async () => {
    const { run, fold, draw, factor, overlay, hooks, expectHolds } = ledgerWorld();
    const candles = walk(300);
    await run(candles.slice(0, 250));
    const folded = fold(candles.slice(250)).value;
    const first = draw(folded).value;
    overlay.settle("discarded");
    expect(draw(folded).value).toEqual(first);
    overlay.settle("discarded");
    hooks.beforeRender = ({ index }) => {
      if (index === 280) boom();
    };
    expect(() => draw(folded)).toThrow("boom");
    hooks.heal();
    factor.settle("discarded");
    await run(candles.slice(250));
    expectHolds();
  });

  test("without frames changes nothing, and keeps the picture at hand", async () => {
    const { run, hooks, draw } = ledgerWorld();
    const candles = walk(60);
    await run(candles.slice(0, 50));
    expect(await run([])).toMatchObject({ drawn: { change: undefined, behind: false } });
    const drawnAt: number[] = [];
    hooks.beforeRender = ({ index }) => drawnAt.push(index);
    await run([at(candles, 50)]);
    expect(drawnAt).toEqual([50]);
    expect(draw({ frames: [], restart: { type: "none" } }).value.change).toBeUndefined();
  });

  test("gives way to others every 256 frames, also where the frames are made again", async () => {
    const world = ledgerWorld();
    const folded = world.fold(walk(1_000)).value;
    expect(world.draw(folded).pauses).toBe(3);
    world.overlay.settle("discarded");
    world.factor.settle("discarded");
    await foldOnly(world, walk(1_000));
    expect(world.draw({ frames: [], restart: { type: "none" } }).pauses).toBe(6);
  });
});

describe("a drawing behind the factor ledger", () => {
  const limits = { catchUpCandles: 100, maxRefoldCandles: 10_000 };

  test("makes the frames again that it has missed", async () => {
    const world = ledgerWorld();
    const candles = walk(700);
    await world.run(candles.slice(0, 300));
    await foldOnly(world, candles.slice(300, 600));
    const { drawn } = await world.run(candles.slice(600));
    expect(headOf(drawn)).toMatchObject({ count: 700, time: at(candles, -1).time });
    world.expectHolds();
  });

  test("catches up page by page, and leaves new frames alone until it has", async () => {
    const world = ledgerWorld({ limits });
    const candles = walk(560);
    await world.run(candles.slice(0, 256));
    for (const from of [256, 356, 456]) await foldOnly(world, candles.slice(from, from + 100));
    expect(await world.run([at(candles, 556)])).toMatchObject({ drawn: { change: undefined, behind: true } });
    const counts: [number, boolean][] = [];
    for (let behind = true; behind; ) {
      const { drawn } = await world.run([]);
      behind = drawn.behind;
      counts.push([headOf(drawn).count, behind]);
      world.expectHolds();
    }
    expect(counts).toEqual([
      [356, true],
      [456, true],
      [556, true],
      [557, false],
    ]);
  });

  test("never drawn begins with the ledger's first candle", async () => {
    const world = ledgerWorld();
    await foldOnly(world, walk(300));
    const { drawn } = await world.run([]);
    expect(headOf(drawn).count).toBe(300);
    world.expectHolds();
  });
});

describe("a fold that begins again", () => {
  test("with a block is drawn again from there, behind all versions that were given", async () => {
    const { run, store, expectHolds } = ledgerWorld();
    const candles = walk(700);
    await run(candles);
    const [first] = storedBlocks(store, SERIES, "overlay");
    const { lastVersion } = store.ledger(SERIES, "overlay");
    const corrected = spiked(at(candles, 300));
    const { drawn } = await run([corrected], corrected.time);
    expect(drawn.change).toMatchObject({ from: at(candles, BLOCK_CANDLES).time });
    expect(Math.min(...versionsOf(drawn))).toBeGreaterThan(lastVersion);
    expect(storedBlocks(store, SERIES, "overlay")[0]).toEqual(first);
    expectHolds();
  });

  test("at all is drawn again from the beginning, whatever was drawn before", async () => {
    const { run, store, expectHolds } = ledgerWorld();
    const candles = walk(400);
    await run(candles.slice(1));
    const { lastVersion } = store.ledger(SERIES, "overlay");
    const { drawn } = await run([at(candles, 0)], at(candles, 0).time);
    expect(drawn.change).toMatchObject({ from: 0, head: { count: 400 } });
    expect(Math.min(...versionsOf(drawn))).toBeGreaterThan(lastVersion);
    expectHolds();
  });

  test("while the drawing was behind is drawn from where that stood", async () => {
    const world = ledgerWorld();
    const candles = walk(800);
    await world.run(candles.slice(0, 300));
    await foldOnly(world, candles.slice(300));
    const corrected = spiked(at(candles, 600));
    const { restart, drawn } = await world.run([corrected], corrected.time);
    expect(restart).toEqual({ type: "block", time: at(candles, 2 * BLOCK_CANDLES).time });
    expect(headOf(drawn).count).toBe(800);
    world.expectHolds();
  });
});

describe("a drawing that was cut back", () => {
  async function cutBack() {
    const world = ledgerWorld({ limits: { catchUpCandles: 5_000, maxRefoldCandles: 100 } });
    const candles = walk(500);
    await world.run(candles);
    const { lastVersion } = world.store.ledger(SERIES, "overlay");
    const corrected = spiked(at(candles, 400));
    const { change } = await world.run([corrected], corrected.time);
    expect(change?.type).toBe("cut");
    expect(world.store.ledger(SERIES, "overlay")).toMatchObject({ head: { count: BLOCK_CANDLES }, lastVersion });
    return { ...world, lastVersion };
  }

  test("goes on behind all versions that were given, those that the cut took away included", async () => {
    const { run, lastVersion, expectHolds } = await cutBack();
    const { drawn } = await run([]);
    expect(Math.min(...versionsOf(drawn))).toBeGreaterThan(lastVersion);
    expectHolds();
  });

  test("remembers where its versions go on when it is opened again inside the next block", async () => {
    const { run, store } = await cutBack();
    await run([]);
    const before = storedLines(store, SERIES, "overlay");
    const again = ledgerWorld({ store });
    await again.run(walk(520).slice(500));
    expect(storedLines(store, SERIES, "overlay").slice(0, before.length)).toEqual(before);
    again.expectHolds();
  });
});

test("RS-W23 no version is given twice, whatever is drawn again, cut back, reset or opened anew", async () => {
  const candles = walk(700);
  const limits = { catchUpCandles: 5_000, maxRefoldCandles: 500 };
  let world = ledgerWorld({ limits });
  const { store } = world;
  let highest = 0;
  let given = 0;
  const note = ({ drawn }: { readonly drawn: OverlayRun }): void => {
    for (const version of versionsOf(drawn)) expect(version).toBeGreaterThan(highest);
    given += versionsOf(drawn).length;
    highest = store.ledger(SERIES, "overlay").lastVersion;
    world.expectHolds();
  };
  const correct = (index: number) => world.run([spiked(at(world.stored(), index))], at(world.stored(), index).time);
  note(await world.run(candles.slice(1, 650)));
  note(await correct(600));
  note(await world.run(candles.slice(0, 1), at(candles, 0).time));
  await correct(300);
  note(await world.run([]));
  await correct(5);
  note(await world.run([]));
  await store.commit({ series: SERIES, ledgers: { overlay: { type: "reset" } } });
  world.overlay.settle("discarded");
  note(await world.run([]));
  world = ledgerWorld({ store, limits, windowCandles: 100 });
  note(await world.run([]));
  world = ledgerWorld({ store, limits, logicVersion: "other" });
  note(await world.run([]));
  expect(given).toBeGreaterThan(2_000);
});

describe("other settings", () => {
  test("RS-W24 make the drawing anew, and leave the factor ledger alone", async () => {
    const old = ledgerWorld();
    await old.run(walk(400));
    const factor = [old.store.ledger(SERIES, "factor"), storedBlocks(old.store, SERIES, "factor")];
    const { lastVersion } = old.store.ledger(SERIES, "overlay");
    const anew = ledgerWorld({ store: old.store, windowCandles: 100 });
    expect(anew.overlay.usableHead()).toBeNull();
    const { change, drawn } = await anew.run([]);
    expect(change).toBeUndefined();
    expect(headOf(drawn)).toMatchObject({ count: 400, fingerprint: anew.engines.overlay.fingerprint });
    expect(Math.min(...versionsOf(drawn))).toBeGreaterThan(lastVersion);
    expect([anew.store.ledger(SERIES, "factor"), storedBlocks(anew.store, SERIES, "factor")]).toEqual(factor);
    anew.expectHolds();
  });

  test("of the factors make it anew without a look at what the old ones have left", async () => {
    const old = ledgerWorld();
    await old.run(walk(400));
    const anew = ledgerWorld({ store: old.store, logicVersion: "other", rebuildKeepCandles: 300 });
    anew.hooks.beforeRestore = boom;
    const { drawn } = await anew.run([]);
    expect(headOf(drawn).count).toBe(300);
    anew.hooks.heal();
    anew.expectHolds();
  });
});
