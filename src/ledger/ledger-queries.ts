/**
 * The ledger reads as the switches want them: strict reads that never compute, plain ones that show what there is, or reads
 * that bring the ledgers up to the candle first. Spec: flags §2.3, §2.4; http-api §5.3, §6.
 */
import type { SeriesId } from "../market/series-id.js";
import { LedgerDamage } from "../storage/errors.js";
import type { DamageNotes } from "./damage.js";
import type { JsonText } from "./json-parts.js";
import { LedgerError, outOfSync } from "./ledger-errors.js";
import type { DeltaQuery, DrawDelta, FrameAnswer, LedgerReader, PollAnswer } from "./ledger-reader.js";
import type { LedgerSync } from "./ledger-sync.js";

export interface LedgerQueriesOptions {
  readonly reader: LedgerReader;
  readonly sync: LedgerSync;
  readonly implicitRecompute: boolean;
  readonly damage: DamageNotes;
}

export class LedgerQueries {
  readonly reader: LedgerReader;
  readonly sync: LedgerSync;
  /** Whether a read computes what is missing; never while reads are strict. */
  readonly implicitRecompute: boolean;
  readonly #damage: DamageNotes;

  constructor({ reader, sync, implicitRecompute, damage }: LedgerQueriesOptions) {
    this.reader = reader;
    this.sync = sync;
    this.implicitRecompute = implicitRecompute;
    this.#damage = damage;
  }

  /** @throws LedgerError like {@link LedgerReader.slices}. */
  async slices(id: SeriesId, atTime: number, windowCandles: number): Promise<JsonText> {
    await this.#computeUpTo(id, atTime);
    return this.#read(id, () => this.reader.slices(id, atTime, windowCandles));
  }

  /** @throws LedgerError like {@link LedgerReader.drawDelta}. */
  async drawDelta(id: SeriesId, query: DeltaQuery): Promise<DrawDelta> {
    if (query.cursor === 0) await this.#computeUpTo(id, query.atTime);
    return this.#consistent(id, () => this.reader.drawDelta(id, query));
  }

  /** @throws LedgerError like {@link LedgerReader.liveFrame}. */
  async liveFrame(id: SeriesId, windowCandles: number): Promise<FrameAnswer> {
    await this.#computeUpTo(id, undefined);
    return this.#consistent(id, () => this.reader.liveFrame(id, windowCandles));
  }

  /** @throws LedgerError like {@link LedgerReader.frameAt}. */
  async frameAt(id: SeriesId, atTime: number, windowCandles: number): Promise<FrameAnswer> {
    await this.#computeUpTo(id, atTime);
    return this.#consistent(id, () => this.reader.frameAt(id, atTime, windowCandles));
  }

  /** @throws LedgerError like {@link LedgerReader.poll}. */
  async poll(id: SeriesId, afterId: number, windowCandles: number): Promise<PollAnswer> {
    await this.#computeUpTo(id, undefined);
    return this.#consistent(id, () => this.reader.poll(id, afterId, windowCandles));
  }

  get #computes(): boolean {
    return this.implicitRecompute && !this.reader.strict;
  }

  async #computeUpTo(id: SeriesId, atTime: number | undefined): Promise<void> {
    if (!this.#computes) return;
    const aligned = this.reader.floor(id.text, atTime ?? Number.MAX_SAFE_INTEGER);
    const { factor } = this.reader.heads(id.text);
    if (aligned !== null && (factor === null || factor < aligned)) await this.sync.refresh(id);
  }

  /** A drawing that does not show what the factors say is made anew, once, where reads may compute. */
  async #consistent<T>(id: SeriesId, make: () => T): Promise<T> {
    try {
      return await this.#read(id, make);
    } catch (error) {
      const repairable = error instanceof LedgerError && error.code === "overlay_mismatch";
      if (!repairable || !this.#computes) throw error;
      await this.sync.redraw(id);
      return make();
    }
  }

  /** A damaged ledger counts as one that lags: the next run of the series computes it anew, where reads may compute this one. */
  async #read<T>(id: SeriesId, make: () => T): Promise<T> {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof LedgerDamage)) throw error;
      this.#damage.note(id.text, error);
      if (!this.#computes)
        throw outOfSync(error.ledger, this.reader.floor(id.text, Number.MAX_SAFE_INTEGER) ?? 0, null);
      await this.sync.refresh(id);
      return make();
    }
  }
}
