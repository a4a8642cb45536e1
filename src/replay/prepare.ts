/** Brings the ledgers of a series up to the candle that a replay is to end with. Spec: replay §1; D-17. */
import type { LedgerSync, ReadyHeads } from "../ledger/ledger-sync.js";
import type { SeriesId } from "../market/series-id.js";
import { PREPARED_WINDOW, within } from "./package-params.js";

export interface Prepared {
  /** Seconds: what was asked for, or the newest candle; and the candle at or before it. */
  readonly requestedTime: number;
  readonly alignedTime: number;
  /** Handed back inside its bounds; without effect. */
  readonly windowCandles: number;
  readonly heads: ReadyHeads;
  /** Whether a ledger was behind, and brought up. */
  readonly computed: boolean;
}

/** @throws LedgerError `no_data`, `factor_out_of_sync` or `overlay_out_of_sync` */
export async function prepareReplay(
  sync: LedgerSync,
  id: SeriesId,
  toTime: number | null,
  windowCandles: number | null,
): Promise<Prepared> {
  const point = sync.resolveAlignedPoint(id, toTime);
  const { refreshed } = await sync.refreshIfNeeded(id, point.alignedTime);
  const heads = sync.requireHeadsReady(id, point.alignedTime);
  return { ...point, windowCandles: within(PREPARED_WINDOW, windowCandles), heads, computed: refreshed };
}
