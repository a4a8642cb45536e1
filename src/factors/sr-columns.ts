/** The pivots of one side of sr as columns of numbers: hundreds of objects would take several times the room. */

/** One value per slot in each. A pivot keeps its slot until it is dropped; then the newest one gets it. */
export interface PivotColumns {
  readonly time: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly atr: Float64Array;
  readonly idx: Int32Array;
  /** Slot of the pivot with which this one makes a level. */
  readonly partner: Int16Array;
  readonly touches: Uint8Array;
}

export const NO_PARTNER = -1;

const DOUBLES = 4;
const BYTES_PER_PIVOT =
  DOUBLES * Float64Array.BYTES_PER_ELEMENT +
  Int32Array.BYTES_PER_ELEMENT +
  Int16Array.BYTES_PER_ELEMENT +
  Uint8Array.BYTES_PER_ELEMENT;

/** All in one buffer, wider ones first, so that each begins where its elements may: a buffer each takes 100 bytes more. */
export function columnsFor(room: number): PivotColumns {
  const buffer = new ArrayBuffer(room * BYTES_PER_PIVOT);
  const double = (nth: number): Float64Array =>
    new Float64Array(buffer, nth * room * Float64Array.BYTES_PER_ELEMENT, room);
  const idx = new Int32Array(buffer, DOUBLES * room * Float64Array.BYTES_PER_ELEMENT, room);
  const partner = new Int16Array(buffer, idx.byteOffset + idx.byteLength, room).fill(NO_PARTNER);
  const touches = new Uint8Array(buffer, partner.byteOffset + partner.byteLength, room);
  return { time: double(0), high: double(1), low: double(2), atr: double(3), idx, partner, touches };
}

/** The same values, and room for more. */
export function grown(columns: PivotColumns, room: number): PivotColumns {
  const larger = columnsFor(room);
  for (const name of Object.keys(larger) as (keyof PivotColumns)[]) larger[name].set(columns[name]);
  return larger;
}
