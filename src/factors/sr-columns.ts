/** The pivots of one side of sr as columns of numbers: hundreds of objects would take several times the room. */
import { PackedColumns } from "./packed-columns.js";

/** One value per slot in each. A pivot keeps its slot until it is dropped; then the newest one gets it. */
export interface PivotColumns {
  readonly idx: Int32Array;
  readonly time: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly atr: Float64Array;
  /** Slot of the pivot with which this one makes a level. */
  readonly partner: Int16Array;
  readonly touches: Uint8Array;
}

export const NO_PARTNER = -1;

const NAMES = ["idx", "time", "high", "low", "atr", "partner", "touches"] as const;

export function columnsFor(room: number): PivotColumns {
  return {
    idx: new Int32Array(room),
    time: new Float64Array(room),
    high: new Float64Array(room),
    low: new Float64Array(room),
    atr: new Float64Array(room),
    partner: new Int16Array(room).fill(NO_PARTNER),
    touches: new Uint8Array(room),
  };
}

/** The same values, and room for more. */
export function grown(columns: PivotColumns, room: number): PivotColumns {
  const larger = columnsFor(room);
  for (const name of NAMES) larger[name].set(columns[name]);
  return larger;
}

export function packedColumns(columns: PivotColumns): PackedColumns {
  return new PackedColumns(NAMES.map((name) => columns[name]));
}

export function columnsFrom(packed: PackedColumns): PivotColumns {
  const unpacked = packed.unpack();
  const columns = columnsFor((unpacked[0] as Float64Array).length);
  for (const [nth, name] of NAMES.entries()) columns[name].set(unpacked[nth] as Float64Array);
  return columns;
}
