import { describe, expect, test } from "vitest";
import { checkMemory } from "../../../src/simulation/soak/checks.js";
import { MemoryDiary, WARM_UP_HOURS } from "../../../src/simulation/soak/memory.js";
import { createMemoryDisk } from "../../../src/storage/memory-env.js";

const MIB = 1024 * 1024;
const SOAK = { series: 1_000, ledgers: false };

const reading = (heapUsed: number) => ({ heapUsed, arrayBuffers: 17, rss: 90 });

/** The diary of a process that held so many bytes in the hours of its lives. The trial disk takes nothing. */
function diaryOf(hours: readonly { readonly life: number; readonly bytes: number }[]): MemoryDiary {
  let bytes = 0;
  const diary = new MemoryDiary(() => reading(bytes));
  for (const [index, held] of hours.entries()) {
    bytes = held.bytes;
    diary.note(index + 1, held.life, createMemoryDisk());
  }
  return diary;
}

const steady = (life: number, count: number, perHour: number) =>
  Array.from({ length: count }, (_, hour) => ({ life, bytes: 100 * MIB + hour * perHour }));

describe("the diary of memory", () => {
  test("keeps what was read, with what is on the simulated disk", () => {
    const diary = new MemoryDiary(() => reading(100 * MIB));
    const disk = createMemoryDisk();
    disk.databases.candles.putSync(Buffer.from("key"), Buffer.from("value"));
    disk.databases.heads.putSync(Buffer.from("k"), Buffer.from("v"));
    diary.note(1, 2, disk);
    expect(diary.samples).toEqual([
      {
        hour: 1,
        life: 2,
        heapUsed: 100 * MIB,
        heapWithoutDisk: 100 * MIB,
        buffersWithoutDisk: 7,
        arrayBuffers: 17,
        rss: 90,
        disk: { entries: 2, bytes: 10 },
      },
    ]);
  });

  test("takes the objects of the simulated disk for none of the daemon's", () => {
    const readings = [50 * MIB, 54 * MIB, 60 * MIB];
    // The trial fills 20,000 entries with 4 MiB.
    const diary = new MemoryDiary(() => reading(readings.shift() ?? 0));
    const disk = createMemoryDisk();
    for (let index = 0; index < 10_000; index += 1) {
      disk.databases.candles.putSync(Buffer.from(`${index}`), Buffer.alloc(1));
    }
    diary.note(1, 1, disk);
    expect(diary.samples[0]?.heapWithoutDisk).toBe(58 * MIB);
  });

  test("finds growth in the last life, and says how much", () => {
    const verdict = diaryOf([...steady(1, 3, 0), ...steady(2, 12, MIB)]).verdict(SOAK);
    expect(verdict.samplesUsed).toBe(12 - WARM_UP_HOURS);
    expect(verdict.slope?.slope).toBeCloseTo(MIB, 0);
    expect(checkMemory(verdict)).toEqual([
      { check: "memory_flat", message: expect.stringContaining("grows by 1024 KiB an hour") },
    ]);
  });

  test("holds what an earlier life left, and what caches take in the first hours, for no growth", () => {
    const warm = [40, 60, 80].map((mib) => ({ life: 2, bytes: mib * MIB }));
    const diary = diaryOf([...steady(1, 5, 10 * MIB), ...warm, ...steady(2, 8, 0)]);
    expect(checkMemory(diary.verdict(SOAK))).toEqual([]);
  });

  test("lets ledgers fill, but not at any pace", () => {
    const at = (perHour: number, ledgers: boolean) =>
      checkMemory(diaryOf(steady(1, 12, perHour)).verdict({ ...SOAK, ledgers })).length;
    const filling = 1_000 * SOAK.series;
    expect([at(filling, true), at(filling, false), at(4 * filling, true)]).toEqual([0, 1, 1]);
  });

  test("has no verdict on a life that is too short", () => {
    const verdict = diaryOf(steady(1, WARM_UP_HOURS + 2, MIB)).verdict(SOAK);
    expect(verdict.slope).toBeUndefined();
    expect(checkMemory(verdict)).toEqual([]);
  });
});
