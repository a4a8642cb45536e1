/**
 * The state of a series' ledgers at a candle: the checkpoint before it, folded on. The state used last is kept per series
 * and folded on from there, so that reads which follow the head, or walk through the past, are a step each.
 */
import type { FactorEngine, FactorFold, FactorFrame } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { OverlayEngine, Picture } from "../overlays/engine.js";
import type { StoreReader } from "../storage/store.js";
import { CloseCache } from "./close-cache.js";
import { factorBefore, pictureBefore, storedCloses } from "./restore.js";

/** Series whose last point is kept. */
const MAX_POINTS = 128;

/** Both ledgers at one candle. Valid until the next point of the series is asked for. */
export interface LedgerPoint {
  /** Open time of the candle in seconds. */
  readonly time: number;
  readonly fold: FactorFold;
  readonly frame: FactorFrame;
  /** Undefined when the drawing has not come this far. */
  readonly picture: Picture | undefined;
}

interface KeptPoint extends LedgerPoint {
  /** Block and generations: what a fold may go on within. */
  readonly place: string;
}

type Folds = Pick<LedgerPoint, "fold" | "picture">;

export interface LedgerPointsOptions {
  readonly store: StoreReader;
  readonly factors: FactorEngine;
  readonly overlays: OverlayEngine;
}

export class LedgerPoints {
  readonly #options: LedgerPointsOptions;
  readonly #points = new Map<string, KeptPoint>();
  readonly #closes = new CloseCache();

  constructor(options: LedgerPointsOptions) {
    this.#options = options;
  }

  /**
   * @param timeS time of a stored candle, in seconds, that the factor ledger has folded.
   * @returns undefined when the ledger begins later.
   */
  at(id: SeriesId, timeS: number): LedgerPoint | undefined {
    const { store, overlays } = this.#options;
    const factor = store.ledger(id.text, "factor");
    const overlay = store.ledger(id.text, "overlay");
    const block = store.ledgerBlockTime(id.text, "factor", timeS);
    const kept = this.#points.get(id.text);
    this.#points.delete(id.text);
    if (block === undefined) return undefined;
    const generations = `${factor.generation}:${overlay.generation}`;
    // Versions of a block that was drawn again do not go on from the block before: only its checkpoint knows them.
    const place = `${generations}:${block}`;
    const draws = overlay.head?.fingerprint === overlays.fingerprint && overlay.head.time >= timeS;
    const usable = kept?.place === place && kept.time <= timeS && (kept.picture !== undefined || !draws);
    const { fold, picture, fromS } = usable
      ? { ...kept, fromS: kept.time + 1 }
      : { ...this.#before(id, block, draws, generations), fromS: block };
    const drawn = draws ? picture : undefined;
    for (const candle of store.readBetween(id.text, fromS, timeS).candles()) {
      const frame = fold.step(candle);
      drawn?.draw(frame);
    }
    fold.release();
    return this.#keep(id, { fold, picture: drawn, place });
  }

  /** Both folds before a block. */
  #before(id: SeriesId, block: number, draws: boolean, generations: string): Folds {
    const { store, factors, overlays } = this.#options;
    const closes = this.#closes.source(`${id.text}:${generations}`, storedCloses(store, id.text));
    const fold = factorBefore(store, factors, id, block, closes);
    return { fold, picture: draws ? pictureBefore(store, overlays, id, block) : undefined };
  }

  #keep(id: SeriesId, { fold, picture, place }: Folds & Pick<KeptPoint, "place">): LedgerPoint | undefined {
    const { frame } = fold;
    if (frame === undefined) return undefined;
    const point: KeptPoint = { time: frame.candle.time, fold, frame, picture, place };
    this.#points.set(id.text, point);
    for (const series of this.#points.keys()) {
      if (this.#points.size <= MAX_POINTS) break;
      this.#points.delete(series);
    }
    return point;
  }
}
