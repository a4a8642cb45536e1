/** The behaviours of a series' two ledger actors, put together. */
import type { SeriesId } from "../../market/series-id.js";
import { FactorBehavior } from "../factor/factor.js";
import { OverlayBehavior } from "../overlay/overlay.js";
import type { TreeParts } from "./tree-parts.js";

export function createFactor(id: SeriesId, parts: TreeParts, onLagging: () => void): FactorBehavior {
  const { store, clock, damage, factor, ledgerLimits: limits } = parts;
  const { engine, enabled, rebuildOnNewFingerprint, rebuildKeepCandles } = factor;
  return new FactorBehavior({
    engine,
    enabled,
    rebuildOnNewFingerprint,
    rebuildKeepCandles,
    limits,
    id,
    store,
    clock,
    damage,
    onLagging,
  });
}

export function createOverlay(id: SeriesId, parts: TreeParts, onLagging: () => void): OverlayBehavior {
  const { store, clock, damage, overlay, factor, ledgerLimits: limits } = parts;
  const { engine, enabled } = overlay;
  return new OverlayBehavior({ engine, enabled, limits, factors: factor.engine, id, store, clock, damage, onLagging });
}
