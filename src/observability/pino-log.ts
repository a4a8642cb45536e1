/** The event log on pino: JSON lines for machines, or readable lines on a terminal. */
import { type DestinationStream, pino } from "pino";
import { PinoPretty } from "pino-pretty";
import type { Clock } from "../clock/clock.js";
import type { EventLog, LogFields } from "./event-log.js";

export interface LogOptions {
  readonly level: string;
  readonly pretty: boolean;
  readonly clock: Clock;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

/** Lines carry `time` in milliseconds of the program's clock, `event`, and the fields. */
export function createPinoLog(options: LogOptions): EventLog {
  const { level, pretty, clock, destination } = options;
  const stream = pretty
    ? PinoPretty({
        sync: true,
        singleLine: true,
        ignore: "pid,hostname,event",
        translateTime: "UTC:yyyy-mm-dd HH:MM:ss",
        ...(destination === undefined ? {} : { destination }),
      })
    : (destination ?? pino.destination({ fd: 1, sync: true }));
  const logger = pino({ level, base: null, timestamp: () => `,"time":${Math.round(clock.now())}` }, stream);
  return new PinoLog(logger);
}

type PinoLogger = Pick<ReturnType<typeof pino>, "debug" | "info" | "warn" | "error">;

/** Every series has a log, so one is no more than its fields: a child logger of pino would take half a kilobyte. */
class PinoLog implements EventLog {
  readonly #logger: PinoLogger;
  readonly #fields: LogFields | undefined;

  constructor(logger: PinoLogger, fields?: LogFields) {
    this.#logger = logger;
    this.#fields = fields;
  }

  debug(event: string, fields?: LogFields): void {
    this.#logger.debug({ ...this.#fields, event, ...fields }, event);
  }

  info(event: string, fields?: LogFields): void {
    this.#logger.info({ ...this.#fields, event, ...fields }, event);
  }

  warn(event: string, fields?: LogFields): void {
    this.#logger.warn({ ...this.#fields, event, ...fields }, event);
  }

  error(event: string, fields?: LogFields): void {
    this.#logger.error({ ...this.#fields, event, ...fields }, event);
  }

  with(fields: LogFields): EventLog {
    return new PinoLog(this.#logger, this.#fields === undefined ? fields : { ...this.#fields, ...fields });
  }
}
