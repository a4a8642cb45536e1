/** Logs as a port: one event name per thing that happens, past tense, and fields. `src/observability/pino-log.ts` writes them. */

export type LogFields = Readonly<Record<string, unknown>>;

export interface EventLog {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log whose lines all carry `fields`, such as the series id. */
  with(fields: LogFields): EventLog;
}

/** Writes nothing. */
export const silentLog: EventLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};
