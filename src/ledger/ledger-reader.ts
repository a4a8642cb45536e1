/**
 * The reads of the ledgers: slices, draw delta, world frame and poll, each made of one point, so that all parts of an
 * answer speak of the same candle. It reads the store and nothing else. Spec: http-api §5–7, flags §2.3; design §5.
 */
import type { FactorEngine } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { OverlayEngine } from "../overlays/engine.js";
import type { StoreReader } from "../storage/store.js";
import { type DrawnWindow, type DrawParts, drawJson, drawnWindow, emptyDraw, parseInstructionBlock } from "./draw.js";
import { eventBlockParser } from "./event-block.js";
import { isConsistent } from "./integrity.js";
import { type JsonText, joinParts } from "./json-parts.js";
import { LedgerError, outOfSync } from "./ledger-errors.js";
import { type LedgerPoint, LedgerPoints, type PointScope } from "./points.js";
import { RowCache } from "./row-cache.js";
import { SizedCache } from "./sized-cache.js";
import { emptySlices, eventsInWindow, type SliceParts, slicesJson } from "./slices.js";

/** Length of the kept answers of a kind, in bytes: the memory they take once no cache holds their pieces any more. */
const ANSWER_BYTES = 32 * 1024 * 1024;

export interface LedgerReaderOptions {
  readonly store: StoreReader;
  readonly factors: FactorEngine;
  readonly overlays: OverlayEngine;
  /** A ledger of another fingerprint is waiting to be computed anew, and is not read. */
  readonly rebuildOnNewFingerprint: boolean;
  /** A ledger that lags behind the candle asked for is an error, instead of being read as it is. */
  readonly strict: boolean;
  /** Which of the ledgers closed candles are folded into. */
  readonly kept: { readonly factor: boolean; readonly overlay: boolean };
}

/** The ledgers' heads in seconds; null where there is none that may be read. */
export interface LedgerHeads {
  readonly factor: number | null;
  readonly overlay: number | null;
}

export interface DeltaQuery {
  /** The version the client has come to; 0: it has nothing. */
  readonly cursor: number;
  readonly windowCandles: number;
  /** Ask for the picture at this time, in seconds, instead of the newest. */
  readonly atTime?: number | undefined;
}

/** A draw delta with what the answers around it need to know of it. */
export interface DrawDelta {
  readonly json: JsonText;
  /** Time of its candle in seconds; null when there are no candles. */
  readonly toTime: number | null;
  readonly nextVersion: number;
  readonly patchCount: number;
  readonly activeCount: number;
}

export interface FrameAnswer {
  readonly json: JsonText;
  /** Seconds: the time the frame was asked for, and the candle it speaks of. */
  readonly atTime: number;
  readonly alignedTime: number;
}

export interface PollAnswer {
  readonly json: JsonText;
  readonly nextId: number;
  /** Time of the record's candle in seconds; null when there is no record. */
  readonly toTime: number | null;
}

export class LedgerReader {
  readonly strict: boolean;
  readonly #options: LedgerReaderOptions;
  readonly #points: LedgerPoints;
  readonly #sliceParts: SliceParts;
  readonly #drawParts: DrawParts;
  readonly #slices = new SizedCache<JsonText>(ANSWER_BYTES, ({ bytes }) => bytes);
  readonly #pictures = new SizedCache<DrawDelta>(ANSWER_BYTES, ({ json }) => json.bytes);

  constructor(options: LedgerReaderOptions) {
    this.#options = options;
    this.strict = options.strict;
    this.#points = new LedgerPoints(options);
    const { store, factors: engine } = options;
    this.#sliceParts = { store, engine, rows: new RowCache("factor", eventBlockParser(engine)) };
    this.#drawParts = { store, rows: new RowCache("overlay", parseInstructionBlock) };
  }

