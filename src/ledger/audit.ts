/**
 * Computes the ledgers of a series anew from its candles and compares them with what is stored: rows, checkpoints and
 * versions. What the store says of a series must be the fold of its candles, and nothing else. Design: C-1.
 */
import type { FactorEngine, FactorFold } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { OverlayEngine, Picture } from "../overlays/engine.js";
import type { LedgerHead } from "../storage/ledger-records.js";
import type { StoreReader } from "../storage/store.js";
import { Comparison, type LedgerVerdict } from "./comparison.js";
import { storedCloses } from "./restore.js";
import { eventLine, instructionLine } from "./rows.js";

/** Candles read at a time. */
const PAGE_CANDLES = 2_048;

export interface SeriesAudit {
  readonly series: string;
  readonly candles: number;
  readonly factor: LedgerVerdict;
  readonly overlay: LedgerVerdict;
}

export interface AuditOptions {
  readonly store: StoreReader;
  readonly factors: FactorEngine;
  readonly overlays: OverlayEngine;
  /** Called now and then with the number of candles folded so far. */
  readonly onProgress?: (candles: number) => void;
}

/** Audits one series. It does not give way: all reads see one state of the store. */
export function auditSeries(options: AuditOptions, id: SeriesId): SeriesAudit {
  const { store, factors, overlays, onProgress } = options;
  const factorHead = store.ledger(id.text, "factor").head;
  const overlayHead = store.ledger(id.text, "overlay").head;
  const factor = new Comparison(store, id.text, "factor", factorHead, factors.fingerprint);
  const overlay = new Comparison(store, id.text, "overlay", overlayHead, overlays.fingerprint);
  const { count } = store.head(id.text);
  if (factorHead !== null && factor.isComparable) {
    const fold = factors.begin(id.timeframeSeconds, storedCloses(store, id.text));
    const picture = overlays.begin(id.timeframeSeconds);
    for (const page of candlesOf(store, id, factorHead)) {
      for (const candle of page) step(fold, picture, candle, factor, overlay);
      fold.release();
      onProgress?.(fold.count);
    }
  }
  return { series: id.text, candles: count, factor: factor.verdict(), overlay: overlay.verdict() };
}

function* candlesOf(store: StoreReader, id: SeriesId, head: LedgerHead) {
  let since = (head.origin ?? 0) - 1;
  for (;;) {
    const page = store.readBetween(id.text, since + 1, head.time, PAGE_CANDLES).candles();
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    since = last.time;
  }
}

function step(
  fold: FactorFold,
  picture: Picture,
  candle: Parameters<FactorFold["step"]>[0],
  factor: Comparison,
  overlay: Comparison,
): void {
  if (fold.isAtBlockStart) {
    factor.beginBlock(candle.time, fold.count === 0 ? undefined : fold.save());
    overlay.beginBlock(candle.time, undefined);
  }
  const frame = fold.step(candle);
  factor.candle(candle.time, frame.events.map(eventLine));
  overlay.candle(candle.time, picture.draw(frame).map(instructionLine));
}
