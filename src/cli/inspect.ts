/** `trade-canvas inspect`: how a running daemon stands, in the terminal. */
import { parseArgs } from "node:util";
import { errorText } from "../actors/runtime/errors.js";
import { type Clock, sleep, withLimit } from "../clock/clock.js";
import { createSystemClock } from "../clock/system-clock.js";
import type { WireGap } from "../market/gap.js";
import { type CommandIo, commandWith, UsageError } from "./command.js";
import { readDaemonToken, TOKEN_HELP, tokenHeader, tokenRemedy } from "./daemon-token.js";
import { type Look, lookText } from "./inspect-text.js";

const HELP = `usage: trade-canvas inspect [URL] [--series ID] [--watch] [--json] [--token-file F]

Shows how a running daemon stands: feeds, markets with their budgets, circuit breakers, gaps, and the tree of actors.

  URL              of the daemon; default http://127.0.0.1:8000
  --series ID      this series only
  --watch          look again every 2 s, until Ctrl-C
  --json           one JSON object per look, with the answers as they are
${TOKEN_HELP}; it needs the scopes read and debug

What the daemon's settings have closed is named under "not told".

Exit code 0: shown. 1: no daemon answers, or it refuses. 2: wrong usage.`;

const DEFAULT_URL = "http://127.0.0.1:8000";
const DONE = 0;
const FAILED = 1;

/** Pause between two looks, in milliseconds. */
const WATCH_MS = 2_000;

/** An answer that takes longer is none, in milliseconds. */
const ANSWER_LIMIT_MS = 10_000;

/** Series that are asked for their gaps; those that are repairing come first. */
const MAX_GAP_SERIES = 20;

/** Newest gaps of each that are looked at. */
const GAPS_PER_SERIES = 3;

/** Puts the cursor at the top left of an empty screen. */
const CLEAR = "\u001b[2J\u001b[H";

interface Plan {
  readonly url: string;
  readonly series: string | undefined;
  readonly watches: boolean;
  readonly json: boolean;
  readonly tokenFile: string | undefined;
}

function readPlan(args: string[]): Plan {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { series: text, "token-file": text, watch: flag, json: flag },
  });
  const [url = DEFAULT_URL, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`'${more[0]}' is one address too many`);
  if (!/^https?:\/\//.test(url)) throw new UsageError(`'${url}' is not the http address of a daemon`);
  return {
    url: url.replace(/\/+$/, ""),
    series: values.series,
    watches: values.watch === true,
    json: values.json === true,
    tokenFile: values["token-file"],
  };
}

export const inspectCommand = commandWith(
  { name: "inspect", summary: "show feeds, breakers, gaps and the actor tree of a running daemon", help: HELP },
  readPlan,
  inspect,
);

async function inspect(plan: Plan, io: CommandIo): Promise<number> {
  const clock = createSystemClock();
  const token = readDaemonToken(plan.tokenFile, io.env);
  const isScreen = process.stdout.isTTY === true;
  for (;;) {
    let look: Look;
    try {
      look = await lookAt(plan, token, clock);
    } catch (error) {
      io.err(`trade-canvas inspect: ${errorText(error)}`);
      return FAILED;
    }
    const clear = plan.watches && isScreen && !plan.json ? CLEAR : "";
    io.out(plan.json ? JSON.stringify(look) : `${clear}${lookText(look)}`);
    if (!plan.watches) return DONE;
    await sleep(clock, WATCH_MS, io.stop);
    if (io.stop.aborted) return DONE;
  }
}

/** Asks for everything. @throws Error when there is no answer, or a refusal. */
async function lookAt({ url, series }: Plan, token: string | undefined, clock: Clock): Promise<Look> {
  const missing: string[] = [];
  const ask = async <T>(path: string): Promise<T | undefined> => {
    const answer = await get(clock, `${url}${path}`, token);
    if (answer.isClosed) missing.push(`${path.split("?")[0]}: the daemon's settings have closed it`);
    return answer.body as T | undefined;
  };
  const query = series === undefined ? "" : `?series_id=${encodeURIComponent(series)}`;
  const feed = await ask<NonNullable<Look["feed"]>>(`/api/feed/state${query}`);
  const tree = await ask<NonNullable<Look["tree"]>>(`/api/runtime/tree${query}`);
  const breakers = await ask<NonNullable<Look["breakers"]>>("/api/feed/breakers");
  const gaps: Record<string, readonly WireGap[]> = {};
  const repairingFirst = [...(feed?.series ?? [])].sort(
    (a, b) => Number(b.state === "repairing") - Number(a.state === "repairing"),
  );
  const wanted = series === undefined ? repairingFirst.map(({ series_id }) => series_id) : [series];
  for (const one of wanted.slice(0, MAX_GAP_SERIES)) {
    const path = `/api/feed/gaps?series_id=${encodeURIComponent(one)}&limit=${GAPS_PER_SERIES}`;
    const found = await ask<{ readonly gaps: readonly WireGap[] }>(path);
    if (found !== undefined && found.gaps.length > 0) gaps[one] = found.gaps;
  }
  if (wanted.length > MAX_GAP_SERIES) missing.push(`gaps of ${wanted.length - MAX_GAP_SERIES} more series`);
  return { feed, breakers: breakers && ofSeries(breakers, series), gaps, tree, missing };
}

/** Breakers of other series left out. */
function ofSeries(breakers: NonNullable<Look["breakers"]>, series: string | undefined): NonNullable<Look["breakers"]> {
  if (series === undefined) return breakers;
  return { ...breakers, series: breakers.series.filter(({ name }) => name === series) };
}

interface Answer {
  readonly body: unknown;
  /** A setting has closed the route. */
  readonly isClosed: boolean;
}

/** @throws Error with what is to be said. */
async function get(clock: Clock, url: string, token: string | undefined): Promise<Answer> {
  const headers = tokenHeader(token);
  const { origin } = new URL(url);
  const [status, text] = await withLimit(clock, ANSWER_LIMIT_MS, async (signal) => {
    const answer = await fetch(url, { headers, signal });
    return [answer.status, await answer.text()] as const;
  }).catch((error: Error) => {
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`no daemon answers at ${origin} (${why}); is it running?`);
  });
  if (status === 200) return { body: bodyOf(text, origin), isClosed: false };
  if (status === 404 && text.includes("not_found")) return { body: undefined, isClosed: true };
  throw new Error(`${url} was answered with ${status} ${text.slice(0, 200)}${tokenRemedy(status)}`);
}

function bodyOf(text: string, origin: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`what answers at ${origin} is no trade-canvas daemon`);
  }
}
