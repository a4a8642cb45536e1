#!/usr/bin/env node
/** The command line: finds the command, and turns signals into its orderly end. */
import type { Command, CommandIo } from "./cli/command.js";
import { configCommand } from "./cli/config.js";
import { demoCommand } from "./cli/demo.js";
import { simulateCommand } from "./cli/simulate.js";
import { startCommand } from "./cli/start.js";
import { watchCommand } from "./cli/watch.js";
import { VERSION } from "./version.js";

const COMMANDS: readonly Command[] = [startCommand, demoCommand, watchCommand, simulateCommand, configCommand];

const USAGE = 2;
const INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const command = COMMANDS.find((candidate) => candidate.name === name);
  const io = createIo();
  if (command !== undefined) return command.run(rest, io);
  if (name === "--version") {
    io.out(VERSION);
    return 0;
  }
  const asked = name === undefined || name === "--help" || name === "help";
  if (!asked) io.err(`there is no command '${name}'`);
  (asked ? io.out : io.err)(overview());
  return asked ? 0 : USAGE;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    `trade-canvas ${VERSION}`,
    "",
    "usage: trade-canvas <command> [options]",
    "",
    ...lines,
    "",
    "trade-canvas <command> --help tells more.",
  ].join("\n");
}

function createIo(): CommandIo {
  const stop = new AbortController();
  const interrupt = (): void => {
    // A second signal does not wait for the orderly end.
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    env: process.env,
    stop: stop.signal,
  };
}

process.exitCode = await main(process.argv.slice(2));
// What is left running now is not worth waiting for: every command has closed what it opened.
process.exit();
