/** What a read returns: a run of stored candles, ascending, as slices of decoded chunks that are shared with the cache. */
import { type Candle, candleJson } from "../market/candle.js";
import { type Chunk, candleAt, firstAfter, rowClose, rowCount, rowTime } from "./chunk.js";

/** A decoded chunk with its JSON text, made when first asked for. */
export class DecodedChunk {
  readonly chunk: Chunk;
  #json: Buffer | undefined;
  /** Where in the text each candle begins; one more than there are candles. */
  #starts: Uint32Array | undefined;

  constructor(chunk: Chunk) {
    this.chunk = chunk;
  }

  get count(): number {
    return rowCount(this.chunk.rows);
  }

  /** Roughly what this chunk holds in memory once its text is made. */
  get bytes(): number {
    return this.chunk.rows.byteLength * 3;
  }

  /** The candles [from, to) as JSON, separated by commas. */
  json(from: number, to: number): Buffer {
    if (from >= to) return Buffer.alloc(0);
    const { json, starts } = this.#text();
    return json.subarray(starts[from], (starts[to] as number) - 1);
  }

  #text(): { json: Buffer; starts: Uint32Array } {
    if (this.#json !== undefined && this.#starts !== undefined) return { json: this.#json, starts: this.#starts };
    const starts = new Uint32Array(this.count + 1);
    let text = "";
    for (let index = 0; index < this.count; index += 1) {
      text += `${candleJson(candleAt(this.chunk.rows, index))},`;
      starts[index + 1] = text.length;
    }
    const json = Buffer.from(text, "latin1");
    this.#json = json;
    this.#starts = starts;
    return { json, starts };
  }
}

/** Candles [from, to) of a chunk. */
export interface Segment {
  readonly source: DecodedChunk;
  readonly from: number;
  readonly to: number;
}

const COMMA = Buffer.from(",");

export class CandleRun {
  readonly #segments: readonly Segment[];
  readonly count: number;

  constructor(segments: readonly Segment[]) {
    this.#segments = segments.filter((segment) => segment.to > segment.from);
    this.count = this.#segments.reduce((sum, segment) => sum + segment.to - segment.from, 0);
  }

  /** Open time in seconds of the oldest candle of the run; null when it is empty. */
  get firstTime(): number | null {
    const first = this.#segments[0];
    return first === undefined ? null : rowTime(first.source.chunk.rows, first.from);
  }

  /** Open time in seconds of the newest candle of the run; null when it is empty. */
  get lastTime(): number | null {
    const last = this.#segments.at(-1);
    return last === undefined ? null : rowTime(last.source.chunk.rows, last.to - 1);
  }

  candles(): Candle[] {
    const candles: Candle[] = [];
    for (const { source, from, to } of this.#segments) {
      for (let index = from; index < to; index += 1) candles.push(candleAt(source.chunk.rows, index));
    }
    return candles;
  }

  /** Times (seconds) and closes of the run's candles. */
  closeColumns(): { readonly times: Float64Array; readonly closes: Float64Array } {
    const times = new Float64Array(this.count);
    const closes = new Float64Array(this.count);
    let at = 0;
    for (const { source, from, to } of this.#segments) {
      for (let index = from; index < to; index += 1) {
        times[at] = rowTime(source.chunk.rows, index);
        closes[at] = rowClose(source.chunk.rows, index);
        at += 1;
      }
    }
    return { times, closes };
  }

  /** The candles in wire form, separated by commas, between what is to stand before and after them. */
  json(before = "", after = ""): Buffer {
    const parts: Buffer[] = [Buffer.from(before)];
    for (const { source, from, to } of this.#segments) {
      if (parts.length > 1) parts.push(COMMA);
      parts.push(source.json(from, to));
    }
    return Buffer.concat([...parts, Buffer.from(after)]);
  }

  /** The part of the run up to and including `timeS`. */
  upTo(timeS: number): CandleRun {
    return new CandleRun(
      this.#segments.map(({ source, from, to }) => ({
        source,
        from,
        to: Math.min(to, firstAfter(source.chunk.rows, timeS)),
      })),
    );
  }
}
