/** What the machine must have: Node, open files, room on the disk, folders that can be written. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorText } from "../../actors/runtime/errors.js";
import { type Finding, fail, ok, warn } from "./finding.js";

/** The least version of Node that this program runs on, as in `engines` of package.json. */
export const LEAST_NODE = [20, 19] as const;

/** Room on the store's disk, in bytes: below the first it is about to be full, below the second within days. */
export const DISK_FAIL_BYTES = 512 * 1024 ** 2;
export const DISK_WARN_BYTES = 5 * 1024 ** 3;

/** Open files: a WebSocket client is one. Fewer than the first are not enough for a daemon, than the second for many clients. */
export const FILES_FAIL = 128;
export const FILES_WARN = 4_096;

/** @param version as in `process.version`. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  if (isEnough) return ok("node", version);
  return fail("node", `${version} is too old`, `install Node ${LEAST_NODE.join(".")} or later`);
}

/** @param limit null where the system does not tell. */
export function openFilesFinding(limit: number | null): Finding {
  if (limit === null) return ok("open files", "the system sets no limit, or does not tell");
  const remedy = "raise it: `ulimit -n 65536`, or LimitNOFILE=65536 in the unit";
  if (limit < FILES_FAIL) return fail("open files", `only ${limit} may be open`, remedy);
  if (limit < FILES_WARN) return warn("open files", `${limit} may be open: few for many WebSocket clients`, remedy);
  return ok("open files", `${limit} may be open`);
}

/** @param free bytes; null when it cannot be learned. */
export function diskFinding(folder: string, free: number | null): Finding {
  if (free === null) return warn("disk", `how much is free at ${folder} cannot be learned`, "look at it with df");
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
  const remedy = "make room, or set TRADE_CANVAS_DB_PATH to a folder on a larger disk; a candle takes about 281 bytes";
  if (free < DISK_FAIL_BYTES) return fail("disk", text, remedy);
  return free < DISK_WARN_BYTES ? warn("disk", text, remedy) : ok("disk", text);
}

/** Whether a folder can be written, or made. @param setting that names it. */
export function folderFinding(what: string, folder: string, setting: string): Finding {
  const remedy = `give this user the folder (chown, chmod), or set ${setting} to another one`;
  try {
    const there = nearestFolder(resolve(folder));
    if (!statSync(there).isDirectory()) return fail(what, `${there} is no folder`, remedy);
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(what, existsSync(folder) ? `${folder} can be written` : `${folder} will be made`);
  } catch (error) {
    return fail(what, `${folder} cannot be used: ${errorText(error)}`, remedy);
  }
}

/** The folder itself, or the nearest above it that is there. */
export function nearestFolder(folder: string): string {
  const parent = dirname(folder);
  return existsSync(folder) || parent === folder ? folder : nearestFolder(parent);
}
