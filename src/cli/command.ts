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

/** Wrong usage of a command. The message names the option, its value and the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * A command whose options are read before it runs.
 * @param read makes a plan of the arguments, or throws what is wrong with them; not asked when there is a `--help`.
 */
export function commandWith<P>(
  about: Pick<Command, "name" | "summary" | "help">,
  read: (args: string[]) => P,
  run: (plan: P, io: CommandIo) => Promise<number>,
): Command {
  return {
    ...about,
    run: async (args, io) => {
      if (args.includes("--help")) {
        io.out(about.help);
        return 0;
      }
      let plan: P;
      try {
        plan = read([...args]);
      } catch (error) {
        io.err(`trade-canvas ${about.name}: ${(error as Error).message}\n\n${about.help}`);
        return EXIT_USAGE;
      }
      try {
        return await run(plan, io);
      } catch (error) {
        // Some of what was asked shows only at work, such as a file that cannot be read.
        if (!(error instanceof UsageError)) throw error;
        io.err(`trade-canvas ${about.name}: ${error.message}`);
        return EXIT_USAGE;
      }
    },
  };
}

/** The exit code of wrong usage. */
export const EXIT_USAGE = 2;

/** Resolves when the signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
