/** `trade-canvas start`: the daemon against live Binance. */
import { parseArgs } from "node:util";
import { commandWith } from "./command.js";
import { runDaemon } from "./daemon.js";
import { envWith, SETTINGS_OPTIONS, settingsFileOf } from "./with-settings.js";

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
  const { values } = parseArgs({ args, options: SETTINGS_OPTIONS });
  return { settings: settingsFileOf(values) };
}

export const startCommand = commandWith(
  { name: "start", summary: "run the daemon against live Binance", help: HELP },
  readPlan,
  ({ settings }, io) => runDaemon({ env: () => envWith(settings, io) }, io),
);