  /** JSON text of the catalog. */
  catalogText(): string {
    return JSON.stringify(this.#options.factors.catalog);
  }

  /** Without a factor ledger to follow there is nothing to draw, and a drawing is never behind. Spec: flags §4. */
  heads(series: string): LedgerHeads {
    const { store, kept } = this.#options;
    const stored = this.#storedHeads(series);
    return kept.overlay && !kept.factor ? { ...stored, overlay: store.head(series).lastTime } : stored;
  }

  /** Greatest stored candle time at or before `timeS`; null when there is none. */
  floor(series: string, timeS: number): number | null {
    return this.#options.store.floor(series, timeS);
  }

  /** @throws LedgerError `factor_out_of_sync` */
  slices(id: SeriesId, atTime: number, windowCandles: number): JsonText {
    const aligned = this.floor(id.text, atTime);
    return aligned === null ? emptySlices(id.text, atTime) : this.#slicesAt(id, aligned, windowCandles, "factor");
  }

  /** @throws LedgerError `overlay_out_of_sync` or `factor_out_of_sync` */
  drawDelta(id: SeriesId, { cursor, windowCandles, atTime }: DeltaQuery): DrawDelta {
    const bound = this.#bound(id, atTime);
    if (bound === null) {
      const json = emptyDraw(id.text, cursor);
      return { json, toTime: null, nextVersion: cursor, patchCount: 0, activeCount: 0 };
    }
    const heads = this.heads(id.text);
    const lags = heads.overlay === null || heads.overlay < bound;
    if (lags && (this.strict || atTime !== undefined)) throw outOfSync("overlay", bound, heads.overlay);
    if (cursor === 0) this.#requireFactor(bound, heads);
    const isNewest = heads.factor === bound && heads.overlay === bound;
    if (cursor > 0 || !isNewest) return this.#draw(id, bound, cursor, windowCandles);
    const key = this.#answerKey(id, bound, windowCandles);
    return this.#pictures.get(key, () => this.#draw(id, bound, cursor, windowCandles));
  }

  #draw(id: SeriesId, bound: number, cursor: number, windowCandles: number): DrawDelta {
    const point = this.#pointAt(id, bound, this.#storedHeads(id.text).overlay, "both");
    const drawn = drawnWindow(this.#drawParts, { id, boundTime: bound, cursor, windowCandles }, point);
    if (cursor === 0) this.#requireConsistent(id, bound, windowCandles, drawn);
    return {
      json: drawJson(id.text, bound, drawn),
      toTime: bound,
      nextVersion: drawn.nextVersion,
      patchCount: drawn.patch.length,
      activeCount: drawn.activeIds.length,
    };
  }

  /** The newest frame. @throws LedgerError `no_data`, `no_overlay`, or what slices and draw delta throw. */
  liveFrame(id: SeriesId, windowCandles: number): FrameAnswer {
    const storeHead = this.#options.store.head(id.text).lastTime;
    const { overlay } = this.heads(id.text);
    if (storeHead === null) throw noData(id);
    if (overlay === null) throw new LedgerError("no_overlay", `nothing of ${id.text} has been drawn`);
    const aligned = this.floor(id.text, Math.min(storeHead, overlay));
    if (aligned === null) throw noData(id);
    return this.#frame(id, storeHead, aligned, windowCandles);
  }

  /** The frame at a time. @throws LedgerError like {@link liveFrame}, but for `no_overlay`. */
  frameAt(id: SeriesId, atTime: number, windowCandles: number): FrameAnswer {
    const aligned = this.floor(id.text, atTime);
    if (aligned === null) throw noData(id);
    return this.#frame(id, atTime, aligned, windowCandles);
  }

  /** What changed since a version: at most one record, of the newest candle. @throws LedgerError like {@link drawDelta}. */
  poll(id: SeriesId, afterId: number, windowCandles: number): PollAnswer {
    const delta = this.drawDelta(id, { cursor: afterId, windowCandles });
    const series = JSON.stringify(id.text);
    if (delta.toTime === null || delta.nextVersion <= afterId) {
      const none = `{"schema_version":1,"series_id":${series},"records":[],"next_cursor":{"id":${afterId}}}`;
      return { json: joinParts([none]), nextId: afterId, toTime: null };
    }
    const candleId = JSON.stringify(`${id.text}:${delta.toTime}`);
    const nextId = delta.nextVersion;
    const json = joinParts([
      `{"schema_version":1,"series_id":${series},"records":[{"id":${nextId},"series_id":${series}`,
      `,"to_candle_id":${candleId},"to_candle_time":${delta.toTime},"draw_delta":`,
      delta.json,
      `,"factor_slices":`,
      this.#slicesAt(id, delta.toTime, windowCandles, "both"),
      `}],"next_cursor":{"id":${nextId}}}`,
    ]);
    return { json, nextId, toTime: delta.toTime };
  }

  /** Both parts are made at one aligned time; the candle ids in them are therefore the same. */
  #frame(id: SeriesId, atTime: number, aligned: number, windowCandles: number): FrameAnswer {
    const slices = this.#slicesAt(id, aligned, windowCandles, "both");
    const draw = this.drawDelta(id, { cursor: 0, windowCandles, atTime: aligned });
    if (draw.toTime !== aligned) throw new LedgerError("out_of_sync", `drawn at ${draw.toTime}, asked for ${aligned}`);
    const candleId = JSON.stringify(`${id.text}:${aligned}`);
    const time = `{"at_time":${atTime},"aligned_time":${aligned},"candle_id":${candleId}}`;
    const json = joinParts([
      `{"schema_version":1,"series_id":${JSON.stringify(id.text)},"time":${time},"factor_slices":`,
      slices,
      `,"draw_state":`,
      draw.json,
      "}",
    ]);
    return { json, atTime, alignedTime: aligned };
  }

