/** How a series and its connection stand, in words. Pure. */
import type { FeedOfSeries, FeedStateName } from "../../../src/client/answers/feed.js";
import type { ConnectionState } from "../../../src/client/connection.js";

/** What is known of a series. */
export interface Standing {
  readonly connection: ConnectionState;
  /** What stands in the way of a read, and when it is tried again; null: nothing does. */
  readonly problem: { readonly text: string; readonly retryAtMs: number } | null;
  /** When a connection that waits tries again. */
  readonly retryAtMs: number | null;
  /** What the daemon says of the feed; null: not followed. Undefined: not known. */
  readonly feed: FeedOfSeries | null | undefined;
  readonly nowMs: number;
}

export type Tone = "good" | "busy" | "bad" | "idle";

export interface Words {
  readonly tone: Tone;
  /** One or two words. */
  readonly state: string;
  /** Why, and what is done about it; empty if there is nothing to say. */
  readonly detail: string;
}

const STATES: Readonly<Record<FeedStateName, Omit<Words, "detail"> & { readonly detail?: string }>> = {
  live: { tone: "good", state: "Live" },
  quiet: { tone: "good", state: "Quiet", detail: "nothing trades, and the exchange agrees" },
  repairing: { tone: "busy", state: "Repairing", detail: "candles wait behind a hole that is being fetched" },
  stalled: { tone: "bad", state: "Stalled" },
  halted: { tone: "busy", state: "Halted", detail: "the exchange has no newer candle" },
  down: { tone: "bad", state: "Down" },
  invalid: { tone: "bad", state: "Invalid" },
};

/** The state of the series, or what is in the way of knowing it. */
export function wordsOf({ connection, problem, retryAtMs, feed, nowMs }: Standing): Words {
  if (connection.name === "refused") return { tone: "bad", state: "Refused", detail: connection.reason };
  if (connection.name === "waiting") {
    return { tone: "bad", state: "Daemon away", detail: `${connection.reason}${again(retryAtMs, nowMs)}` };
  }
  if (problem !== null) {
    return { tone: "bad", state: "No answer", detail: `${problem.text}${again(problem.retryAtMs, nowMs)}` };
  }
  if (connection.name !== "open") return { tone: "busy", state: "Connecting", detail: attempts(connection) };
  if (feed === undefined) return { tone: "good", state: "Connected", detail: "" };
  if (feed === null)
    return { tone: "idle", state: "Not followed", detail: "stored candles only; no stream is open for it" };
  const words = STATES[feed.state];
  return { ...words, detail: feed.reason ?? words.detail ?? "" };
}

/** `message 1.7 s ago`, `lag 400 ms`: the figures behind the state, as far as they are known. */
export function figuresOf(feed: FeedOfSeries | null | undefined): readonly string[] {
  if (feed === undefined || feed === null) return [];
  const { message_age_s, lag_ms, connection } = feed;
  return [
    message_age_s === null ? "" : `message ${ageText(message_age_s)} ago`,
    lag_ms === null ? "" : `lag ${Math.round(lag_ms).toLocaleString("en-US")} ms`,
    connection === null ? "" : `stream ${connection.state}`,
  ].filter((part) => part !== "");
}

/** `1.7 s`, `12 s`, `3 min`, `2 h` */
export function ageText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function again(atMs: number | null, nowMs: number): string {
  if (atMs === null) return "";
  const seconds = Math.ceil((atMs - nowMs) / 1000);
  return seconds > 0 ? `; trying again in ${seconds} s` : "; trying again";
}

function attempts(state: ConnectionState): string {
  return state.name === "connecting" && state.attempt > 1 ? `attempt ${state.attempt}` : "";
}
