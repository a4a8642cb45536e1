/** The draw delta as JSON text: what to show at a candle, and what changed since a cursor. Spec: overlays §7; C-6b. */
import type { SeriesId } from "../market/series-id.js";
import { isHistoryOfPresent } from "../overlays/anchor.js";
import { type Instruction, spanOf } from "../overlays/instruction.js";
import type { StoreReader } from "../storage/store.js";
import { type JsonText, joinParts } from "./json-parts.js";
import type { LedgerPoint } from "./points.js";
import type { Parsed, RowCache } from "./row-cache.js";
import { type InstructionRow, linesOf, parseInstructionLine } from "./rows.js";
import { windowStart } from "./slices.js";

/** Instructions of one answer at most; of more, the newest. */
export const MAX_PATCH_ITEMS = 50_000;

/** Memory that an instruction takes besides its text, in bytes, roughly. */
const BYTES_PER_INSTRUCTION = 192;

/** The lasting instructions of a block, by version. */
export interface InstructionBlock extends Parsed {
  readonly instructions: readonly InstructionRow[];
}

export function parseInstructionBlock(rows: string): InstructionBlock {
  const instructions = linesOf(rows).map(parseInstructionLine);
  return { instructions, bytes: instructions.length * BYTES_PER_INSTRUCTION };
}

export interface DrawQuery {
  readonly id: SeriesId;
  /** Time of the candle that the answer speaks of, in seconds. */
  readonly boundTime: number;
  /** The client's cursor; 0: it has nothing yet. */
  readonly cursor: number;
  readonly windowCandles: number;
}

export interface DrawParts {
  readonly store: StoreReader;
  readonly rows: RowCache<InstructionBlock>;
}

/** The picture of a window, and what of it a client with a cursor lacks. */
export interface DrawnWindow {
  /** Instructions inside the window, lasting ones and live ones, by ascending version. */
  readonly patch: readonly InstructionRow[];
  /** Ids to show, ascending. */
  readonly activeIds: readonly string[];
  /** The highest version at the candle; where the client goes on. */
  readonly nextVersion: number;
}

/** Reads the picture at a point. Without a point nothing is drawn yet. */
export function drawnWindow(parts: DrawParts, query: DrawQuery, point: LedgerPoint | undefined): DrawnWindow {
  if (point?.picture === undefined) return { patch: [], activeIds: [], nextVersion: 0 };
  const { id, boundTime, cursor, windowCandles } = query;
  const cut = windowStart(id, boundTime, windowCandles);
  const live = point.picture.live().map(liveRow);
  const inWindow = lastPerId(lastingSince(parts, id, cut, point.time)).filter(
    (row) => isInWindow(row, cut) && !isHistoryOfPresent(row.id, row.from, point.frame),
  );
  const active = [...inWindow, ...live].filter((row) => row.to >= cut && row.from <= boundTime);
  const changed =
    cursor === 0
      ? [...inWindow, ...live.filter((row) => row.to >= cut || !isEnded(row))]
      : [...lastPerId(lastingAfter(parts, id, cursor, point.time)), ...live.filter(({ version }) => version > cursor)];
  const patch = changed.sort((a, b) => a.version - b.version).slice(-MAX_PATCH_ITEMS);
  // What was cut off the patch the client has never seen: it must not be told to show it.
  const oldest = patch.length < changed.length ? (patch[0]?.version ?? 0) : 0;
  const known = active.filter(({ version }) => version <= cursor || version >= oldest);
  return { patch, activeIds: known.map((row) => row.id).sort(), nextVersion: point.picture.lastVersion };
}

/** The answer for a series without candles. @param cursor is handed back as it is. */
export function emptyDraw(series: string, cursor: number): JsonText {
  return drawJson(series, null, { patch: [], activeIds: [], nextVersion: cursor });
}

/** The delta as JSON text. */
export function drawJson(series: string, boundTime: number | null, drawn: DrawnWindow): JsonText {
  const candleId = boundTime === null ? null : `${series}:${boundTime}`;
  return joinParts([
    `{"schema_version":1,"series_id":${JSON.stringify(series)},"to_candle_id":${JSON.stringify(candleId)}` +
      `,"to_candle_time":${boundTime},"active_ids":${JSON.stringify(drawn.activeIds)}` +
      `,"instruction_catalog_patch":[${drawn.patch.map(({ text }) => text).join()}],"series_points":{}` +
      `,"next_cursor":{"version_id":${drawn.nextVersion},"point_time":null}}`,
  ]);
}

/** Lasting instructions that became visible in [cut, untilS], by version. Whatever touches the window is among them. */
function lastingSince({ store, rows }: DrawParts, id: SeriesId, cut: number, untilS: number): InstructionRow[] {
  const fromS = store.ledgerBlockTime(id.text, "overlay", cut) ?? 0;
  const found: InstructionRow[] = [];
  for (const { parsed } of rows.blocks(store, id.text, { fromS, toS: untilS })) {
    for (const row of parsed.instructions) if (row.time >= cut && row.time <= untilS) found.push(row);
  }
  return found;
}

/** Lasting instructions later than a cursor and visible at `untilS`, by version; the newest, if there are too many. */
function lastingAfter({ store, rows }: DrawParts, id: SeriesId, cursor: number, untilS: number): InstructionRow[] {
  const blocks: (readonly InstructionRow[])[] = [];
  let count = 0;
  for (const block of rows.blocks(store, id.text, { fromS: 0, toS: untilS, descending: true })) {
    blocks.push(block.parsed.instructions.filter(({ version, time }) => version > cursor && time <= untilS));
    count += block.parsed.instructions.length;
    if (block.startVersion <= cursor || count >= MAX_PATCH_ITEMS) break;
  }
  return blocks.reverse().flat();
}

/** An id that was drawn again counts as it was drawn last. */
function lastPerId(rows: readonly InstructionRow[]): InstructionRow[] {
  const byId = new Map<string, InstructionRow>();
  for (const row of rows) byId.set(row.id, row);
  return byId.size === rows.length ? [...rows] : [...byId.values()];
}

/** Markers by the candle they mark; lines that became visible in the window belong to it wholly. */
function isInWindow({ from, to, time }: InstructionRow, cut: number): boolean {
  return to >= cut || (time >= cut && from !== to);
}

/** A broken level is over; other live instructions go on although nothing of them lies in the window. */
function isEnded({ id }: InstructionRow): boolean {
  return id.startsWith("sr.broken:");
}

/** A live instruction in the form of those that are stored. */
export function liveRow(instruction: Instruction): InstructionRow {
  const { version_id: version, visible_time: time, instruction_id: id, definition } = instruction;
  return { version, time, ...spanOf(definition), id, text: JSON.stringify(instruction) };
}
