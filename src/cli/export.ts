/** `trade-canvas export`: candles of the store as CSV. */
import { parseArgs } from "node:util";
import { nextTurn } from "../clock/clock.js";
import { createSystemClock } from "../clock/system-clock.js";
import type { Candle } from "../market/candle.js";
import { openStoreReader } from "../storage/lmdb-store.js";
import type { StoreReader } from "../storage/store.js";
import { readTime } from "./backfill-plan.js";
import { type CommandIo, commandWith, UsageError } from "./command.js";
import { DraftFile, requireWritable } from "./out-file.js";
import { isoText } from "./utc-time.js";
import { SETTINGS_HELP, SETTINGS_OPTIONS, settingsFileOf, withSettings } from "./with-settings.js";

const HELP = `usage: trade-canvas export SERIES [--from TIME] [--to TIME] [--out FILE] [--settings FILE | --bare]

Writes the closed candles of a series as CSV: a line with the names candle_time, open, high, low, close and volume, then one line
per candle, ascending; candle_time is the open time in Unix seconds. Reads only; a daemon may run on the same store meanwhile.

  SERIES           such as binance:futures:BTC/USDT:1m
  --from TIME      open time of the first candle: Unix seconds, or UTC as in 2025-05-06 or 2025-05-06T12:00:00Z; default: all
  --to TIME        open time of the last candle; default: all
  --out FILE       where to write; the file is whole when it is there, and is replaced if there is one. Default: -, to stdout
${SETTINGS_HELP}

Progress and the summary go to stderr. The store is TRADE_CANVAS_DB_PATH.

Exit code 0: done, also when there is no candle in the range. 1: the series is not stored, or the store cannot be read.
2: wrong usage. 130: interrupted; no file is left.`;

const DONE = 0;
const FAILED = 1;
const INTERRUPTED = 130;

const HEADER = "candle_time,open,high,low,close,volume\n";

/** Candles that are read and written at a time. */
const PAGE_CANDLES = 20_000;

/** Least time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 2_000;

/** Series that are named when the one asked for is not stored. */
const MAX_NAMED = 10;

interface Plan {
  readonly series: string;
  /** Unix seconds, both ends included. */
  readonly fromS: number;
  readonly toS: number;
  /** Undefined: to stdout. */
  readonly out: string | undefined;
  readonly settings: string | undefined;
}

function readPlan(args: string[]): Plan {
  const text = { type: "string" } as const;
  const options = { from: text, to: text, out: text, ...SETTINGS_OPTIONS } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const [series, ...more] = positionals;
  if (series === undefined) throw new UsageError("no series is given: name one such as binance:futures:BTC/USDT:1m");
  if (more.length > 0) throw new UsageError(`'${more[0]}' is one series too many: give one at a time`);
  const fromS = values.from === undefined ? 0 : readTime("from", values.from);
  const toS = values.to === undefined ? Number.MAX_SAFE_INTEGER : readTime("to", values.to);
  if (fromS > toS) throw new UsageError(`--from ${values.from} is after --to ${values.to}`);
  const out = values.out === "-" ? undefined : values.out;
  if (out !== undefined) requireWritable(out);
  return { series, fromS, toS, out, settings: settingsFileOf(values) };
}

export const exportCommand = commandWith(
  { name: "export", summary: "write candles of the store as CSV", help: HELP },
  readPlan,
  (plan, io) =>
    withSettings("export", plan.settings, io, async ({ dbPath }) => {
      const store = openStoreReader(dbPath);
      try {
        return await exportFrom(store, plan, io);
      } finally {
        await store.close();
      }
    }),
);

async function exportFrom(store: StoreReader, plan: Plan, io: CommandIo): Promise<number> {
  const known = store.seriesIds();
  if (!known.includes(plan.series)) {
    const named = known.slice(0, MAX_NAMED).join(", ");
    const has = known.length === 0 ? "it holds none" : `it holds ${named}${known.length > MAX_NAMED ? ", …" : ""}`;
    io.err(`trade-canvas export: the store does not hold the series '${plan.series}'; ${has}`);
    return FAILED;
  }
  const file = plan.out === undefined ? undefined : new DraftFile(plan.out);
  // What is written ends in a line's end, which `out` adds.
  const write = file === undefined ? (text: string) => io.out(text.slice(0, -1)) : (text: string) => file.write(text);
  try {
    const written = await writeCandles(store, plan, io, write);
    if (written === undefined) {
      file?.discard();
      io.err("trade-canvas export: interrupted");
      return INTERRUPTED;
    }
    file?.keep();
    io.err(`${plan.series}: ${written} candles${plan.out === undefined ? "" : ` in ${plan.out}`}`);
    return DONE;
  } catch (error) {
    file?.discard();
    throw error;
  }
}

/** @returns how many; undefined when it was interrupted. */
async function writeCandles(
  store: StoreReader,
  { series, fromS, toS }: Plan,
  io: CommandIo,
  write: (text: string) => void,
): Promise<number | undefined> {
  const clock = createSystemClock();
  let saidMs = clock.monotonic();
  let written = 0;
  write(HEADER);
  for (let nextS = fromS; nextS <= toS; ) {
    if (io.stop.aborted) return undefined;
    const candles = store.readBetween(series, nextS, toS, PAGE_CANDLES).candles();
    const last = candles.at(-1);
    if (last === undefined) break;
    write(candles.map(lineOf).join(""));
    written += candles.length;
    nextS = last.time + 1;
    if (clock.monotonic() - saidMs >= PROGRESS_MS) {
      saidMs = clock.monotonic();
      io.err(`${series}: ${written} candles so far, up to ${isoText(last.time)}`);
    }
    // A signal is heard between two pages, and the next page sees what was stored meanwhile.
    await nextTurn(clock);
  }
  return written;
}

function lineOf({ time, open, high, low, close, volume }: Candle): string {
  return `${time},${open},${high},${low},${close},${volume}\n`;
}
