/** Decoded chunks that were read lately, bounded by the memory they take; the least recently read one goes first. */
import { DecodedChunk } from "./candle-run.js";
import { chunkRevision, decodeChunk } from "./chunk.js";

/** Memory that the cache may take, in bytes. */
const CACHE_BYTES = 64 * 1024 * 1024;

export class ChunkCache {
  readonly #limit: number;
  readonly #chunks = new Map<string, DecodedChunk>();
  #bytes = 0;

  constructor(limitBytes = CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** Decodes and checks the record, unless the same revision of it is still here. */
  get(key: Buffer, record: Buffer): DecodedChunk {
    const name = key.toString("latin1");
    const cached = this.#chunks.get(name);
    if (cached !== undefined) this.#drop(name, cached);
    const chunk =
      cached !== undefined && cached.chunk.revision === chunkRevision(record)
        ? cached
        : new DecodedChunk(decodeChunk(record));
    this.#chunks.set(name, chunk);
    this.#bytes += chunk.bytes;
    this.#shrink();
    return chunk;
  }

  #shrink(): void {
    for (const [name, chunk] of this.#chunks) {
      if (this.#bytes <= this.#limit) return;
      this.#drop(name, chunk);
    }
  }

  #drop(name: string, chunk: DecodedChunk): void {
    this.#chunks.delete(name);
    this.#bytes -= chunk.bytes;
  }
}
