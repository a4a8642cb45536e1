/**
 * The drawing of a series as a pure function of its factor state. There is nothing to draw in this version; the picture
 * knows which candle it stands at.
 */
import type { FactorState } from "../factors/engine.js";

const LOGIC = 1;

export interface OverlayState {
  /** Open time in seconds of the candle the picture stands at; null before the first. */
  readonly headTime: number | null;
}

export interface OverlayEngine {
  readonly fingerprint: string;
  /** The picture at the factor state's head; it never goes back in time. */
  render(previous: OverlayState, factor: FactorState): OverlayState;
}

export function createOverlayEngine(): OverlayEngine {
  return {
    fingerprint: `overlay:${LOGIC}`,
    render: (previous, factor) => ({
      headTime:
        factor.headTime === null ? previous.headTime : Math.max(previous.headTime ?? factor.headTime, factor.headTime),
    }),
  };
}
