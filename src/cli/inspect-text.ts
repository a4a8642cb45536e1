/** What `trade-canvas inspect` shows, in words. Pure. */
import type { BreakerView } from "../actors/breaker/breaker-view.js";
import type { FeedStatesView, FeedStateView, MarketView } from "../actors/feed/feed-states.js";
import type { TreeNode } from "../actors/runtime/tree-view.js";
import type { WireGap } from "../market/gap.js";
import { isoText } from "./utc-time.js";

/** Answers of one look; undefined for what the daemon does not tell. */
export interface Look {
  readonly tree: { readonly now_ms: number; readonly root: TreeNode } | undefined;
  readonly breakers: Readonly<Record<"series" | "endpoints" | "rest", readonly BreakerView[]>> | undefined;
  readonly feed: FeedStatesView | undefined;
  /** The newest gaps of series, by series. */
  readonly gaps: Readonly<Record<string, readonly WireGap[]>>;
  /** What was not told, and why. */
  readonly missing: readonly string[];
}

/** Lines of one list that are shown; of more it is said how many. */
const MAX_LINES = 40;

export function lookText({ tree, breakers, feed, gaps, missing }: Look): string {
  const parts = [
    ...(feed === undefined
      ? []
      : [section("feeds", feed.series.map(feedLine)), section("markets", feed.markets.flatMap(marketLines))]),
    ...(breakers === undefined ? [] : [breakerSection(breakers)]),
    section(
      "gaps",
      Object.entries(gaps).flatMap(([series, list]) => list.map((gap) => gapLine(series, gap))),
    ),
    ...(tree === undefined ? [] : [section("tree", treeLines(tree.root, tree.now_ms, 0))]),
    ...(missing.length === 0 ? [] : [section("not told", missing)]),
  ];
  return parts.join("\n\n");
}

function section(title: string, lines: readonly string[]): string {
  const shown = lines.slice(0, MAX_LINES);
  const more =
    lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} more; --series ID shows one, --json all`] : [];
  return [title, ...(lines.length === 0 ? ["none"] : [...shown, ...more]).map((line) => `  ${line}`)].join("\n");
}

function feedLine({ series_id, state, reason, final_age_s, lag_ms }: FeedStateView): string {
  const age = final_age_s === null ? "" : `  last close ${duration(final_age_s)} ago`;
  const lag = lag_ms === null ? "" : `  lag ${lag_ms} ms`;
  return `${state.padEnd(9)} ${series_id}${age}${lag}${reason === null ? "" : `  ${reason}`}`;
}

function marketLines({
  market,
  running,
  connections,
  clock_offset_ms,
  silence,
  budgets,
}: MarketView): readonly string[] {
  const offset = clock_offset_ms === null ? "clock unknown" : `clock offset ${clock_offset_ms} ms`;
  const silent = silence === null ? "" : `  REST silent for ${duration(silence.for_s)} (${silence.cause})`;
  const used = Object.entries(budgets).map(
    ([name, { used, limit, window_s }]) => `${name} ${used}/${limit} in ${window_s} s`,
  );
  return [
    `${market.padEnd(9)} ${running ? "running" : "NOT RUNNING"}  ${connections.length} connections  ${offset}${silent}`,
    `${"".padEnd(9)} ${used.join("  ")}`,
  ];
}

/** Those that are closed and have had no failure are only counted. */
function breakerSection(breakers: NonNullable<Look["breakers"]>): string {
  const all = [...breakers.endpoints, ...breakers.rest, ...breakers.series];
  const noted = all.filter(({ state, failures_in_window }) => state !== "closed" || failures_in_window > 0);
  return section(
    `breakers (${all.length}, ${all.length - noted.length} closed without failures)`,
    noted.map(breakerLine),
  );
}

function breakerLine({ kind, name, state, in_state_ms, failures_in_window, last_error }: BreakerView): string {
  const error = last_error === null ? "" : `  ${last_error}`;
  return `${state.padEnd(9)} ${kind} ${name}  for ${duration(in_state_ms / 1000)}  failures ${failures_in_window}${error}`;
}

function gapLine(series: string, { state, from_time, to_time, attempts, last_error }: WireGap): string {
  const to = to_time === null ? "…" : isoText(to_time);
  const error = last_error === null ? "" : `  ${last_error}`;
  return `${state.padEnd(16)} ${series}  ${isoText(from_time)} to ${to}  attempts ${attempts}${error}`;
}

function treeLines(node: TreeNode, nowMs: number, depth: number): readonly string[] {
  const { name, state, since_ms, starts, crashes, last_error, mailbox, children } = node;
  const restarts = starts > 1 ? `  starts ${starts}` : "";
  const crashed = crashes === 0 ? "" : `  crashes ${crashes} (${last_error})`;
  const waits = mailbox === null ? "" : `  mailbox ${mailbox.waiting}/${mailbox.bound}`;
  const refused = mailbox === null || mailbox.refused === 0 ? "" : `, ${mailbox.refused} refused`;
  const since = `for ${duration((nowMs - since_ms) / 1000)}`;
  return [
    `${"  ".repeat(depth)}${name}  ${state} ${since}${restarts}${crashed}${waits}${refused}`,
    ...children.flatMap((child) => treeLines(child, nowMs, depth + 1)),
  ];
}

/** `45 s`, `12 min`, `3.5 h`, `2.1 d`. */
function duration(seconds: number): string {
  const s = Math.max(0, seconds);
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3_600) return `${Math.round(s / 60)} min`;
  return s < 86_400 ? `${(s / 3_600).toFixed(1)} h` : `${(s / 86_400).toFixed(1)} d`;
}
