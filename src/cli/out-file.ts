/** The option `--out FILE` of commands that write one. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
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

/** A file that gets its name when it is whole: until then, and when it is given up, what had the name before keeps it. */
export class DraftFile {
  readonly #file: string;
  readonly #draft: string;
  readonly #descriptor: number;

  /** @throws Error of the system. */
  constructor(file: string) {
    this.#file = file;
    this.#draft = `${file}.draft-${process.pid}`;
    this.#descriptor = openSync(this.#draft, "w");
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
  }

  /** It is on disk and has its name when this returns. */
  keep(): void {
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    renameSync(this.#draft, this.#file);
  }

  discard(): void {
    closeSync(this.#descriptor);
    rmSync(this.#draft, { force: true });
  }
}
