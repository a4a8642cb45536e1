/** `trade-canvas backfill`: fetches a range of a series into the store, by itself or by way of the daemon that holds it. */
import { BackfillRequestError, readBackfillRequest } from "../actors/feed/backfill-request.js";
import { createSystemClock } from "../clock/system-clock.js";
import { ConfigError } from "../config/config-error.js";
import { loadSettings } from "../config/load.js";
import type { Settings } from "../config/schema.js";
import { StoreError } from "../storage/errors.js";
import { openLmdbStore } from "../storage/lmdb-store.js";
import type { Store } from "../storage/store.js";
import { backfillByDaemon } from "./backfill-daemon.js";
import { backfillHere } from "./backfill-here.js";
import { type BackfillPlan, readBackfillPlan } from "./backfill-plan.js";
import { BackfillWatch } from "./backfill-watch.js";
import { type CommandIo, commandWith, EXIT_USAGE, UsageError } from "./command.js";
import { readDaemonToken, TOKEN_HELP } from "./daemon-token.js";
import { envWith } from "./with-settings.js";

const HELP = `usage: trade-canvas backfill SERIES --from TIME [--to TIME] [--no-wait] [--url URL] [--token-file F]
                             [--settings FILE | --bare]

Fetches the candles of a range that the store lacks from the exchange and stores them, their ledgers included. Pages that
are stored are not fetched again: interrupted, the same command goes on where it ended. When a daemon holds the store, the
daemon does the work (it must run with TRADE_CANVAS_ENABLE_DEV_API=1), and this command shows how far it is.

  SERIES           such as binance:futures:BTC/USDT:1m
  --from TIME      open time of the first candle: Unix seconds, or UTC as in 2025-05-06 or 2025-05-06T12:00:00Z
  --to TIME        open time of the last candle; default: now
  --no-wait        end with exit code 3 when the exchange demands a pause (429, 418, 403), instead of waiting it out
  --url URL        address of the daemon that holds the store; default: as in the settings
${TOKEN_HELP}
  --settings FILE  environment file with the settings of the daemon; default config/live.env
  --bare           read no file: the built-in defaults and the environment only

At most half of the exchange's request weight is used, and what a daemon fetches for its live series goes first.
Progress goes to stderr, the summary to stdout. The store is TRADE_CANVAS_DB_PATH.

Exit code 0: the range is done; what the exchange does not have is listed. 1: a part is not finished, and why.
2: wrong usage. 3: the exchange demands a pause, and --no-wait was given. 130: interrupted.`;

const FAILED = 1;

export const backfillCommand = commandWith(
  { name: "backfill", summary: "fetch a range of a series from the exchange into the store", help: HELP },
  readBackfillPlan,
  backfill,
);

async function backfill(plan: BackfillPlan, io: CommandIo): Promise<number> {
  const refuse = (problem: string, code = FAILED): number => {
    io.err(`trade-canvas backfill: ${problem}`);
    return code;
  };
  let store: Store | undefined;
  try {
    const { settings } = loadSettings(envWith(plan.settings, io));
    const clock = createSystemClock(settings.simClock);
    const request = readBackfillRequest(plan.series, plan.fromS, plan.toS, clock.now());
    const watch = new BackfillWatch(io, clock, request);
    const held = plan.url === undefined ? openStore(settings) : undefined;
    if (held !== undefined && !("holder" in held)) {
      store = held;
      return await backfillHere({ request, settings, store, clock, waits: plan.waits }, io, watch);
    }
    const token = readDaemonToken(plan.tokenFile, io.env);
    const daemon = { url: plan.url ?? daemonUrl(settings), token, holder: held?.holder };
    return await backfillByDaemon(
      { request, openEnded: plan.toS === undefined, daemon, clock, waits: plan.waits },
      io,
      watch,
    );
  } catch (error) {
    if (error instanceof BackfillRequestError || error instanceof UsageError) return refuse(error.message, EXIT_USAGE);
    if (error instanceof ConfigError) return refuse(error.problems.join("\ntrade-canvas backfill: "));
    if (error instanceof StoreError) return refuse(error.message);
    throw error;
  } finally {
    await store?.close();
  }
}

/** The store, or what is said of the process that holds it. @throws StoreError */
function openStore({ dbPath }: Settings): Store | { readonly holder: string } {
  try {
    return openLmdbStore(dbPath);
  } catch (error) {
    if (error instanceof StoreError && error.code === "store_in_use") return { holder: error.message };
    throw error;
  }
}

function daemonUrl({ host, port }: Settings): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
