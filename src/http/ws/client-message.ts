/** What a client may say on `/ws/market`, and what is wrong with everything else. Spec: ws-api §1.2, §1.4. */
import { parseSeriesId, type SeriesId } from "../../market/series-id.js";
import { LONGEST_SERIES_ID } from "../wire-schemas.js";

export type ClientMessage =
  | {
      readonly type: "subscribe";
      readonly seriesId: string;
      /** Seconds; null for the newest candles. */
      readonly since: number | null;
      readonly batches: boolean;
      readonly gaps: boolean;
    }
  | { readonly type: "unsubscribe"; readonly seriesId: string }
  /** Understood, and of no effect. */
  | { readonly type: "nothing" }
  | { readonly type: "bad_request"; readonly message: string };

/** @param text the frame; undefined for one that was binary. Never throws. */
export function parseClientMessage(text: string | undefined): ClientMessage {
  const envelope = text === undefined ? undefined : parseJson(text);
  if (typeof envelope !== "object" || envelope === null || Array.isArray(envelope)) {
    return badRequest("invalid message envelope");
  }
  const { type, series_id: seriesId } = envelope as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || type === "") return badRequest("missing message type");
  if (type === "subscribe") return parseSubscribe(envelope as Readonly<Record<string, unknown>>);
  if (type === "unsubscribe") {
    return typeof seriesId === "string" ? { type: "unsubscribe", seriesId } : { type: "nothing" };
  }
  return badRequest(`unknown message type: ${type}`);
}

function parseSubscribe(message: Readonly<Record<string, unknown>>): ClientMessage {
  const { series_id: seriesId, since = null, supports_batch: batches = null, gaps = null } = message;
  if (typeof seriesId !== "string" || seriesId === "") return badRequest("missing series_id");
  if ([...seriesId].length > LONGEST_SERIES_ID) return badRequest("invalid series_id");
  if (since !== null && !Number.isSafeInteger(since)) return badRequest("invalid since");
  if (batches !== null && typeof batches !== "boolean") return badRequest("invalid supports_batch");
  if (gaps !== null && typeof gaps !== "boolean") return badRequest("invalid gaps");
  return { type: "subscribe", seriesId, since: since as number | null, batches: batches === true, gaps: gaps === true };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badRequest(message: string): ClientMessage {
  return { type: "bad_request", message };
}

/** The series that a client names; undefined for a text that names none. */
export function seriesNamed(text: string): SeriesId | undefined {
  try {
    return parseSeriesId(text);
  } catch {
    return undefined;
  }
}
