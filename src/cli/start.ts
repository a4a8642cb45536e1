/** `trade-canvas start`: the daemon against live Binance. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../config/config-error.js";
import { mergeEnv, readEnvFile } from "../config/env-file.js";
import { projectRoot } from "../config/project-root.js";
import type { Command } from "./command.js";
import { runDaemon } from "./daemon.js";

const HELP = `usage: trade-canvas start [--settings FILE]

Ingests candles from Binance and serves them until it is stopped (SIGTERM or Ctrl-C).

  --settings FILE  environment file with what is switched on; default config/live.env.
                   Variables of the real environment win over the file.
  --bare           read no file: the built-in defaults and the environment only

All variables are described in docs/flags.md; 'trade-canvas config check' shows what is in force.`;

export const startCommand: Command = {
  name: "start",
  summary: "run the daemon against live Binance",
  help: HELP,
  run: async (args, io) => {
    let options: { settings?: string | undefined; bare?: boolean | undefined; help?: boolean | undefined };
    try {
      options = parseArgs({
        args: [...args],
        options: { settings: { type: "string" }, bare: { type: "boolean" }, help: { type: "boolean" } },
      }).values;
    } catch (error) {
      io.err(`trade-canvas start: ${(error as Error).message}\n\n${HELP}`);
      return 2;
    }
    if (options.help === true) {
      io.out(HELP);
      return 0;
    }
    try {
      const file = options.settings ?? join(projectRoot(), "config", "live.env");
      const env = options.bare === true ? io.env : mergeEnv(readEnvFile(file), io.env);
      return await runDaemon({ env }, io);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) io.err(`trade-canvas start: ${problem}`);
      return 1;
    }
  },
};
