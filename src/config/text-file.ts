/** Reads the small text files of the configuration. */
import { readFileSync, statSync } from "node:fs";

/** A configuration file larger than this is not read, in bytes. */
export const CONFIG_FILE_MAX_BYTES = 1_048_576;

export type TextFile =
  | { readonly status: "read"; readonly text: string }
  | { readonly status: "missing" }
  | { readonly status: "unreadable"; readonly reason: string };

/** The text of a file (UTF-8, byte order mark removed). Never throws. */
export function readTextFile(path: string): TextFile {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { status: "unreadable", reason: "it is no regular file" };
    if (stats.size > CONFIG_FILE_MAX_BYTES) {
      return { status: "unreadable", reason: `it has ${stats.size} bytes, more than ${CONFIG_FILE_MAX_BYTES}` };
    }
    return { status: "read", text: readFileSync(path, "utf8").replace(/^\uFEFF/, "") };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { status: "missing" } : { status: "unreadable", reason: message };
  }
}
