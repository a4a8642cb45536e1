/** The first buckets of a derived series that somebody subscribes to before there are any. Spec: ingest §7.4; ws-api §2.1. */
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { StoreReader } from "../../storage/store.js";
import { errorText } from "../runtime/errors.js";
import type { DerivedTree } from "./fan-out.js";

export interface FirstBucketsOptions {
  readonly store: Pick<StoreReader, "head">;
  readonly log: EventLog;
}

/** Makes them if the series has no candle. Never rejects: a subscription is worth more than its history. */
export async function firstBuckets(
  tree: Pick<DerivedTree, "derive"> & { readonly id: SeriesId },
  { store, log }: FirstBucketsOptions,
): Promise<void> {
  const { text } = tree.id;
  if (store.head(text).lastTime !== null) return;
  try {
    await tree.derive({ type: "first" });
  } catch (error) {
    log.warn("derive.first_failed", { series_id: text, error: errorText(error) });
  }
}
