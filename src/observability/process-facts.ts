/** What the system says of this process and of the disk below its store. */
import { readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";

export interface ProcessFacts {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** Memory of buffers and of native code that Node knows of. */
  readonly externalBytes: number;
  readonly cpuS: number;
  readonly uptimeS: number;
  /** Null where the system does not tell. */
  readonly openFiles: number | null;
  readonly openFilesLimit: number | null;
  /** Of the store's data file; null when it cannot be looked at, as the next. */
  readonly storeBytes: number | null;
  readonly diskFreeBytes: number | null;
}

/** @param storeFile the data file of the store. */
export function readProcessFacts(storeFile: string): ProcessFacts {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    cpuS: (user + system) / 1e6,
    uptimeS: process.uptime(),
    openFiles: orNull(() => readdirSync("/proc/self/fd").length),
    openFilesLimit: openFilesLimit(),
    storeBytes: orNull(() => statSync(storeFile).size),
    diskFreeBytes: diskFreeBytes(join(storeFile, "..")),
  };
}

/** Files that this process may have open; null where the system does not tell, or sets no limit. */
export function openFilesLimit(): number | null {
  const limits = orNull(() => readFileSync("/proc/self/limits", "utf8"));
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits ?? "") ?? [];
  return soft === undefined ? null : Number(soft);
}

/** Bytes that may still be written below a folder; null when that cannot be learned. */
export function diskFreeBytes(folder: string): number | null {
  return orNull(() => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  });
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
