/** `trade-canvas watch`: follows one series of a running daemon in the terminal. */
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { type CommandIo, commandWith, UsageError } from "./command.js";

const HELP = `usage: trade-canvas watch [URL] [--series ID] [--since SECONDS]

Subscribes to a running daemon's live feed and prints every message as it comes, until Ctrl-C.

  URL              of the daemon; default http://127.0.0.1:8000
  --series ID      default binance:futures:BTC/USDT:1m
  --since SECONDS  catch up from this candle time on; default: from the last stored candle`;

const DEFAULT_URL = "http://127.0.0.1:8000";
const DEFAULT_SERIES = "binance:futures:BTC/USDT:1m";

interface Plan {
  readonly url: string;
  readonly series: string;
  readonly since: number | undefined;
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
    options: { series: { type: "string" }, since: { type: "string" } },
  });
  const url = positionals[0] ?? DEFAULT_URL;
  if (!/^https?:\/\//.test(url)) throw new UsageError(`'${url}' is not the http address of a daemon`);
  const since = values.since === undefined ? undefined : Number(values.since);
  if (since !== undefined && !Number.isSafeInteger(since)) {
    throw new UsageError(`--since ${values.since} is not a time in seconds`);
  }
  return { url, series: values.series ?? DEFAULT_SERIES, since };
}

/** The last stored candle's time, so that what is printed first is what comes next. */
async function headTime({ url, series }: Plan): Promise<number | null> {
  const answer = await fetch(`${url}/api/market/candles?series_id=${encodeURIComponent(series)}&limit=1`);
  const body = (await answer.json()) as { readonly server_head_time: number | null };
  return body.server_head_time;
}

async function watch(plan: Plan, io: CommandIo): Promise<number> {
  let since: number | null;
  try {
    since = plan.since ?? (await headTime(plan));
  } catch (error) {
    io.err(`trade-canvas watch: no daemon answers at ${plan.url} (${(error as Error).message}); is it running?`);
    return 1;
  }
  const socket = new WebSocket(`${plan.url.replace(/^http/, "ws")}/ws/market`);
  return new Promise((resolve) => {
    const stop = (): void => socket.close();
    io.stop.addEventListener("abort", stop, { once: true });
    socket.on("open", () => socket.send(JSON.stringify({ type: "subscribe", series_id: plan.series, since })));
    socket.on("message", (data: Buffer) => io.out(data.toString("utf8")));
    socket.on("error", (error) => io.err(`trade-canvas watch: ${error.message}`));
    socket.on("close", (code, reason) => {
      const asked = io.stop.aborted;
      if (!asked) io.err(`trade-canvas watch: the daemon closed the connection (${code} ${reason})`);
      resolve(asked ? 0 : 1);
    });
  });
}
