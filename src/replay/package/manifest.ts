/** What a package's folder holds: its manifest, and where in its contents each part lies. Design: docs/replay.md, "Packages". */
import { decodeCheckedJson, encodeCheckedJson } from "../../storage/checked-json.js";
import type { PackageMeta } from "./archive.js";

export const MANIFEST_FILE = "manifest";
export const CONTENTS_FILE = "contents";

/** Grows with every change that an older version could not read. */
const FORMAT = 1;

/** Contents are checked by pages of this many bytes: whoever reads a part reads whole pages. */
export const PAGE_BYTES = 64 * 1024;

/** Where a part lies in the contents. */
export type Span = readonly [offset: number, bytes: number];

/** The parts of a window, as they lie one behind the other. */
export const WINDOW_PARTS = [
  "kline",
  "catalogBase",
  "catalogPatch",
  "checkpoints",
  "diffs",
  "snapshots",
  "splices",
] as const;
export type WindowPart = (typeof WINDOW_PARTS)[number];

/** `snapshots` and `splices` are a text and its splices. */
export interface StoredWindow {
  readonly startIdx: number;
  readonly endIdx: number;
  readonly spans: Readonly<Record<WindowPart, Span>>;
}

export interface Manifest {
  readonly meta: PackageMeta;
  /** Length of the contents, and a checksum for each page of them. */
  readonly bytes: number;
  readonly pages: readonly number[];
  readonly windows: readonly StoredWindow[];
  readonly tapes: readonly Span[];
}

export function encodeManifest(manifest: Manifest): Buffer {
  return encodeCheckedJson({ format: FORMAT, ...manifest });
}

/** @returns undefined when it is not what was written, or by another version. */
export function decodeManifest(bytes: Buffer): Manifest | undefined {
  const value = decodeCheckedJson(bytes) as (Manifest & { readonly format: number }) | undefined;
  return value?.format === FORMAT ? value : undefined;
}
