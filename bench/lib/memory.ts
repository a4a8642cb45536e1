/** What a process holds. */
import { readFileSync } from "node:fs";

/** What was let go of is collected in the course of a few rounds, some of it by other threads. */
const ROUNDS = 5;
const PAUSE_MS = 20;

/**
 * Bytes of objects and of buffers that belong to them, after garbage was collected. Needs `--expose-gc`; without it NaN.
 */
export async function heldBytes(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) return Number.NaN;
  for (let round = 0; round < ROUNDS; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    gc();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Resident memory in bytes without mapped files, whose pages the system takes back when it needs them. */
export function ownResidentBytes(): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
