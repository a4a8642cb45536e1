/**
 * The factor ledger as a pure fold over the closed candles of a series, one at a time: batching, restarts and rebuilds
 * never change it. The graph of factors is empty in this version; the fold knows how far it has come.
 */
import type { Candle } from "../market/candle.js";

/** Grows with every change of logic that makes ledgers different. */
const LOGIC = 1;

export interface FactorState {
  /** Open time in seconds of the newest candle folded in; null before the first. */
  readonly headTime: number | null;
}

export interface FactorEngine {
  /** Names logic and settings; a ledger with another fingerprint must be computed anew. */
  readonly fingerprint: string;
  initial(): FactorState;
  /** The state after one more candle. */
  step(state: FactorState, candle: Candle): FactorState;
  /** The state of a stored ledger whose head is `headTime` (seconds). */
  restore(headTime: number): FactorState;
}

/** @param logicVersion the operator's own part of the fingerprint, `TRADE_CANVAS_FACTOR_LOGIC_VERSION`. */
export function createFactorEngine(logicVersion: string): FactorEngine {
  return {
    fingerprint: `factor:${LOGIC}:${logicVersion}`,
    initial: () => ({ headTime: null }),
    step: (state, candle) => ({ headTime: Math.max(state.headTime ?? candle.time, candle.time) }),
    restore: (headTime) => ({ headTime }),
  };
}
