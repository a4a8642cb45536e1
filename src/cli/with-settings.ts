/** Commands that work with the settings of a daemon, and mostly with its store. */
import { join } from "node:path";
import { ConfigError } from "../config/config-error.js";
import { type Env, mergeEnv, readEnvFile } from "../config/env-file.js";
import { loadSettings } from "../config/load.js";
import { projectRoot } from "../config/project-root.js";
import type { Settings } from "../config/schema.js";
import { StoreError } from "../storage/errors.js";
import type { CommandIo } from "./command.js";

/** The options of `parseArgs` that {@link settingsFileOf} reads. */
export const SETTINGS_OPTIONS = { settings: { type: "string" }, bare: { type: "boolean" } } as const;

/** What `--help` says of them. */
export const SETTINGS_HELP = `  --settings FILE  environment file with the settings of the daemon; default config/live.env
  --bare           read no file: the built-in defaults and the environment only`;

/** The file with the settings; undefined for none. */
export function settingsFileOf(values: { readonly settings?: string; readonly bare?: boolean }): string | undefined {
  return values.bare === true ? undefined : (values.settings ?? join(projectRoot(), "config", "live.env"));
}

/** The environment with the file's settings below it. @throws ConfigError for a file that cannot be read. */
export function envWith(file: string | undefined, { env }: Pick<CommandIo, "env">): Env {
  return file === undefined ? env : mergeEnv(readEnvFile(file), env);
}

const FAILED = 1;

/** Does work with the settings; what is wrong with them, or with the store, is said in lines. @returns the exit code. */
export async function withSettings(
  command: string,
  file: string | undefined,
  io: CommandIo,
  work: (settings: Settings) => Promise<number>,
): Promise<number> {
  const refuse = (problem: string): number => {
    io.err(`trade-canvas ${command}: ${problem}`);
    return FAILED;
  };
  try {
    return await work(loadSettings(envWith(file, io)).settings);
  } catch (error) {
    if (error instanceof ConfigError) return refuse(error.problems.join(`\ntrade-canvas ${command}: `));
    if (error instanceof StoreError || (error as NodeJS.ErrnoException).code !== undefined) {
      return refuse((error as Error).message);
    }
    throw error;
  }
}
