/**
 * The state of a series' ledgers at a candle: the checkpoint before it, folded on. The state used last is kept per series
 * and folded on from there, so that reads which follow the head, or walk through the past, are a step each.
 */
import type { FactorEngine, FactorFold, FactorFrame } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { OverlayEngine, Picture } from "../overlays/engine.js";
import type { StoreReader } from "../storage/store.js";
import { CloseCache } from "./close-cache.js";
import { type FoldSource, factorBefore, pictureBefore, storedCloses } from "./restore.js";
import { SizedCache } from "./sized-cache.js";

/** Series whose last point is kept. */
const MAX_POINTS = 128;

/** Which of the ledgers a point is asked for. The drawing is folded along as long as it comes at the price of a step. */
export type PointScope = "factor" | "both";

/** Memory that kept checkpoints may take, in bytes: a block's take some 40,000. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;

/** What a kept checkpoint takes besides its text, in bytes, roughly: where a ledger begins there is no text. */
const BYTES_PER_CHECKPOINT = 256;

/** Both ledgers at one candle. Valid until the next point of the series is asked for. */
export interface LedgerPoint {
  /** Open time of the candle in seconds. */
  readonly time: number;
  readonly fold: FactorFold;
  readonly frame: FactorFrame;
  /** Undefined when the drawing has not come this far, or was not asked for. */
  readonly picture: Picture | undefined;
}

interface KeptPoint extends LedgerPoint {
  /** Block and generations: what a fold may go on within. */
  readonly place: string;
}

interface Checkpoint {
  readonly text?: string | undefined;
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
  readonly #checkpoints = new SizedCache<Checkpoint>(
    CHECKPOINT_BYTES,
    ({ text = "" }) => text.length + BYTES_PER_CHECKPOINT,
  );

  constructor(options: LedgerPointsOptions) {
    this.#options = options;
  }

  /**
   * @param timeS time of a stored candle, in seconds, that the factor ledger has folded.
   * @returns undefined when the ledger begins later.
   */
  at(id: SeriesId, timeS: number, scope: PointScope): LedgerPoint | undefined {
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
    const asked = draws && scope === "both";
    const usable = kept?.place === place && kept.time <= timeS && (kept.picture !== undefined || !asked);
    const { fold, picture, fromS } = usable
      ? { ...kept, fromS: kept.time + 1 }
      : { ...this.#before(id, block, asked, generations), fromS: block };
    const drawn = draws ? picture : undefined;
    if (fromS > timeS) return this.#keep(id, { fold, picture: drawn, place });
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
    const name = `${id.text}:${generations}`;
    const closes = this.#closes.source(name, storedCloses(store, id.text));
    const source: FoldSource = {
      read: (...query) => store.read(...query),
      readBefore: (...range) => store.readBefore(...range),
      checkpoint: (...place) =>
        this.#checkpoints.get([name, ...place].join(":"), () => ({ text: store.checkpoint(...place) })).text,
    };
    const fold = factorBefore(source, factors, id, block, closes);
    return { fold, picture: draws ? pictureBefore(source, overlays, id, block) : undefined };
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
