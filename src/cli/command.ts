/** What a sub-command of the command line is. One file per command in this folder; `main.ts` lists them. */

/** The world as a command sees it; injected so that a command can be run from a test. */
export interface CommandIo {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT and SIGTERM: the command finishes what it must and returns. */
  readonly stop: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The text of `--help`. */
  readonly help: string;
  /** Runs to completion and returns the exit code. Wrong usage prints what is wrong and the remedy, and returns 2. */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}
