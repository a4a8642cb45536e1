/** What `trade-canvas backfill` was asked for. */
import { parseArgs } from "node:util";
import { UsageError } from "./command.js";
import { parseUtcTime } from "./utc-time.js";
import { SETTINGS_OPTIONS, settingsFileOf } from "./with-settings.js";

export interface BackfillPlan {
  readonly series: string;
  /** Unix seconds. */
  readonly fromS: number;
  /** Unix seconds; undefined for now. */
  readonly toS: number | undefined;
  /** Of the daemon that holds the store; undefined: as the settings say. */
  readonly url: string | undefined;
  /** The file with the token for that daemon. */
  readonly tokenFile: string | undefined;
  readonly waits: boolean;
  /** The file with the settings of the daemon; undefined for none. */
  readonly settings: string | undefined;
}

/** @throws UsageError */
export function readBackfillPlan(args: string[]): BackfillPlan {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { from: text, to: text, url: text, "token-file": text, "no-wait": flag, ...SETTINGS_OPTIONS },
  });
  const [series, ...more] = positionals;
  if (series === undefined) throw new UsageError("no series is given: name one such as binance:futures:BTC/USDT:1m");
  if (more.length > 0) throw new UsageError(`'${more[0]}' is one series too many: give one at a time`);
  if (values.from === undefined) throw new UsageError("--from is missing: give the first candle's time");
  if (values.url !== undefined && !/^https?:\/\//.test(values.url)) {
    throw new UsageError(`--url ${values.url} is not the http address of a daemon`);
  }
  return {
    series,
    fromS: readTime("from", values.from),
    toS: values.to === undefined ? undefined : readTime("to", values.to),
    url: values.url?.replace(/\/+$/, ""),
    tokenFile: values["token-file"],
    waits: values["no-wait"] !== true,
    settings: settingsFileOf(values),
  };
}

/** A time as an option gives it, in Unix seconds. @throws UsageError */
export function readTime(name: string, text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const ms = parseUtcTime(text);
  if (ms !== undefined) return ms / 1_000;
  throw new UsageError(`--${name} ${text} is not a time: give Unix seconds, or UTC as in 2025-05-06T12:00:00Z`);
}
