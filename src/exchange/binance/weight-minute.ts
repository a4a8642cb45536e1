/**
 * The account of one minute of request weight: what this process has sent, and what the exchange says the address has
 * used. Other processes may share the address, so the exchange's count is the truth, and while it is not known in a new
 * minute, only a single request is sent to learn it. Pure. Spec: binance-protocol §4.2, F26, F28; feed-behaviour B10.
 */

/** Length of the exchange's counting window, in milliseconds, starting at whole minutes of its clock. */
export const WEIGHT_WINDOW_MS = 60_000;

/** A new minute is taken as begun this many milliseconds late, because the exchange's clock is known no better. */
export const MINUTE_GUARD_MS = 250;

/** Most requests of one market under way at once. Their weight is what the count may be exceeded by at worst. */
export const MAX_REQUESTS_IN_FLIGHT = 4;

/** `live`: a hole that a reader is waiting behind. `bulk`: history, which yields to it. */
export type WeightPriority = "live" | "bulk";

/** The part of the limit up to which requests of a priority are sent; the rest is left to others behind the address. */
export const WEIGHT_CEILING: Readonly<Record<WeightPriority, number>> = { live: 0.8, bulk: 0.5 };

export interface WeightMinute {
  /** Number of the minute since the Unix epoch. */
  readonly index: number;
  /** Weight that this process has sent in it. */
  readonly sent: number;
  /** Requests of this minute that have not been answered, and their weight. */
  readonly inFlight: number;
  readonly inFlightWeight: number;
  /** Largest count that the exchange has reported for it; null until the first answer. */
  readonly reported: number | null;
}

/** Number of the minute that `exchangeNowMs` (UTC) belongs to. */
export function minuteIndex(exchangeNowMs: number): number {
  return Math.floor((exchangeNowMs - MINUTE_GUARD_MS) / WEIGHT_WINDOW_MS);
}

/** Whole milliseconds, at least 1, until the next minute is taken as begun. */
export function untilNextMinuteMs(exchangeNowMs: number): number {
  return Math.ceil((minuteIndex(exchangeNowMs) + 1) * WEIGHT_WINDOW_MS + MINUTE_GUARD_MS - exchangeNowMs);
}

export function newMinute(index: number): WeightMinute {
  return { index, sent: 0, inFlight: 0, inFlightWeight: 0, reported: null };
}

/** The address's weight as far as it can be known: never less than what may already have been counted. */
export function usedWeight(minute: WeightMinute): number {
  return Math.max(minute.sent, (minute.reported ?? 0) + minute.inFlightWeight);
}

/**
 * Whether a request may be sent now.
 * @param limit the exchange's limit per minute.
 * @param totalInFlight unanswered requests of all minutes.
 */
export function hasRoom(
  minute: WeightMinute,
  weight: number,
  priority: WeightPriority,
  limit: number,
  totalInFlight: number,
): boolean {
  if (totalInFlight >= MAX_REQUESTS_IN_FLIGHT) return false;
  const fits = usedWeight(minute) + weight <= limit * WEIGHT_CEILING[priority];
  if (minute.reported !== null) return fits;
  // The first request of a minute goes whatever it weighs: without it the count would never be known.
  return minute.inFlight === 0 && (fits || minute.sent === 0);
}

export function withSent(minute: WeightMinute, weight: number): WeightMinute {
  return {
    ...minute,
    sent: minute.sent + weight,
    inFlight: minute.inFlight + 1,
    inFlightWeight: minute.inFlightWeight + weight,
  };
}

/** The request was answered (`reported`: the count in the answer, null without one) or given up. */
export function withAnswered(minute: WeightMinute, weight: number, reported: number | null): WeightMinute {
  return {
    ...minute,
    inFlight: minute.inFlight - 1,
    inFlightWeight: minute.inFlightWeight - weight,
    reported: reported === null ? minute.reported : Math.max(minute.reported ?? 0, reported),
  };
}

/** The request was not sent after all. */
export function withUnsent(minute: WeightMinute, weight: number): WeightMinute {
  return { ...withAnswered(minute, weight, null), sent: minute.sent - weight };
}

/** A request of the minute before was answered in this one: the exchange may have counted it here. */
export function withStraddler(minute: WeightMinute, weight: number): WeightMinute {
  return { ...minute, sent: minute.sent + weight };
}