  /** @param scope what else will be asked for at the same candle. */
  #slicesAt(id: SeriesId, aligned: number, windowCandles: number, scope: PointScope): JsonText {
    const heads = this.heads(id.text);
    this.#requireFactor(aligned, heads);
    const make = (): JsonText => {
      const query = { id, alignedTime: aligned, windowCandles };
      const events = eventsInWindow(this.#sliceParts, query);
      const point = this.#pointAt(id, aligned, heads.factor, scope);
      return slicesJson(this.#sliceParts, query, point, events);
    };
    if (heads.factor !== aligned) return make();
    return this.#slices.get(this.#answerKey(id, aligned, windowCandles), make);
  }

  /**
   * Within a generation the answer for a candle that the ledgers have folded stays the same. Only those for the newest one
   * are kept: all clients ask for that, and answers are large.
   */
  #answerKey({ text }: SeriesId, time: number, windowCandles: number): string {
    const { store } = this.#options;
    const generations = (["factor", "overlay"] as const).map((ledger) => store.ledger(text, ledger).generation);
    return `${generations.join(":")}:${time}:${windowCandles}:${text}`;
  }

  /** The candle that a delta speaks of. */
  #bound(id: SeriesId, atTime: number | undefined): number | null {
    if (atTime !== undefined) return this.floor(id.text, atTime);
    return this.#options.store.head(id.text).lastTime;
  }

  #requireFactor(time: number, { factor }: LedgerHeads): void {
    if (this.strict && (factor === null || factor < time)) throw outOfSync("factor", time, factor);
  }

  /** The drawing shows the anchor and the zones that the slices name. It cannot be otherwise unless a ledger lags. */
  #requireConsistent(id: SeriesId, bound: number, windowCandles: number, drawn: DrawnWindow): void {
    const point = this.#pointAt(id, bound, this.heads(id.text).factor, "factor");
    if (point === undefined) return;
    const events = eventsInWindow(this.#sliceParts, { id, alignedTime: bound, windowCandles });
    if (!isConsistent(point, events, drawn)) {
      throw new LedgerError("overlay_mismatch", `the drawing at ${bound} does not show what the factors say`);
    }
  }

  /** The point at a candle, or at the head (seconds) of a ledger that has not come that far. */
  #pointAt(id: SeriesId, timeS: number, head: number | null, scope: PointScope): LedgerPoint | undefined {
    return head === null ? undefined : this.#points.at(id, Math.min(timeS, head), scope);
  }

  /** How far the ledgers have really been computed. */
  #storedHeads(series: string): LedgerHeads {
    const { store, factors, overlays, rebuildOnNewFingerprint } = this.#options;
    const factor = store.ledger(series, "factor").head;
    const overlay = store.ledger(series, "overlay").head;
    const readable = factor?.fingerprint === factors.fingerprint || !rebuildOnNewFingerprint;
    return {
      factor: readable ? (factor?.time ?? null) : null,
      overlay: readable && overlay?.fingerprint === overlays.fingerprint ? overlay.time : null,
    };
  }
}

function noData(id: SeriesId): LedgerError {
  return new LedgerError("no_data", `${id.text} has no candle at or before the time asked for`);
}
