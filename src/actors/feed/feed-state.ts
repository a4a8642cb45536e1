/**
 * The state of a series that is followed, computed from what is known of its stream when it is asked for. Pure. Connected is
 * not live, and acknowledged is not live: candles decide. Spec: binance-protocol §8 item 10; F03, F32, F33, F36.
 */

/** What is known of a feed. Times are monotonic milliseconds of one clock. */
export interface FeedFacts {
  readonly link: /** Not attached: before an attempt, or in the pause after a failure. */
    | { readonly state: "waiting"; readonly reason: string | null }
    | { readonly state: "verifying" }
    /** The exchange does not serve the series. */
    | { readonly state: "refused"; readonly reason: string | null }
    | { readonly state: "attached" };
  /** The connection that carries the stream; null while there is none. */
  readonly connection: ConnectionFacts | null;
  readonly stream: StreamFacts;
  /** Finals that wait behind a hole that is being fetched. */
  readonly heldFinals: number;
}

export interface ConnectionFacts {
  /** Unique in its market until that is restarted. */
  readonly id: number;
  readonly state: "dialing" | "open" | "renewing" | "retiring" | "successor";
  /** Since it was dialed, in milliseconds. */
  readonly ageMs: number;
  /** Since its last candle, in milliseconds; null before the first. */
  readonly dataAgeMs: number | null;
  /** How old its last message was at least, in milliseconds; null if that is not known. */
  readonly lagMs: number | null;
  readonly streams: number;
}

export interface StreamFacts {
  /** The last message, forming or final. */
  readonly heardMs: number | null;
  readonly finalMs: number | null;
  /** The exchange's clock minus the event time of the last message, in milliseconds. */
  readonly lagMs: number | null;
  /** Since when there is proof against the stream, without a message since. */
  readonly stalledMs: number | null;
  /** When REST had nothing that the stream had not brought, without a message since. */
  readonly quietMs: number | null;
  /** When the newest candle was found to be absent at the source, without a candle since. */
  readonly absentMs: number | null;
}

export type FeedState =
  | { readonly state: "live" }
  | { readonly state: "quiet"; readonly verifiedMs: number }
  | { readonly state: "stalled"; readonly reason: string }
  | { readonly state: "repairing"; readonly reason: string }
  | { readonly state: "halted"; readonly reason: string }
  | { readonly state: "invalid"; readonly reason: string }
  | { readonly state: "down"; readonly reason: string };

export const FEED_STATES = ["live", "quiet", "stalled", "repairing", "halted", "invalid", "down"] as const;

/** A stream whose last message is older than this is not live, in milliseconds: a minute, and what its final may take. */
export const LIVE_DEADLINE_MS = 75_000;

/** @param facts undefined while the actors of the series do not run. */
export function feedState(facts: FeedFacts | undefined, nowMs: number): FeedState {
  if (facts === undefined) return { state: "down", reason: "the series is being restarted" };
  const { link, connection, stream, heldFinals } = facts;
  if (link.state === "refused") return { state: "invalid", reason: link.reason ?? "the exchange does not serve it" };
  if (link.state === "waiting") return { state: "down", reason: link.reason ?? "about to be attached" };
  if (link.state === "verifying") return { state: "down", reason: "looking up the symbol" };
  if (connection === null || connection.state === "dialing")
    return { state: "down", reason: "waiting for a connection" };
  if (heldFinals > 0) return { state: "repairing", reason: `${heldFinals} finals wait behind a hole` };
  if (stream.stalledMs !== null) return { state: "stalled", reason: "REST has what the stream does not bring" };
  if (stream.absentMs !== null) return { state: "halted", reason: "the exchange has no newer candle" };
  if (stream.quietMs !== null) return { state: "quiet", verifiedMs: stream.quietMs };
  const silentMs = stream.heardMs === null ? connection.ageMs : nowMs - stream.heardMs;
  if (silentMs > LIVE_DEADLINE_MS) return { state: "stalled", reason: "nothing comes, and REST has not said why" };
  return stream.heardMs === null ? { state: "down", reason: "waiting for the first candle" } : { state: "live" };
}
