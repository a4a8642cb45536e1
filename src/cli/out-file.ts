/** The option `--out FILE` of commands that write a summary. */
import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "./command.js";

/** @throws UsageError when the file cannot be written: before hours of work, not after. */
export function requireWritable(file: string): void {
  try {
    accessSync(existsSync(file) ? file : dirname(resolve(file)), constants.W_OK);
  } catch (error) {
    throw new UsageError(`--out ${file} cannot be written: ${(error as Error).message}`);
  }
}

/** Writes a summary to where it was asked for; nowhere when it was not. */
export function writeSummary(file: string | undefined, summary: unknown): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(summary, undefined, 2)}\n`);
}
