/** The engines of the ledgers as the settings want them. */
import type { Settings } from "./config/schema.js";
import { FactorEngine } from "./factors/engine.js";
import { STANDARD_FACTORS } from "./factors/standard.js";
import { OverlayEngine } from "./overlays/engine.js";

export interface Engines {
  readonly factors: FactorEngine;
  readonly overlays: OverlayEngine;
}

/** What the folds depend on. */
export type EngineSettings = Pick<
  Settings,
  "pivotWindowMajor" | "pivotWindowMinor" | "factorLogicVersion" | "overlayWindowCandles"
>;

export function createEngines(settings: EngineSettings): Engines {
  return {
    factors: new FactorEngine({
      factors: STANDARD_FACTORS,
      pivotWindowMajor: settings.pivotWindowMajor,
      pivotWindowMinor: settings.pivotWindowMinor,
      logicVersion: settings.factorLogicVersion,
    }),
    overlays: new OverlayEngine({ windowCandles: settings.overlayWindowCandles }),
  };
}
