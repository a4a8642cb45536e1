/**
 * Reads a package from its folder, page by page, each checked: what is not as it was written is no package. Design:
 * docs/replay.md, "Packages".
 */
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Clock, nextTurn } from "../../clock/clock.js";
import { type JsonPart, type JsonText, joinParts } from "../../ledger/json-parts.js";
import type { PackageWindow } from "./archive.js";
import {
  CONTENTS_FILE,
  decodeManifest,
  MANIFEST_FILE,
  type Manifest,
  PAGE_BYTES,
  type Span,
  type StoredWindow,
} from "./manifest.js";
import { parseSplices, type Splice } from "./spliced-text.js";

/** Bytes read and checked in one turn of the event loop: about half a millisecond. */
const READ_BYTES = 16 * PAGE_BYTES;

/** Splices put in in one turn of the event loop: about as long. */
const SPLICES_PER_TURN = 1_000;

/** What is stored of a package is not what was written. */
export class DamagedPackage extends Error {
  override readonly name = "DamagedPackage";
}

/** The manifest of the package in a folder; undefined when there is no whole package. @throws Error of the system. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = decodeManifest(await readFile(join(folder, MANIFEST_FILE)));
    const { size } = await stat(join(folder, CONTENTS_FILE));
    return size === manifest?.bytes ? manifest : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Reads from the contents of a package. @throws DamagedPackage or Error of the system, or what `read` throws. */
export async function withContents<T>(
  folder: string,
  manifest: Manifest,
  read: (contents: Contents) => Promise<T>,
): Promise<T> {
  const file = await open(join(folder, CONTENTS_FILE));
  try {
    return await read(new Contents(file, manifest));
  } finally {
    await file.close();
  }
}

export class Contents {
  /** How much was read so far, in bytes. */
  bytesRead = 0;
  readonly #file: FileHandle;
  readonly #manifest: Manifest;

  constructor(file: FileHandle, manifest: Manifest) {
    this.#file = file;
    this.#manifest = manifest;
  }

  /** @throws DamagedPackage */
  async read([offset, length]: Span): Promise<Buffer> {
    const start = offset - (offset % PAGE_BYTES);
    const end = Math.min(this.#manifest.bytes, Math.ceil((offset + length) / PAGE_BYTES) * PAGE_BYTES);
    const bytes = Buffer.allocUnsafe(Math.max(0, end - start));
    this.bytesRead += bytes.length;
    for (let from = 0; from < bytes.length; from += READ_BYTES) {
      const part = bytes.subarray(from, from + READ_BYTES);
      const { bytesRead } = await this.#file.read(part, 0, part.length, start + from);
      if (bytesRead < part.length) throw new DamagedPackage(`the contents end at ${start + from + bytesRead}`);
      this.#check(part, (start + from) / PAGE_BYTES);
    }
    return bytes.subarray(offset - start, offset - start + length);
  }

  /** A window as an answer has it. @param clock lets others run between slices of the work. @throws DamagedPackage */
  async window(clock: Clock, windowIndex: number, { startIdx, endIdx, spans }: StoredWindow): Promise<PackageWindow> {
    const [offset] = spans.kline;
    const region = await this.read([offset, endOf(spans.splices) - offset]);
    const part = ([at, length]: Span): Buffer => region.subarray(at - offset, at - offset + length);
    const text = (span: Span): JsonText => ({ pieces: [part(span)], bytes: span[1] });
    const splices = parseSplices(part(spans.splices));
    return {
      windowIndex,
      startIdx,
      endIdx,
      kline: text(spans.kline),
      catalogBase: text(spans.catalogBase),
      catalogPatch: text(spans.catalogPatch),
      checkpoints: text(spans.checkpoints),
      diffs: text(spans.diffs),
      factorSnapshots: await this.#spliced(clock, part(spans.snapshots), splices),
    };
  }

  /** The text as an array. */
  async #spliced(clock: Clock, own: Buffer, splices: readonly Splice[]): Promise<JsonText> {
    const tapes = await this.#tapes(splices);
    const texts: JsonText[] = [];
    let at = 0;
    for (let from = 0; from < splices.length; from += SPLICES_PER_TURN) {
      const parts: JsonPart[] = [];
      for (const splice of splices.slice(from, from + SPLICES_PER_TURN)) {
        parts.push(own.subarray(at, splice.at), tapes.get(splice.tape)?.(splice) ?? "");
        at = splice.at;
      }
      texts.push(joinParts(parts));
      await nextTurn(clock);
    }
    return joinParts(["[", ...texts, own.subarray(at), "]"]);
  }

  /** What is needed of each tape, read once. */
  async #tapes(splices: readonly Splice[]): Promise<ReadonlyMap<number, (splice: Splice) => Buffer>> {
    const needed = new Map<number, { from: number; to: number }>();
    for (const { tape, from, to } of splices) {
      const range = needed.get(tape);
      needed.set(tape, { from: Math.min(from, range?.from ?? from), to: Math.max(to, range?.to ?? to) });
    }
    const tapes = new Map<number, (splice: Splice) => Buffer>();
    for (const [tape, range] of needed) {
      const [offset] = this.#manifest.tapes[tape] as Span;
      const bytes = await this.read([offset + range.from, range.to - range.from]);
      tapes.set(tape, ({ from, to }) => bytes.subarray(from - range.from, to - range.from));
    }
    return tapes;
  }

  #check(bytes: Buffer, firstPage: number): void {
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const page = firstPage + at / PAGE_BYTES;
      if (crc32(bytes.subarray(at, at + PAGE_BYTES)) !== this.#manifest.pages[page]) {
        throw new DamagedPackage(`page ${page} of the contents fails its checksum`);
      }
    }
  }
}

function endOf([offset, length]: Span): number {
  return offset + length;
}
