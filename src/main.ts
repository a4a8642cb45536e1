#!/usr/bin/env node
/** The command line: finds the command, and turns signals into its orderly end. */
import type { Command, CommandIo } from "./cli/command.js";
import { createSystemClock } from "./clock/system-clock.js";
import { VERSION } from "./version.js";

/** Loaded when asked for: the daemon does not carry the simulator, nor the simulator the daemon. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./cli/start.js")).startCommand,
  demo: async () => (await import("./cli/demo.js")).demoCommand,
  watch: async () => (await import("./cli/watch.js")).watchCommand,
  simulate: async () => (await import("./cli/simulate.js")).simulateCommand,
  sim: async () => (await import("./cli/sim.js")).simCommand,
  soak: async () => (await import("./cli/soak.js")).soakCommand,
  backfill: async () => (await import("./cli/backfill.js")).backfillCommand,
  audit: async () => (await import("./cli/audit.js")).auditCommand,
  token: async () => (await import("./cli/token.js")).tokenCommand,
  inspect: async () => (await import("./cli/inspect.js")).inspectCommand,
  doctor: async () => (await import("./cli/doctor.js")).doctorCommand,
  export: async () => (await import("./cli/export.js")).exportCommand,
  backup: async () => (await import("./cli/backup.js")).backupCommand,
  config: async () => (await import("./cli/config.js")).configCommand,
};

const USAGE = 2;
const INTERRUPTED = 130;

/** One Ctrl-C may arrive twice: from the terminal and from npm. Milliseconds. */
const SAME_SIGNAL_MS = 500;

async function main(args: readonly string[]): Promise<number> {
  const [name = "--help", ...rest] = args;
  const io = createIo();
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return (await load()).run(rest, io);
  if (name === "--version") {
    io.out(VERSION);
    return 0;
  }
  const asked = name === "--help" || name === "help";
  if (!asked) io.err(`trade-canvas: there is no command '${name}'`);
  (asked ? io.out : io.err)(await overview());
  return asked ? 0 : USAGE;
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
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
  const clock = createSystemClock();
  let firstMs = 0;
  const interrupt = (): void => {
    if (!stop.signal.aborted) {
      firstMs = clock.monotonic();
      stop.abort();
    } else if (clock.monotonic() - firstMs > SAME_SIGNAL_MS) {
      // Whoever asks again does not want to wait for the orderly end.
      process.exit(INTERRUPTED);
    }
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
