/**
 * JSON text as pieces of bytes. Most of an answer was encoded for an earlier one: answers share such pieces with each other
 * and with the caches, so that an answer of a megabyte takes hardly any memory, however slowly its client reads.
 */

export interface JsonText {
  readonly pieces: readonly Buffer[];
  /** Length of all pieces together, in bytes. */
  readonly bytes: number;
}

export type JsonPart = string | Buffer | JsonText;

/** Shorter pieces, in bytes, are copied together: handing one on by itself costs more than that. */
const SHARED_BYTES = 4_096;

/** The parts one after the other. Buffers must not change afterwards. */
export function joinParts(parts: readonly JsonPart[]): JsonText {
  const pieces: Buffer[] = [];
  let text = "";
  let short: Buffer[] = [];
  const endText = (): void => {
    if (text !== "") short.push(Buffer.from(text));
    text = "";
  };
  const add = (piece: Buffer): void => {
    endText();
    if (piece.length < SHARED_BYTES) {
      short.push(piece);
      return;
    }
    pieces.push(...joined(short), piece);
    short = [];
  };
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else if (Buffer.isBuffer(part)) add(part);
    else for (const piece of part.pieces) add(piece);
  }
  endText();
  pieces.push(...joined(short));
  return { pieces, bytes: pieces.reduce((sum, { length }) => sum + length, 0) };
}

/** The text as a string. */
export function jsonString({ pieces }: JsonText): string {
  return Buffer.concat(pieces).toString();
}

/** The parts as the items of an array or the members of an object, separated by commas. */
export function separated<Part>(parts: readonly Part[]): readonly (Part | string)[] {
  return parts.flatMap((part, at) => (at === 0 ? [part] : [",", part]));
}

function joined(pieces: readonly Buffer[]): readonly Buffer[] {
  return pieces.length > 1 ? [Buffer.concat(pieces)] : pieces;
}
