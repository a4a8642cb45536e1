/** A backfill by the daemon that holds the store: asked for over its dev API, and looked at until it is over. */
import type { BackfillReport, BackfillState } from "../actors/feed/backfill-job.js";
import { isOver } from "../actors/feed/backfill-job.js";
import type { BackfillRequest } from "../actors/feed/backfill-request.js";
import { errorText } from "../actors/runtime/errors.js";
import { type Clock, withLimit } from "../clock/clock.js";
import type { WireBackfill } from "../http/routes/backfill.js";
import type { BackfillWatch } from "./backfill-watch.js";
import type { CommandIo } from "./command.js";
import { tokenHeader, tokenRemedy } from "./daemon-token.js";

/** Where the daemon that holds the store is asked. */
interface Daemon {
  readonly url: string;
  /** What lets this command in, where the daemon asks for it. */
  readonly token?: string | undefined;
  /** What is said of the process that holds the store; undefined when that was not asked. */
  readonly holder: string | undefined;
}

export interface DaemonBackfillOptions {
  readonly request: BackfillRequest;
  /** No end was asked for: one that is under way with another end will do. */
  readonly openEnded: boolean;
  readonly daemon: Daemon;
  readonly clock: Clock;
  readonly waits: boolean;
}

const PATH = "/api/dev/backfill";
const STOP_PATH = "/api/dev/stop_backfill";

/** Pause between two looks, in milliseconds. */
const LOOK_MS = 500;

/** An answer that takes longer is none, in milliseconds. */
const ANSWER_LIMIT_MS = 10_000;

/** Looks in a row without an answer after which the daemon is taken for gone. */
const MAX_UNANSWERED = 5;

const FAILED = 1;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** @returns the exit code. */
export async function backfillByDaemon(
  options: DaemonBackfillOptions,
  io: CommandIo,
  watch: BackfillWatch,
): Promise<number> {
  const { request, openEnded, daemon, clock } = options;
  const { fromS: from, toS } = request.range;
  let asked: Answer;
  try {
    asked = await call(clock, daemon, PATH, { series_id: request.series.text, from, to: openEnded ? null : toS });
  } catch (error) {
    const why = daemon.holder === undefined ? "" : `${daemon.holder}; and `;
    io.err(
      `trade-canvas backfill: ${why}no daemon answers at ${daemon.url} (${errorText(error)}); give its address by --url`,
    );
    return FAILED;
  }
  if (asked.status !== 200) {
    io.err(`trade-canvas backfill: ${refusalOf(asked, daemon.url)}`);
    return FAILED;
  }
  const begun = asked.body as { readonly joined: boolean; readonly backfill: WireBackfill };
  io.err(`the daemon at ${daemon.url} ${begun.joined ? "is at it already" : "has begun"}`);
  return follow(options, begun, io, watch);
}

async function follow(
  { request, daemon, clock, waits }: DaemonBackfillOptions,
  begun: { readonly joined: boolean; readonly backfill: WireBackfill },
  io: CommandIo,
  watch: BackfillWatch,
): Promise<number> {
  const { id } = begun.backfill;
  let seen = begun.backfill;
  let unanswered = 0;
  let asksToStop = false;
  for (;;) {
    const report = reportOf(seen, waits);
    if (isOver(report.state)) {
      // What was not to be waited for must not go on behind the back of whoever said so.
      if (report.state.type === "refused" && !begun.joined) await endIt(clock, daemon, id);
      return watch.end(asksToStop ? report : unlessStopped(report), weightOf(seen));
    }
    watch.show(report, weightOf(seen));
    if (io.stop.aborted && !asksToStop) {
      asksToStop = true;
      if (begun.joined) {
        io.err("the daemon goes on with it, as it did before; POST /api/dev/stop_backfill ends it");
        return watch.end({ ...report, state: { type: "stopped" } }, weightOf(seen));
      }
      await endIt(clock, daemon, id);
    }
    await ioSleep(clock, LOOK_MS);
    const found = await look(clock, daemon, request, id).catch(() => "unanswered" as const);
    if (found === "unanswered") unanswered += 1;
    else unanswered = 0;
    if (found === undefined || unanswered >= MAX_UNANSWERED) {
      const error = found === undefined ? "the daemon has been started anew" : `no daemon answers at ${daemon.url}`;
      return watch.end({ ...report, state: { type: "failed", error } }, null);
    }
    if (found !== "unanswered") seen = found;
  }
}

/** What somebody else has ended is not what the user of this command has interrupted. */
function unlessStopped(report: BackfillReport): BackfillReport {
  if (report.state.type !== "stopped") return report;
  return { ...report, state: { type: "failed", error: "it was stopped at the daemon" } };
}

async function look(
  clock: Clock,
  daemon: Daemon,
  { series }: BackfillRequest,
  id: number,
): Promise<WireBackfill | undefined> {
  const { body } = await call(clock, daemon, `${PATH}?series_id=${encodeURIComponent(series.text)}`);
  return (body as { readonly backfills?: readonly WireBackfill[] }).backfills?.find((one) => one.id === id);
}

/** Whether the daemon heard it shows in what is seen next. */
async function endIt(clock: Clock, daemon: Daemon, id: number): Promise<void> {
  await call(clock, daemon, STOP_PATH, { id }).catch(() => undefined);
}

/** @throws Error when there is no answer, or none that can be read. */
function call(clock: Clock, { url, token }: Daemon, path: string, body?: object): Promise<Answer> {
  return withLimit(clock, ANSWER_LIMIT_MS, async (signal) => {
    const isPost = body !== undefined;
    const headers = { ...tokenHeader(token), ...(isPost ? { "content-type": "application/json" } : {}) };
    const post = isPost ? { method: "POST", body: JSON.stringify(body) } : {};
    const answer = await fetch(url + path, { signal, headers, ...post });
    return { status: answer.status, body: (await answer.json()) as Answer["body"] };
  });
}

function refusalOf({ status, body }: Answer, url: string): string {
  const detail = typeof body.detail === "string" ? body.detail : JSON.stringify(body.detail);
  if (status === 404 && detail === "not_found") {
    return `the daemon at ${url} holds the store and takes no backfills; start it with TRADE_CANVAS_ENABLE_DEV_API=1, or stop it`;
  }
  return `the daemon at ${url} refused: ${detail} (${status})${tokenRemedy(status)}`;
}

function ioSleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.ioTimeout(resolve, ms);
  });
}

function weightOf({ weight_used: used, weight_limit: limit }: WireBackfill) {
  return used === null || limit === null ? null : { used, limit };
}

function reportOf(wire: WireBackfill, waits: boolean): BackfillReport {
  return {
    state: stateOf(wire, waits),
    range: { fromS: wire.from, toS: wire.to },
    upToS: wire.done_up_to,
    candles: wire.candles,
    candlesDone: wire.candles_done,
    added: wire.candles_stored,
    absentCandles: wire.absent_candles,
    absent: wire.absent.map(({ from, to }) => ({ fromS: from, toS: to })),
  };
}

function stateOf({ state, error, wait_until_ms, wait_demanded }: WireBackfill, waits: boolean): BackfillState {
  const text = error ?? "";
  switch (state) {
    case "waiting": {
      const untilMs = wait_until_ms ?? 0;
      if (wait_demanded && !waits) return { type: "refused", untilMs, error: text };
      return { type: "waiting", untilMs, error: text, isDemanded: wait_demanded };
    }
    case "refused":
      return { type: "refused", untilMs: 0, error: text };
    case "failed":
      return { type: "failed", error: text };
    default:
      return { type: state };
  }
}
