/**
 * Keeps two daemons from writing one store. A file names the holder; a holder that no longer runs (killed, or the
 * machine restarted) is recognised by its process id and start time, so that no one has to remove the file by hand.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "./errors.js";

const LOCK_FILE = "daemon.lock";
const ATTEMPTS = 3;

/** @returns a function that gives the lock back. @throws StoreError `store_in_use`. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, LOCK_FILE);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (createLock(file)) return () => rmSync(file, { force: true });
    const holder = readHolder(file);
    if (holder !== undefined && isRunning(holder)) {
      throw new StoreError(
        "store_in_use",
        `the store in ${folder} is held by process ${holder.pid}; stop it, or set TRADE_CANVAS_DB_PATH to another folder`,
      );
    }
    rmSync(file, { force: true });
  }
  throw new StoreError(
    "store_in_use",
    `the store in ${folder} is being opened by several processes at once; try again`,
  );
}

/** The id of the running process that holds the folder; undefined when none does. */
export function lockHolder(folder: string): number | undefined {
  const holder = readHolder(join(folder, LOCK_FILE));
  return holder !== undefined && isRunning(holder) ? holder.pid : undefined;
}

interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot; empty where the system does not tell. */
  readonly started: string;
}

/** A link appears whole or not at all, so no other process ever reads a lock without its holder. */
function createLock(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, started: startTime(process.pid) } satisfies Holder));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, "utf8")) as Partial<Holder>;
    return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return holder.started === "" || holder.started === startTime(holder.pid);
}

/** Field 22 of /proc/<pid>/stat; the process name before it may contain anything, so count from the last parenthesis. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
