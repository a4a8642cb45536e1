/** How one client follows one series. */
import type { SeriesId } from "../../market/series-id.js";
import type { Subscriber } from "./subscription.js";

export interface SubscribeRequest {
  readonly id: SeriesId;
  /** The client's cursor in seconds; null for the newest candles. */
  readonly since: number | null;
  readonly batches: boolean;
  /** Tell of the states of gaps. */
  readonly gaps: boolean;
  readonly subscriber: Subscriber;
}
