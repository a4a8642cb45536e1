import { describe, expect, test } from "vitest";
import { OverlayBehavior, type OverlayOptions } from "../../../src/actors/overlay/overlay.js";
import type { OverlayMessage, OverlayRendered } from "../../../src/actors/overlay/protocol.js";
import { DamageNotes } from "../../../src/ledger/damage.js";
import { FactorLedger, type FactorRun } from "../../../src/ledger/factor-ledger.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleSeries } from "../../support/candles.js";
import { createWorld, minute, SERIES } from "../series/world.js";

type Frames = Pick<FactorRun, "frames" | "restart">;

const NO_FRAMES: Frames = { frames: [], restart: { type: "none" } };

/**
 * An overlay actor's behaviour on a real store with candles, of which the factor ledger has folded some and the drawing
 * some of those.
 */
async function overlay({ folded = 0, drawn = 0, enabled = true } = {}) {
  const { store, clock, log, ledgers } = createWorld();
  const told = { lagging: 0 };
  const drawnAt: number[] = [];
  const options: OverlayOptions = {
    id: parseSeriesId(SERIES),
    store,
    clock,
    damage: new DamageNotes(log),
    engine: ledgers.overlayEngine(),
    factors: ledgers.factorEngine(),
    enabled: true,
    onLagging: () => {
      told.lagging += 1;
    },
  };
  const settings = { rebuildOnNewFingerprint: true, rebuildKeepCandles: 2_000 };
  const factor = new FactorLedger({ ...options, ...settings, engine: options.factors });
  /** Folds candles into the factor ledger, and stores it. */
  const fold = async (fromMinute: number, count: number): Promise<Frames> => {
    const candles = candleSeries(minute(fromMinute), count);
    const run = finished(factor.fold(candles, undefined));
    const ledger = run.change === undefined ? {} : { ledgers: { factor: run.change } };
    await store.commit({ series: SERIES, upsert: candles, ...ledger });
    factor.settle("committed");
    return run;
  };
  const render = (behavior: OverlayBehavior, given: Frames): Promise<OverlayRendered> =>
    new Promise((resolve, reject) => {
      const message: OverlayMessage = { type: "render", factor: given, reply: { resolve, reject } };
      behavior.receive(message).catch(reject);
    });
  const commit = async (behavior: OverlayBehavior, { change }: OverlayRendered): Promise<void> => {
    if (change !== undefined) await store.commit({ series: SERIES, ledgers: { overlay: change } });
    await behavior.receive({ type: "settle", outcome: "committed" });
  };
  if (drawn > 0) {
    const before = new OverlayBehavior(options);
    await commit(before, await render(before, await fold(0, drawn)));
  }
  if (folded > drawn) await fold(drawn, folded - drawn);
  ledgers.beforeRender = ({ candle }) => drawnAt.push(candle.time);
  const behavior = new OverlayBehavior({ ...options, enabled });
  behavior.start();
  return {
    behavior,
    store,
    told,
    drawnAt,
    fold,
    render: (given: Frames) => render(behavior, given),
    commit: (rendered: OverlayRendered) => commit(behavior, rendered),
  };
}

function finished<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

describe("overlay", () => {
  test.each([
    ["nothing computed", {}, 0],
    ["level with the factor ledger", { folded: 9, drawn: 9 }, 0],
    ["behind the factor ledger", { folded: 9, drawn: 8 }, 1],
    ["never drawn", { folded: 9 }, 1],
    ["switched off", { folded: 9, enabled: false }, 0],
  ] as const)("knows at its start how it stands: %s", async (_what, stored, lagging) => {
    expect((await overlay(stored)).told.lagging).toBe(lagging);
  });

  test("draws on top of what is stored, and takes it over only when that is committed", async () => {
    const { render, behavior, commit, fold, drawnAt } = await overlay({ folded: 4, drawn: 4 });
    const frames = await fold(4, 1);
    const first = await render(frames);
    expect(first.change).toMatchObject({ type: "advanced", head: { time: minute(4), count: 5 } });
    await behavior.receive({ type: "settle", outcome: "discarded" });
    drawnAt.length = 0;
    const second = await render(frames);
    // Memory was ahead of the store: the picture is restored.
    expect(drawnAt).toEqual([0, 1, 2, 3, 4].map(minute));
    expect(second.change).toEqual(first.change);
    await commit(second);
    drawnAt.length = 0;
    await render(await fold(5, 1));
    expect(drawnAt).toEqual([minute(5)]);
  });

  test("catches up with the factor ledger, without frames and before new ones", async () => {
    const behind = await overlay({ folded: 9, drawn: 4 });
    expect((await behind.render(NO_FRAMES)).change).toMatchObject({ head: { time: minute(8) } });
    const withFrames = await overlay({ folded: 9, drawn: 4 });
    const frames = await withFrames.fold(9, 2);
    expect((await withFrames.render(frames)).change).toMatchObject({ head: { time: minute(10), count: 11 } });
  });

  test("begins anew when the factor ledger does, and after a reset", async () => {
    const { render, behavior, commit, drawnAt, store } = await overlay({ folded: 4, drawn: 4 });
    const { fold: another } = await overlay();
    const begun = await another(0, 4);
    expect(begun.restart).toEqual({ type: "beginning" });
    const anew = await render(begun);
    expect(anew.change).toMatchObject({ from: 0, head: { count: 4 } });
    expect(drawnAt).toEqual([0, 1, 2, 3].map(minute));
    await commit(anew);
    await store.commit({ series: SERIES, ledgers: { overlay: { type: "reset" } } });
    await behavior.receive({ type: "settle", outcome: "discarded" });
    drawnAt.length = 0;
    expect((await render(NO_FRAMES)).change).toMatchObject({ from: 0, head: { count: 4 } });
    expect(drawnAt).toEqual([0, 1, 2, 3].map(minute));
  });

  test("changes nothing when the picture stands where the ledger stands, and is silent when off", async () => {
    const { render } = await overlay({ folded: 4, drawn: 4 });
    expect(await render(NO_FRAMES)).toMatchObject({ change: undefined, behind: false });
    const off = await overlay({ folded: 4, enabled: false });
    expect(await off.render(await off.fold(4, 1))).toMatchObject({ change: undefined, behind: false, durationMs: 0 });
    expect(off.drawnAt).toEqual([]);
  });
});
