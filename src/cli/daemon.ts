/** Runs the daemon until it is told to stop; shared by `start` and `demo`. */
import { type App, startApp } from "../app.js";
import type { Clock } from "../clock/clock.js";
import { systemRandom } from "../clock/random.js";
import { createSystemClock } from "../clock/system-clock.js";
import { ConfigError } from "../config/config-error.js";
import type { Env } from "../config/env-file.js";
import { loadSettings } from "../config/load.js";
import { formatNote } from "../config/notes.js";
import type { Settings } from "../config/schema.js";
import { loadWhitelist } from "../config/whitelist.js";
import type { EventLog } from "../observability/event-log.js";
import { createPinoLog } from "../observability/pino-log.js";
import { StoreError } from "../storage/errors.js";
import { type CommandIo, whenAborted } from "./command.js";
import { ServiceNotifier, systemdNotify } from "./service-notifier.js";

export interface DaemonOptions {
  /** The environment to read the settings from. May throw ConfigError, for a file that cannot be read. */
  readonly env: () => Env;
  /** Called when the daemon serves. */
  readonly ready?: (app: App, clock: Clock) => void;
}

const FAILED = 1;

/** @returns the exit code. What keeps the daemon from starting is said in one line that names the remedy. */
export async function runDaemon(options: DaemonOptions, io: CommandIo): Promise<number> {
  let settings: Settings;
  let whitelist: readonly string[];
  const notes: string[] = [];
  try {
    const loaded = loadSettings(options.env());
    settings = loaded.settings;
    notes.push(...loaded.notes.map(formatNote));
    whitelist = loadWhitelist(settings.whitelistPath);
  } catch (error) {
    return refused(error, io);
  }
  const clock = createSystemClock(settings.simClock);
  const log = createPinoLog({ level: settings.logLevel, pretty: isPretty(settings), clock });
  for (const note of notes) log.debug("setting.noted", { note });
  let app: App;
  try {
    app = await startApp({ settings, whitelist, clock, random: systemRandom, log, stop: io.stop });
  } catch (error) {
    return refused(error, io, settings);
  }
  crashAloud(log);
  log.info("daemon.ready", { url: app.url, store: settings.dbPath, whitelist: whitelist.length, pid: process.pid });
  options.ready?.(app, clock);
  const machineClock = createSystemClock();
  const service = new ServiceNotifier({ env: io.env, clock: machineClock, log, send: systemdNotify, pid: process.pid });
  service.ready();
  await whenAborted(io.stop);
  service.stopping();
  const code = await stopWithin(settings.uvicornTimeoutGracefulShutdownS * 1000, app, clock, log);
  await service.end();
  return code;
}

/** What nobody has caught leaves the process in an unknown state: say it and end, to be started again from the store. */
function crashAloud(log: EventLog): void {
  const crash = (error: unknown): void => {
    const stack = error instanceof Error ? error.stack : String(error);
    log.error("daemon.crashed", { error: stack });
    process.exit(FAILED);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}

/** Stops the daemon, but waits no longer than the limit. */
async function stopWithin(limitMs: number, app: App, clock: Clock, log: EventLog): Promise<number> {
  log.info("daemon.stopping");
  const limit = new Promise<"late">((resolve) => clock.ioTimeout(() => resolve("late"), limitMs));
  const outcome = await Promise.race([app.stop(), limit]);
  if (outcome === "late") {
    log.error("daemon.stop_timed_out", { limit_s: limitMs / 1000 });
    return FAILED;
  }
  log.info("daemon.stopped");
  return 0;
}

function isPretty(settings: Settings): boolean {
  return settings.logFormat === "auto" ? process.stdout.isTTY === true : settings.logFormat === "pretty";
}

function refused(error: unknown, io: CommandIo, settings?: Settings): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) io.err(`trade-canvas: ${problem}`);
    return FAILED;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    io.err(`trade-canvas: port ${settings?.port} is in use; set TRADE_CANVAS_PORT to another one, or to 0 for any`);
  } else if (error instanceof StoreError || code !== undefined) {
    io.err(`trade-canvas: ${message}`);
  } else {
    throw error;
  }
  return FAILED;
}
