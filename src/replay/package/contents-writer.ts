/** Writes the contents of a package in one pass, and takes down the checksum of every page. Blocks: for a process of its own. */
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { ReplayBuildError } from "./archive.js";
import { CONTENTS_FILE, encodeManifest, MANIFEST_FILE, type Manifest, PAGE_BYTES, type Span } from "./manifest.js";

/** Contents of a package at most, in bytes. */
export const MAX_CONTENTS_BYTES = 1024 ** 3;

export class ContentsWriter {
  readonly #folder: string;
  readonly #file: number;
  readonly #pages: number[] = [];
  #bytes = 0;
  /** Checksum of the page that is not full, so far. */
  #open = 0;

  /** @param folder is created; nothing may be in its place. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#file = openSync(join(folder, CONTENTS_FILE), "wx");
  }

  /** @throws ReplayBuildError `package_too_large` */
  add(part: Buffer): Span {
    const span: Span = [this.#bytes, part.length];
    if (this.#bytes + part.length > MAX_CONTENTS_BYTES) {
      throw new ReplayBuildError(
        "package_too_large",
        `the package has more than ${MAX_CONTENTS_BYTES} bytes; ask for fewer candles`,
      );
    }
    for (let from = 0; from < part.length; ) {
      const left = PAGE_BYTES - (this.#bytes % PAGE_BYTES);
      const piece = part.subarray(from, from + left);
      this.#open = crc32(piece, this.#open);
      this.#bytes += piece.length;
      from += piece.length;
      if (piece.length === left) this.#endPage();
    }
    for (let written = 0; written < part.length; ) written += writeSync(this.#file, part, written);
    return span;
  }

  /** Puts everything on disk, with the manifest. */
  finish(manifest: Omit<Manifest, "bytes" | "pages">): void {
    if (this.#bytes % PAGE_BYTES !== 0) this.#endPage();
    fsyncSync(this.#file);
    const file = openSync(join(this.#folder, MANIFEST_FILE), "wx");
    try {
      writeFileSync(file, encodeManifest({ ...manifest, bytes: this.#bytes, pages: this.#pages }));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #endPage(): void {
    this.#pages.push(this.#open);
    this.#open = 0;
  }
}
