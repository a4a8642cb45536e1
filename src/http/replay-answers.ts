/** How packages and their windows are written on the wire. Spec: replay §4, §5, §7. */
import { type JsonPart, type JsonText, joinParts } from "../ledger/json-parts.js";
import type { PackageWindow } from "../replay/package/archive.js";

/** What the encoded members of a window are called. */
export interface WindowNames {
  readonly catalogBase: string;
  readonly catalogPatch: string;
  readonly checkpoints: string;
  readonly diffs: string;
  /** Members that stand behind the others, as JSON text. */
  readonly rest: string;
}

/** Of a replay window. */
export const DRAW_NAMES: WindowNames = {
  catalogBase: "draw_catalog_base",
  catalogPatch: "draw_catalog_patch",
  checkpoints: "draw_active_checkpoints",
  diffs: "draw_active_diffs",
  rest: "",
};

/** Of a window as it is stored. */
export const STORED_NAMES: WindowNames = {
  catalogBase: "catalog_base",
  catalogPatch: "catalog_patch",
  checkpoints: "checkpoints",
  diffs: "diffs",
  rest: `,"event_catalog":null`,
};

export function windowJson(window: PackageWindow, names: WindowNames): JsonText {
  const { windowIndex, startIdx, endIdx } = window;
  return joinParts([
    `{"window_index":${windowIndex},"start_idx":${startIdx},"end_idx":${endIdx},"kline":`,
    window.kline,
    `,"${names.catalogBase}":`,
    window.catalogBase,
    `,"${names.catalogPatch}":`,
    window.catalogPatch,
    `,"${names.checkpoints}":`,
    window.checkpoints,
    `,"${names.diffs}":`,
    window.diffs,
    `${names.rest}}`,
  ]);
}

/** An object whose last members are JSON already; undefined stands for null. */
export function withJsonMembers(
  object: Readonly<Record<string, unknown>>,
  members: Readonly<Record<string, JsonPart | undefined>>,
): JsonText {
  const head = JSON.stringify(object).slice(0, -1);
  const tail = Object.entries(members).flatMap(([name, part]) => [`,${JSON.stringify(name)}:`, part ?? "null"]);
  return joinParts([head, ...tail, "}"]);
}
