/** What the process of a soak holds, hour by hour, and whether it keeps growing. */
import { createMemoryDisk, type DatabaseSize, type MemoryDisk } from "../../storage/memory-env.js";
import type { SoakOptions } from "./plan.js";
import { type Slope, slopeOf } from "./slope.js";

/** What is read of the process, in bytes, after its garbage was collected. */
export interface MemoryReading {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly rss: number;
}

export type MemoryProbe = () => MemoryReading;

/** A reading with what of it is the simulation's own disk. Bytes. */
export interface MemorySample extends MemoryReading {
  /** Virtual hours since the start. */
  readonly hour: number;
  /** Life of the daemon that ran; 0 for none. */
  readonly life: number;
  /** `heapUsed` and `arrayBuffers` without the simulated disk. */
  readonly heapWithoutDisk: number;
  readonly buffersWithoutDisk: number;
  readonly disk: DatabaseSize;
}

/** Caches of a new life fill for so many virtual hours; what was sampled before does not count. */
export const WARM_UP_HOURS = 3;
/**
 * Growth of the heap in an hour that is none, in bytes: what the machine compiles as it goes and what rings of a fixed length
 * take until they are full, and for each series a few bytes per candle. Ledgers grow until support/resistance holds its
 * pivots, which takes some two weeks of 1m. Buffers are not judged: most are the cache of decoded chunks, which takes a day
 * to come to its bound, and what keeps buffers keeps objects too.
 */
const GROWTH_LIMIT_BYTES = { process: 256 * 1_024, series: 256, seriesWithLedgers: 1_024 } as const;
/** Entries that a trial disk is filled with. */
const TRIAL_ENTRIES = 20_000;
const TRIAL_KEY_BYTES = 13;
const TRIAL_VALUE_BYTES = 300;

export interface MemoryVerdict {
  /** Bytes of heap per virtual hour, the simulated disk left out; undefined when too few samples count. */
  readonly slope: Slope | undefined;
  readonly limitPerHour: number;
  readonly samplesUsed: number;
}

/** Samples the process of a run. */
export class MemoryDiary {
  readonly samples: MemorySample[] = [];
  readonly #probe: MemoryProbe;
  readonly #entryBytes: number;

  constructor(probe: MemoryProbe) {
    this.#probe = probe;
    this.#entryBytes = heapBytesPerEntry(probe);
  }

  note(hour: number, life: number, { databases }: MemoryDisk): void {
    const sizes = Object.values(databases).map((database) => database.size());
    const disk = {
      entries: sizes.reduce((sum, { entries }) => sum + entries, 0),
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    const reading = this.#probe();
    const heapWithoutDisk = Math.round(reading.heapUsed - disk.entries * this.#entryBytes);
    const buffersWithoutDisk = reading.arrayBuffers - disk.bytes;
    this.samples.push({ ...reading, hour, life, heapWithoutDisk, buffersWithoutDisk, disk });
  }

  /** The growth in the last life, after its warm-up. */
  verdict({ series, ledgers }: Pick<SoakOptions, "series" | "ledgers">): MemoryVerdict {
    const last = this.samples.filter(({ life }) => life === this.samples.at(-1)?.life);
    const fromHour = (last[0]?.hour ?? 0) + WARM_UP_HOURS;
    const used = last.filter(({ hour }) => hour >= fromHour);
    const slope = slopeOf(used.map(({ hour, heapWithoutDisk }) => ({ x: hour, y: heapWithoutDisk })));
    const perSeries = ledgers ? GROWTH_LIMIT_BYTES.seriesWithLedgers : GROWTH_LIMIT_BYTES.series;
    return { slope, limitPerHour: GROWTH_LIMIT_BYTES.process + perSeries * series, samplesUsed: used.length };
  }
}

/** What an entry of the simulated disk takes of the heap, where its bytes are not, found by trial. */
function heapBytesPerEntry(probe: MemoryProbe): number {
  const trial = createMemoryDisk().databases.candles;
  const before = probe().heapUsed;
  for (let index = 0; index < TRIAL_ENTRIES; index += 1) {
    const key = Buffer.allocUnsafe(TRIAL_KEY_BYTES);
    key.writeUInt32BE(index, 0);
    trial.putSync(key, Buffer.allocUnsafe(TRIAL_VALUE_BYTES));
  }
  trial.forgetChanges();
  const { heapUsed } = probe();
  return Math.max(0, (heapUsed - before) / trial.size().entries);
}
