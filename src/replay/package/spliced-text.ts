/**
 * Texts that have much in common, with each common part stored once: a text says where in it a range of a tape belongs. The
 * ranges grow by an item at a time, so texts written out would grow with the square of their number.
 */

/** Bytes of a tape, between two items. */
export interface TapeRange {
  /** Number of the tape in its package. */
  readonly tape: number;
  /** Bytes [from, to) of it. */
  readonly from: number;
  readonly to: number;
}

export type SplicedPart = string | TapeRange;

/** JSON texts of items one behind the other, each followed by a comma. Only ever added to. */
export class Tape {
  readonly number: number;
  readonly #items: Buffer[] = [];
  readonly #starts: number[] = [0];

  constructor(number: number) {
    this.number = number;
  }

  /** How many items there are. */
  get count(): number {
    return this.#items.length;
  }

  add(item: string): void {
    const bytes = Buffer.from(`${item},`);
    this.#items.push(bytes);
    this.#starts.push((this.#starts.at(-1) as number) + bytes.length);
  }

  /** The items [from, to) separated by commas; no part at all when there are none. */
  range(from: number, to: number): readonly TapeRange[] {
    if (from >= to) return [];
    const end = (this.#starts[to] as number) - 1;
    return [{ tape: this.number, from: this.#starts[from] as number, to: end }];
  }

  bytes(): Buffer {
    return Buffer.concat(this.#items);
  }
}

/** A list that mostly loses items at its front and gains some at its end, on a tape of its own. */
export class SlidingList {
  readonly #tape: Tape;
  #items: readonly string[] = [];
  /** Number of its first item on the tape. */
  #from = 0;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  /** Puts the list as it is now on the tape, as far as it is not there. @returns whether it differs from the one before. */
  set(items: readonly string[]): boolean {
    const first = items[0];
    const dropped = first === undefined ? this.#items.length : this.#items.indexOf(first);
    const kept = dropped < 0 ? 0 : this.#items.length - dropped;
    const slides = dropped >= 0 && this.#items.slice(dropped).every((item, at) => item === items[at]);
    if (slides && dropped === 0 && kept === items.length) return false;
    this.#from = slides ? this.#from + dropped : this.#tape.count;
    for (const item of slides ? items.slice(kept) : items) this.#tape.add(item);
    this.#items = items;
    return true;
  }

  range(): readonly TapeRange[] {
    return this.#tape.range(this.#from, this.#from + this.#items.length);
  }
}

/** A text as it is stored: what is its own, and what belongs where in it. */
export interface SplicedText {
  readonly own: Buffer;
  /** {@link SPLICE_BYTES} for each range, in the order of the text: its place in `own`, its tape, from, to. */
  readonly splices: Buffer;
  /** Length of the text with everything in it, in bytes. */
  readonly wholeBytes: number;
}

/** A place and a range, as four unsigned numbers of 32 bits. */
export const SPLICE_BYTES = 16;

export interface Splice extends TapeRange {
  /** Where in the own text it belongs. */
  readonly at: number;
}

export class SplicedTextWriter {
  readonly #own: Buffer[] = [];
  #text = "";
  #ownBytes = 0;
  #rangeBytes = 0;
  readonly #splices: number[] = [];

  add(parts: readonly SplicedPart[]): void {
    for (const part of parts) {
      if (typeof part === "string") {
        this.#text += part;
        continue;
      }
      this.#endText();
      this.#splices.push(this.#ownBytes, part.tape, part.from, part.to);
      this.#rangeBytes += part.to - part.from;
    }
  }

  finish(): SplicedText {
    this.#endText();
    const splices = Buffer.alloc((this.#splices.length / 4) * SPLICE_BYTES);
    for (const [nth, number] of this.#splices.entries()) splices.writeUInt32LE(number, nth * 4);
    return { own: Buffer.concat(this.#own), splices, wholeBytes: this.#ownBytes + this.#rangeBytes };
  }

  #endText(): void {
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    this.#own.push(bytes);
    this.#ownBytes += bytes.length;
  }
}

/** The splices of a text, as {@link SplicedText} has them. */
export function parseSplices(bytes: Buffer): readonly Splice[] {
  return Array.from({ length: bytes.length / SPLICE_BYTES }, (_, nth) => {
    const at = nth * SPLICE_BYTES;
    const number = (column: number): number => bytes.readUInt32LE(at + column * 4);
    return { at: number(0), tape: number(1), from: number(2), to: number(3) };
  });
}
