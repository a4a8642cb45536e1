/** `trade-canvas config`: what an environment leads to, and the reference page of the settings. */
import { parseArgs } from "node:util";
import { loadAccessTokens } from "../config/access-tokens.js";
import { ConfigError } from "../config/config-error.js";
import { type Env, mergeEnv, readEnvFile } from "../config/env-file.js";
import { formatValue, type LoadedSettings, loadSettings, type Origin } from "../config/load.js";
import { formatNote } from "../config/notes.js";
import { renderReferencePage } from "../config/reference-page.js";
import { ALL_SETTINGS } from "../config/schema.js";
import type { Since } from "../config/setting.js";
import { loadWhitelist } from "../config/whitelist.js";
import type { Command, CommandIo } from "./command.js";

const HELP = `Usage: trade-canvas config <check | doc>

  check [--settings FILE]   Show every setting that differs from its default, where its value comes from, and what is
                            worth knowing about the environment. Exit code 1 if a process would refuse to start with it.
  doc                       Print the reference page of all settings (docs/flags.md).
  --help                    Print this text.

The real environment wins over FILE.`;

const EXIT_OK = 0;
const EXIT_PROBLEMS = 1;
const EXIT_USAGE = 2;

const SINCE_REMARKS: Readonly<Record<Since, string>> = {
  now: "",
  accepted: ", no effect",
};

type Request =
  | { readonly action: "help" | "doc" }
  | { readonly action: "check"; readonly envFile: string | undefined }
  | { readonly action: "misused"; readonly problem: string };

export const configCommand: Command = {
  name: "config",
  summary: "Check an environment, or print the reference page of all settings.",
  help: HELP,
  async run(args, io) {
    const request = parseRequest(args);
    switch (request.action) {
      case "help":
        printLines(HELP, io);
        return EXIT_OK;
      case "doc":
        printLines(renderReferencePage(), io);
        return EXIT_OK;
      case "check":
        return check(request.envFile, io);
      case "misused":
        io.err(`config: ${request.problem}. See trade-canvas config --help`);
        return EXIT_USAGE;
    }
  },
};

function parseRequest(args: readonly string[]): Request {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { settings: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    const [action, ...rest] = positionals;
    const envFile = values.settings;
    if (values.help) return { action: "help" };
    if (action === undefined) return misused("say what to do: check or doc");
    if (action !== "check" && action !== "doc") return misused(`${JSON.stringify(action)} is neither check nor doc`);
    if (rest.length > 0) return misused(`${JSON.stringify(rest[0])} is one argument too many`);
    if (action === "check") return { action, envFile };
    return envFile === undefined ? { action } : misused("--settings goes with check only");
  } catch (error) {
    // What follows the first sentence is advice about a syntax that this command does not have.
    return misused((error as Error).message.split(/\.(?:\s|$)/, 1).join());
  }
}

function misused(problem: string): Request {
  return { action: "misused", problem };
}

/** Does what a start does with the environment, and reports it instead of starting. */
function check(envFile: string | undefined, io: CommandIo): number {
  try {
    const file = envFile === undefined ? {} : readEnvFile(envFile);
    const loaded = loadSettings(mergeEnv(file, io.env));
    const path = loaded.settings.whitelistPath;
    const whitelist = loadWhitelist(path);
    const { accessTokensPath } = loaded.settings;
    const tokens = loadAccessTokens(accessTokensPath).map(({ name, scopes }) => `${name}: ${scopes.join(", ")}`);
    printSection("Settings that differ from their defaults", describeDifferences(loaded, io.env), io);
    printSection(`Whitelist ${path}`, whitelist, io);
    if (accessTokensPath !== undefined) printSection(`Access tokens ${accessTokensPath}`, tokens, io);
    printSection("Notes", loaded.notes.map(formatNote), io);
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) io.err(`${error.code}: ${problem}`);
    return EXIT_PROBLEMS;
  }
}

function describeDifferences({ settings, origins }: LoadedSettings, real: Env): readonly string[] {
  const defaults = loadSettings({}).settings;
  return ALL_SETTINGS.flatMap(([key, setting]) => {
    const value = formatValue(settings[key]);
    if (value === formatValue(defaults[key])) return [];
    const source = describeOrigin(setting.env, origins[key], real);
    return [`${setting.env}=${value} (${source}${SINCE_REMARKS[setting.since]})`];
  });
}

function describeOrigin(name: string, origin: Origin, real: Env): string {
  if (origin.from === "setting") return `derived from ${origin.env}`;
  return real[name] === undefined ? "file" : "environment";
}

function printSection(title: string, lines: readonly string[], io: CommandIo): void {
  io.out(`${title}:`);
  for (const line of lines.length > 0 ? lines : ["none"]) io.out(`  ${line}`);
}

function printLines(text: string, io: CommandIo): void {
  for (const line of text.split("\n")) io.out(line);
}
