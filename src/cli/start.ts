/** `trade-canvas start`: the daemon against live Binance. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mergeEnv, readEnvFile } from "../config/env-file.js";
import { projectRoot } from "../config/project-root.js";
import { commandWith } from "./command.js";
import { runDaemon } from "./daemon.js";

const HELP = `usage: trade-canvas start [--settings FILE]

Ingests candles from Binance and serves them until it is stopped (SIGTERM or Ctrl-C).

  --settings FILE  environment file with what is switched on; default config/live.env.
                   Variables of the real environment win over the file.
  --bare           read no file: the built-in defaults and the environment only

All variables are described in docs/flags.md; 'trade-canvas config check' shows what is in force.`;

interface Plan {
  /** The file with what is switched on; undefined for none. */
  readonly settings: string | undefined;
}

function readPlan(args: string[]): Plan {
  const { values } = parseArgs({ args, options: { settings: { type: "string" }, bare: { type: "boolean" } } });
  if (values.bare === true) return { settings: undefined };
  return { settings: values.settings ?? join(projectRoot(), "config", "live.env") };
}

export const startCommand = commandWith(
  { name: "start", summary: "run the daemon against live Binance", help: HELP },
  readPlan,
  ({ settings }, io) =>
    runDaemon({ env: () => (settings === undefined ? io.env : mergeEnv(readEnvFile(settings), io.env)) }, io),
);
