/** Both ledgers at one candle after the other: restored before the first, and folded on from there. Design: docs/ledgers.md. */
import type { FactorEngine, FactorFold, FactorFrame } from "../../factors/engine.js";
import { factorBefore, pictureBefore } from "../../ledger/restore.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { OverlayEngine, Picture } from "../../overlays/engine.js";
import type { StoreReader } from "../../storage/store.js";

/** What a package is made from. */
export interface LedgerSource {
  readonly store: StoreReader;
  readonly factors: FactorEngine;
  readonly overlays: OverlayEngine;
}

/** Both ledgers at a candle; valid until the walk goes on. */
export interface LedgerState {
  readonly fold: FactorFold;
  readonly frame: FactorFrame;
  /** Undefined when nothing is drawn. */
  readonly picture: Picture | undefined;
}

type Folds = Pick<LedgerState, "fold" | "picture">;

export class LedgerWalk {
  readonly #source: LedgerSource;
  readonly #id: SeriesId;
  readonly #draws: boolean;
  #folds: Folds | undefined;

  /** @param draws whether there is a drawing to follow. */
  constructor(source: LedgerSource, id: SeriesId, draws: boolean) {
    this.#source = source;
    this.#id = id;
    this.#draws = draws;
  }

  /**
   * The ledgers at a stored candle: the one behind the last asked for, or any as the first.
   * @returns undefined while the factor ledger has not begun.
   * @throws LedgerDamage
   */
  next(candle: Candle): LedgerState | undefined {
    if (this.#folds === undefined) this.#folds = this.#before(candle);
    else if (this.#folds.fold.isAtBlockStart) this.#folds = this.#nextBlock(this.#folds.fold, candle);
    return this.#folds && stepped(this.#folds, candle);
  }

  /** Both folds before a candle. */
  #before({ time }: Candle): Folds | undefined {
    const { store, factors } = this.#source;
    const block = store.ledgerBlockTime(this.#id.text, "factor", time);
    if (block === undefined) return undefined;
    const folds = { fold: factorBefore(store, factors, this.#id, block), picture: this.#pictureBefore(block) };
    for (const earlier of store.readBetween(this.#id.text, block, time - 1).candles()) stepped(folds, earlier);
    return folds;
  }

  /**
   * At a block's first candle. The factor fold goes on, which a checkpoint would only bring back; the drawing is brought
   * back, because a block that was drawn again has versions that only its checkpoint knows.
   */
  #nextBlock(fold: FactorFold, { time }: Candle): Folds {
    return { fold, picture: this.#pictureBefore(time) };
  }

  #pictureBefore(blockTimeS: number): Picture | undefined {
    const { store, overlays } = this.#source;
    return this.#draws ? pictureBefore(store, overlays, this.#id, blockTimeS) : undefined;
  }
}

function stepped({ fold, picture }: Folds, candle: Candle): LedgerState {
  const frame = fold.step(candle);
  picture?.draw(frame);
  return { fold, frame, picture };
}
