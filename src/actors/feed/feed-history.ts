/** How the feed of a series stands with the candles that closed before now, and waiting for it. */
import { type Clock, sleep } from "../../clock/clock.js";

export type FeedHistory =
  /** The feed has not looked yet what is missing: it is about to be attached. */
  | { readonly state: "unknown" }
  /** Candles are being fetched; `error` is why the last try failed, null if it did not. */
  | { readonly state: "fetching"; readonly error: string | null }
  /** Everything that the exchange has is stored. */
  | { readonly state: "whole" }
  /** The exchange does not serve the series. */
  | { readonly state: "refused"; readonly reason: string };

/** How often the standing of a feed is looked at, in milliseconds. */
const LOOK_EVERY_MS = 100;

export interface HistoryWait {
  readonly clock: Clock;
  /** Undefined while the feed does not run. */
  readonly history: () => FeedHistory | undefined;
  /** Aborted: it is waited no longer. */
  readonly signal: AbortSignal;
}

/**
 * Waits until a feed has fetched its history, or cannot do so for now: it goes on trying, but whoever waits is not to wait
 * for the end of an outage.
 * @returns why the history is not whole; undefined if it is, or if the wait was ended.
 */
export async function untilHistoryIsWhole({ clock, history, signal }: HistoryWait): Promise<string | undefined> {
  while (!signal.aborted) {
    const standing = history();
    if (standing?.state === "whole") return undefined;
    if (standing?.state === "refused") return standing.reason;
    if (standing?.state === "fetching" && standing.error !== null) return standing.error;
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
  return undefined;
}
