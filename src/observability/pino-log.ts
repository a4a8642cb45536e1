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
  return wrap(logger);
}

type PinoLogger = Pick<ReturnType<typeof pino>, "debug" | "info" | "warn" | "error"> & {
  child(bindings: LogFields): PinoLogger;
};

function wrap(logger: PinoLogger): EventLog {
  return {
    debug: (event, fields) => logger.debug({ event, ...fields }, event),
    info: (event, fields) => logger.info({ event, ...fields }, event),
    warn: (event, fields) => logger.warn({ event, ...fields }, event),
    error: (event, fields) => logger.error({ event, ...fields }, event),
    with: (fields) => wrap(logger.child(fields)),
  };
}
