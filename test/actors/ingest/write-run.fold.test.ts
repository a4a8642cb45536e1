/** The ledger is a fold over the stored candles: however they were batched, and whatever was restarted in between. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import type { TreeParts } from "../../../src/actors/series/tree.js";
import type { FactorEngine, FactorState } from "../../../src/factors/engine.js";
import type { Candle } from "../../../src/market/candle.js";
import { createOverlayEngine } from "../../../src/overlays/engine.js";
import type { Store } from "../../../src/storage/store.js";
import { candleSeries } from "../../support/candles.js";
import { tempFolder } from "../../support/temp.js";
import { minute, SERIES, startSeries } from "../series/world.js";

const { stream } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

/** A state that remembers every candle it was given, so that one folded twice, left out or out of order is seen. */
interface TapeState extends FactorState {
  readonly tape: readonly Candle[];
}

/** Engines that keep the tape; `store` is what a restored state is folded from again. */
function tapes(store: () => Store) {
  let failures = 0;
  let shown: readonly Candle[] = [];
  const initial: TapeState = { headTime: null, tape: [] };
  const step = (state: FactorState, candle: Candle): TapeState => {
    if (failures > 0) {
      failures -= 1;
      throw new Error("the factor fell");
    }
    return { headTime: candle.time, tape: [...(state as TapeState).tape, candle] };
  };
  const engine: FactorEngine = {
    fingerprint: "tape",
    initial: () => initial,
    step,
    restore: (headTime): TapeState => ({ headTime, tape: store().readBetween(SERIES, 0, headTime).candles() }),
  };
  const overlay = createOverlayEngine();
  const render: typeof overlay.render = (previous, factor) => {
    shown = (factor as TapeState).tape;
    return overlay.render(previous, factor);
  };
  return {
    parts: {
      factor: { engine, enabled: true, rebuildOnNewFingerprint: true, rebuildKeepCandles: 2_000 },
      overlay: { engine: { ...overlay, render }, enabled: true },
    } satisfies Partial<TreeParts>,
    /** The next `count` steps fail. */
    fail: (count: number) => {
      failures = count;
    },
    /** The tape that the last picture was drawn from. */
    shown: () => shown,
  };
}

type Step =
  | { readonly do: "run"; readonly candles: number }
  | { readonly do: "fail"; readonly steps: number }
  | { readonly do: "restart" }
  | { readonly do: "reopen" };

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("run" as const), candles: fc.integer({ min: 1, max: 7 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const), steps: fc.integer({ min: 1, max: 2 }) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: "restart" }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: "reopen" }) },
  ),
  { minLength: 1, maxLength: 12 },
);

test("RS-W14 a ledger is the fold of the stored candles, whatever the batches, failures and restarts", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const folder = tempFolder();
      let store: Store | undefined;
      const tape = tapes(() => store as Store);
      const open = async () => {
        const opened = await startSeries({ folder, parts: tape.parts });
        store = opened.store;
        return opened;
      };
      let world = await open();
      const truth: Candle[] = [];
      const perform = async (step: Step): Promise<void> => {
        if (step.do === "run") {
          const candles = candleSeries(minute(truth.length), step.candles);
          truth.push(...candles);
          await world.ingest(candles, stream);
        } else if (step.do === "fail") {
          tape.fail(step.steps);
        } else if (step.do === "restart") {
          await world.restart();
        } else {
          await world.stop();
          await world.store.close();
          world = await open();
        }
      };
      for (const step of script) await perform(step);
      tape.fail(0);
      // What was suspended for crashing too often has come back by then.
      await world.advance(31_000);
      await perform({ do: "run", candles: 1 });
      const head = minute(truth.length - 1);
      expect(world.heads()).toEqual({ candles: head, factor: head, overlay: head });
      expect(tape.shown()).toEqual(truth);
      await world.stop();
      await world.store.close();
    }),
    { numRuns: 40 },
  );
});
