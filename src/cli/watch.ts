/** `trade-canvas watch`: follows one series of a running daemon in the terminal. */
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { TradeCanvasClient } from "../client/client.js";
import { ClientError } from "../client/errors.js";
import type { FollowHandlers } from "../client/subscription.js";
import { type CommandIo, commandWith, UsageError, whenAborted } from "./command.js";
import { readDaemonToken, TOKEN_HELP, tokenRemedy } from "./daemon-token.js";

const HELP = `usage: trade-canvas watch [URL] [--series ID] [--since SECONDS] [--token-file F]

Follows a series of a running daemon and prints every closed candle once and in order, forming candles, holes and notices as they
come, one JSON message a line, until Ctrl-C. When the connection is lost, it reconnects and goes on where it was.

  URL              of the daemon; default http://127.0.0.1:8000
  --series ID      default binance:futures:BTC/USDT:1m
  --since SECONDS  catch up from this candle time on; default: from the last stored candle
${TOKEN_HELP}`;

const DEFAULT_URL = "http://127.0.0.1:8000";
const DEFAULT_SERIES = "binance:futures:BTC/USDT:1m";

interface Plan {
  readonly url: string;
  readonly series: string;
  readonly since: number | undefined;
  readonly tokenFile: string | undefined;
}

export const watchCommand = commandWith(
  { name: "watch", summary: "follow one series of a running daemon", help: HELP },
  readPlan,
  watch,
);

function readPlan(args: string[]): Plan {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { series: { type: "string" }, since: { type: "string" }, "token-file": { type: "string" } },
  });
  const url = positionals[0] ?? DEFAULT_URL;
  if (!/^https?:\/\//.test(url)) throw new UsageError(`'${url}' is not the http address of a daemon`);
  const since = values.since === undefined ? undefined : Number(values.since);
  if (since !== undefined && !Number.isSafeInteger(since)) {
    throw new UsageError(`--since ${values.since} is not a time in seconds`);
  }
  return { url, series: values.series ?? DEFAULT_SERIES, since, tokenFile: values["token-file"] };
}

async function watch(plan: Plan, io: CommandIo): Promise<number> {
  const token = readDaemonToken(plan.tokenFile, io.env);
  const client = new TradeCanvasClient({ url: plan.url, token, platform: { WebSocket } });
  try {
    const since = plan.since ?? (await headTime(client, plan.series));
    client.follow(plan.series, { since }, printing(plan.series, io));
  } catch (error) {
    io.err(`trade-canvas watch: ${(error as Error).message}${remedyOf(error)}`);
    return 1;
  }
  await whenAborted(io.stop);
  client.close();
  return 0;
}

function remedyOf(error: unknown): string {
  if (!(error instanceof ClientError)) return "";
  return error.code === "unreachable" ? "; is it running?" : tokenRemedy(error.status ?? 0);
}

/** The last stored candle's time, so that what is printed first is what comes next. */
async function headTime(client: TradeCanvasClient, series_id: string): Promise<number | null> {
  return (await client.candles({ series_id, limit: 1 })).server_head_time;
}

/** Prints what is told as messages of the live feed, one a line, and on the other channel when the connection is lost. */
function printing(series_id: string, io: CommandIo): FollowHandlers {
  const print = (type: string, members: object): void => io.out(JSON.stringify({ type, series_id, ...members }));
  return {
    closed: (candles) => {
      for (const candle of candles) print("candle_closed", { candle });
    },
    forming: (candle) => print("candle_forming", { candle }),
    gap: (gap) => print("gap", gap),
    notice: (notice) => print("system", notice),
    state: (state) => {
      if (state.name !== "waiting" && state.name !== "refused") return;
      io.err(`trade-canvas watch: ${state.reason}; trying again in ${state.retry_in_ms / 1000} s`);
    },
  };
}
