import { describe, expect, test } from "vitest";
import { OverlayBehavior } from "../../../src/actors/overlay/overlay.js";
import type { OverlayRendered } from "../../../src/actors/overlay/protocol.js";
import { createOverlayEngine, type OverlayState } from "../../../src/overlays/engine.js";
import type { LedgerName } from "../../../src/storage/keys.js";
import { candleAt } from "../../support/candles.js";
import { createWorld, minute, SERIES } from "../series/world.js";

/** An overlay actor's behaviour on a real store with ledger heads. */
async function overlay(heads: Partial<Record<LedgerName, number>> = {}, enabled = true) {
  const { store, clock } = createWorld();
  const head = (ledger: LedgerName) => {
    const time = heads[ledger];
    return time === undefined ? {} : { [ledger]: { type: "advanced", head: { time, fingerprint: "x" } } as const };
  };
  await store.commit({
    series: SERIES,
    upsert: [candleAt(minute(9))],
    ledgers: { ...head("factor"), ...head("overlay") },
  });
  const told = { lagging: 0 };
  const previous: OverlayState[] = [];
  const engine = createOverlayEngine();
  const behavior = new OverlayBehavior({
    series: SERIES,
    store,
    clock,
    engine: {
      ...engine,
      render: (state, factor) => {
        previous.push(state);
        return engine.render(state, factor);
      },
    },
    enabled,
    onLagging: () => {
      told.lagging += 1;
    },
  });
  behavior.start();
  const render = (headTime: number | null, rebuilt = false): Promise<OverlayRendered> =>
    new Promise((resolve, reject) => {
      behavior.receive({ type: "render", factor: { headTime }, rebuilt, reply: { resolve, reject } });
    });
  return { behavior, render, told, previous };
}

describe("overlay", () => {
  test.each([
    ["nothing computed", {}, true, 0],
    ["level with the factor ledger", { factor: minute(9), overlay: minute(9) }, true, 0],
    ["behind the factor ledger", { factor: minute(9), overlay: minute(8) }, true, 1],
    ["never drawn", { factor: minute(9) }, true, 1],
    ["switched off", { factor: minute(9) }, false, 0],
  ] as const)("knows at its start how it stands: %s", async (_what, heads, enabled, lagging) => {
    expect((await overlay(heads, enabled)).told.lagging).toBe(lagging);
  });

  test("draws on top of what is stored, and takes it over only when that is committed", async () => {
    const { render, behavior, previous } = await overlay({ factor: minute(3), overlay: minute(3) });
    const first = await render(minute(4));
    expect(first.change).toMatchObject({ type: "advanced", head: { time: minute(4) } });
    behavior.receive({ type: "settle", outcome: "discarded" });
    await render(minute(5));
    behavior.receive({ type: "settle", outcome: "committed" });
    await render(minute(6));
    expect(previous.map(({ headTime }) => headTime)).toEqual([minute(3), minute(3), minute(5)]);
  });

  test("begins anew when the factor ledger was rebuilt, and after a reset", async () => {
    const { render, behavior, previous } = await overlay({ factor: minute(3), overlay: minute(3) });
    expect((await render(minute(3), true)).change).toMatchObject({ type: "advanced" });
    behavior.receive({ type: "settle", outcome: "committed" });
    behavior.receive({ type: "reset" });
    await render(minute(4));
    expect(previous.map(({ headTime }) => headTime)).toEqual([null, null]);
  });

  test("changes nothing when the picture stands where it stood, goes not back, and is silent when off", async () => {
    const { render } = await overlay({ factor: minute(3), overlay: minute(3) });
    expect((await render(minute(3))).change).toBeUndefined();
    expect(await render(minute(2))).toMatchObject({ change: undefined, headTime: minute(3) });
    expect((await render(null)).change).toBeUndefined();
    const off = await overlay({ factor: minute(3) }, false);
    expect(await off.render(minute(4))).toEqual({ change: undefined, headTime: null, durationMs: 0 });
  });
});
