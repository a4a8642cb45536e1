/** The standard factors and renderers with one more of each, through which a test looks on and makes them fail. */
import type { AnyFactor, FactorDefinition } from "../../src/factors/definition.js";
import { FactorEngine, type FactorEngineOptions, type FactorFrame } from "../../src/factors/engine.js";
import { STANDARD_FACTORS } from "../../src/factors/standard.js";
import type { Candle } from "../../src/market/candle.js";
import { OverlayEngine, STANDARD_RENDERERS } from "../../src/overlays/engine.js";
import type { Renderer } from "../../src/overlays/renderer.js";

/** Pivot windows this small make something of every kind within a few dozen candles. */
const PIVOT_WINDOW_MAJOR = 2;
const PIVOT_WINDOW_MINOR = 1;

const WINDOW_CANDLES = 2_000;

export class LedgerHooks {
  /** Called before a candle is folded in; a throw is a crash of the factor actor. */
  beforeStep: (candle: Candle) => void = () => undefined;
  /** Called when a checkpoint of the factor ledger is taken up; a throw makes it one that does not serve. */
  beforeRestore: () => void = () => undefined;
  /** Called before a frame is drawn; a throw is a crash of the overlay actor. */
  beforeRender: (frame: FactorFrame) => void = () => undefined;

  factorEngine(change: Partial<Omit<FactorEngineOptions, "factors">> = {}): FactorEngine {
    return new FactorEngine({
      factors: [...STANDARD_FACTORS, this.#factor()],
      pivotWindowMajor: PIVOT_WINDOW_MAJOR,
      pivotWindowMinor: PIVOT_WINDOW_MINOR,
      logicVersion: "test",
      ...change,
    });
  }

  overlayEngine(windowCandles = WINDOW_CANDLES): OverlayEngine {
    return new OverlayEngine({ windowCandles, renderers: [...STANDARD_RENDERERS, this.#renderer()] });
  }

  /** Everything works again. */
  heal(): void {
    this.beforeStep = () => undefined;
    this.beforeRestore = () => undefined;
    this.beforeRender = () => undefined;
  }

  #factor(): AnyFactor {
    const hook: FactorDefinition<null, null> = {
      name: "hook",
      dependsOn: [],
      logic: 1,
      events: [],
      initial: () => null,
      step: (_state, { candle }) => {
        this.beforeStep(candle);
        return null;
      },
      present: () => false,
      head: () => ({}),
      load: (saved) => {
        this.beforeRestore();
        return saved;
      },
    };
    return hook;
  }

  #renderer(): Renderer<null> {
    return {
      name: "hook",
      initial: () => null,
      draw: (_state, frame) => this.beforeRender(frame),
      renew: () => undefined,
      live: () => [],
    };
  }
}

/** For hooks that always fail. */
export function boom(): never {
  throw new Error("boom");
}
