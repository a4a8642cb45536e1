/** A method for each route for development and for operators' hands: what it takes and answers is told in docs/api. */
import type { BreakerAnswer, BreakerName } from "./answers/feed.js";
import type {
  BackfillAnswer,
  BackfillBody,
  BackfillsAnswer,
  BackfillsQuery,
  IngestBatchAnswer,
  IngestBatchBody,
  ReconcileAsked,
  ReconcileBody,
  RepairOverlayAnswer,
  RepairOverlayBody,
  StopBackfillAnswer,
  StopBackfillBody,
} from "./answers/operation.js";
import type { ReadOptions, Requests } from "./request.js";

export class Dev {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Stores many candles at once. `POST /api/dev/market/ingest/candles_closed_batch`. @throws ClientError. */
  ingestBatch(body: IngestBatchBody, options?: ReadOptions): Promise<IngestBatchAnswer> {
    return this.#requests.post("/api/dev/market/ingest/candles_closed_batch", body, options);
  }

  /** Makes a drawing anew. `POST /api/dev/repair/overlay`. @throws ClientError. */
  repairOverlay(body: RepairOverlayBody, options?: ReadOptions): Promise<RepairOverlayAnswer> {
    return this.#requests.post("/api/dev/repair/overlay", body, options);
  }

  /** Holds a breaker open. `POST /api/dev/breakers/isolate`. @throws ClientError. */
  isolateBreaker(body: BreakerName, options?: ReadOptions): Promise<BreakerAnswer> {
    return this.#requests.post("/api/dev/breakers/isolate", body, options);
  }

  /** Closes a breaker. `POST /api/dev/breakers/reset`. @throws ClientError. */
  resetBreaker(body: BreakerName, options?: ReadOptions): Promise<BreakerAnswer> {
    return this.#requests.post("/api/dev/breakers/reset", body, options);
  }

  /** Fetches a range of a series from the exchange. `POST /api/dev/backfill`. @throws ClientError. */
  backfill(body: BackfillBody, options?: ReadOptions): Promise<BackfillAnswer> {
    return this.#requests.post("/api/dev/backfill", body, options);
  }

  /** How far the backfills are. `GET /api/dev/backfill`. @throws ClientError. */
  backfills(query: BackfillsQuery = {}, options?: ReadOptions): Promise<BackfillsAnswer> {
    return this.#requests.get("/api/dev/backfill", query, options);
  }

  /** Ends a backfill. `POST /api/dev/stop_backfill`. @throws ClientError. */
  stopBackfill(body: StopBackfillBody, options?: ReadOptions): Promise<StopBackfillAnswer> {
    return this.#requests.post("/api/dev/stop_backfill", body, options);
  }

  /** Compares a range of a derived series with the exchange. `POST /api/dev/reconcile`. @throws ClientError. */
  reconcile(body: ReconcileBody, options?: ReadOptions): Promise<ReconcileAsked> {
    return this.#requests.post("/api/dev/reconcile", body, options);
  }
}
