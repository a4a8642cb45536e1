/** How far the ledgers of a series lag behind its candles. Spec: http-api §5.2. */

export interface ComponentDelay {
  readonly seconds: number | null;
  readonly candles: number | null;
}

export interface LedgerHealth {
  readonly factor: ComponentDelay;
  readonly overlay: ComponentDelay;
  readonly max: ComponentDelay;
  readonly status: "gray" | "green" | "yellow" | "red";
  readonly reason:
    | "no_store_head"
    | "missing_factor_overlay_head"
    | "missing_factor_head"
    | "missing_overlay_head"
    | "up_to_date"
    | "lagging_one_candle"
    | "lagging_many_candles";
}

export interface Heads {
  /** Seconds; null where there is none. */
  readonly store: number | null;
  readonly factor: number | null;
  readonly overlay: number | null;
}

export function ledgerHealth({ store, factor, overlay }: Heads, timeframeSeconds: number): LedgerHealth {
  const delays = {
    factor: delayOf(store, factor, timeframeSeconds),
    overlay: delayOf(store, overlay, timeframeSeconds),
  };
  const max = {
    seconds: larger(delays.factor.seconds, delays.overlay.seconds),
    candles: larger(delays.factor.candles, delays.overlay.candles),
  };
  const judged = (status: LedgerHealth["status"], reason: LedgerHealth["reason"]): LedgerHealth => ({
    ...delays,
    max,
    status,
    reason,
  });
  if (store === null) return judged("gray", "no_store_head");
  if (factor === null) {
    return judged("red", overlay === null ? "missing_factor_overlay_head" : "missing_factor_head");
  }
  if (overlay === null) return judged("red", "missing_overlay_head");
  if (max.candles === 0) return judged("green", "up_to_date");
  return max.candles === 1 ? judged("yellow", "lagging_one_candle") : judged("red", "lagging_many_candles");
}

function delayOf(store: number | null, head: number | null, timeframeSeconds: number): ComponentDelay {
  if (store === null || head === null) return { seconds: null, candles: null };
  const seconds = Math.max(0, store - head);
  return { seconds, candles: seconds === 0 ? 0 : Math.max(1, Math.ceil(seconds / timeframeSeconds)) };
}

function larger(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
