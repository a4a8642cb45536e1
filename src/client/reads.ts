/** A method for each route of docs/api that is neither replay nor development: what it takes and answers is told there. */
import type {
  DeltaPollAnswer,
  DeltaPollQuery,
  DrawDeltaAnswer,
  DrawDeltaQuery,
  FrameAnswer,
  FrameAtTimeQuery,
  FrameLiveQuery,
} from "./answers/drawing.js";
import type { FactorCatalogAnswer, FactorHealthAnswer, SlicesAnswer, SlicesQuery } from "./answers/factors.js";
import type {
  BreakersAnswer,
  FeedStateAnswer,
  FeedStateQuery,
  GapsAnswer,
  GapsQuery,
  IngestStateAnswer,
  ReconcileAnswer,
} from "./answers/feed.js";
import type {
  CandlesAnswer,
  CandlesQuery,
  IngestAnswer,
  IngestBody,
  MarketHealthAnswer,
  MarketHealthQuery,
  SeriesHealthAnswer,
  SeriesHealthQuery,
  SeriesQuery,
  TopMarketsAnswer,
  TopMarketsQuery,
  TopMarketsStreamQuery,
  WhitelistAnswer,
} from "./answers/market.js";
import type { MetricsAnswer, RuntimeTreeAnswer, RuntimeTreeQuery } from "./answers/operation.js";
import { eventData } from "./event-stream.js";
import type { ReadOptions, Requests } from "./request.js";

export class Reads {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Closed candles: the newest, or those after a time. `GET /api/market/candles`. @throws ClientError. */
  candles(query: CandlesQuery, options?: ReadOptions): Promise<CandlesAnswer> {
    return this.#requests.get("/api/market/candles", query, options);
  }

  /** The series that are always ingested. `GET /api/market/whitelist`. @throws ClientError. */
  whitelist(options?: ReadOptions): Promise<WhitelistAnswer> {
    return this.#requests.get("/api/market/whitelist", {}, options);
  }

  /** The markets that trade most. `GET /api/market/top_markets`. @throws ClientError. */
  topMarkets(query: TopMarketsQuery, options?: ReadOptions): Promise<TopMarketsAnswer> {
    return this.#requests.get("/api/market/top_markets", query, options);
  }

  /** The same as {@link topMarkets} whenever it changes, until the caller stops or the signal ends it. @throws ClientError. */
  topMarketsStream(query: TopMarketsStreamQuery, options: ReadOptions = {}): AsyncGenerator<TopMarketsAnswer> {
    return this.#requests.stream("/api/market/top_markets/stream", query, options, eventData<TopMarketsAnswer>);
  }

  /** Whether a series is up to date. `GET /api/market/health`. @throws ClientError. */
  marketHealth(query: MarketHealthQuery, options?: ReadOptions): Promise<MarketHealthAnswer> {
    return this.#requests.get("/api/market/health", query, options);
  }

  /** Whether a stored series is whole. `GET /api/market/debug/series_health`. @throws ClientError. */
  seriesHealth(query: SeriesHealthQuery, options?: ReadOptions): Promise<SeriesHealthAnswer> {
    return this.#requests.get("/api/market/debug/series_health", query, options);
  }

  /** Jobs and breakers of the ingest. `GET /api/market/debug/ingest_state`. @throws ClientError. */
  ingestState(options?: ReadOptions): Promise<IngestStateAnswer> {
    return this.#requests.get("/api/market/debug/ingest_state", {}, options);
  }

  /** Counters, gauges and timers. `GET /api/market/debug/metrics`. @throws ClientError. */
  metrics(options?: ReadOptions): Promise<MetricsAnswer> {
    return this.#requests.get("/api/market/debug/metrics", {}, options);
  }

  /** Where candles are or were missing, and what became of it. `GET /api/feed/gaps`. @throws ClientError. */
  gaps(query: GapsQuery, options?: ReadOptions): Promise<GapsAnswer> {
    return this.#requests.get("/api/feed/gaps", query, options);
  }

  /** Which series are fed as they should be, and why not. `GET /api/feed/state`. @throws ClientError. */
  feedState(query: FeedStateQuery = {}, options?: ReadOptions): Promise<FeedStateAnswer> {
    return this.#requests.get("/api/feed/state", query, options);
  }

  /** Every circuit breaker. `GET /api/feed/breakers`. @throws ClientError. */
  breakers(options?: ReadOptions): Promise<BreakersAnswer> {
    return this.#requests.get("/api/feed/breakers", {}, options);
  }

  /** Whether derived candles agree with the exchange's own. `GET /api/feed/reconcile`. @throws ClientError. */
  reconcile(query: SeriesQuery, options?: ReadOptions): Promise<ReconcileAnswer> {
    return this.#requests.get("/api/feed/reconcile", query, options);
  }

  /** The actors and their supervisors. `GET /api/runtime/tree`. @throws ClientError. */
  runtimeTree(query: RuntimeTreeQuery = {}, options?: ReadOptions): Promise<RuntimeTreeAnswer> {
    return this.#requests.get("/api/runtime/tree", query, options);
  }

  /** How factors and features are called. `GET /api/factor/catalog`. @throws ClientError. */
  factorCatalog(options?: ReadOptions): Promise<FactorCatalogAnswer> {
    return this.#requests.get("/api/factor/catalog", {}, options);
  }

  /** What the factors say at a candle. `GET /api/factor/slices`. @throws ClientError. */
  factorSlices(query: SlicesQuery, options?: ReadOptions): Promise<SlicesAnswer> {
    return this.#requests.get("/api/factor/slices", query, options);
  }

  /** Whether factors and drawing are level with the candles. `GET /api/factor/health`. @throws ClientError. */
  factorHealth(query: SeriesQuery, options?: ReadOptions): Promise<FactorHealthAnswer> {
    return this.#requests.get("/api/factor/health", query, options);
  }

  /** The drawing, whole or what changed. `GET /api/draw/delta`. @throws ClientError. */
  drawDelta(query: DrawDeltaQuery, options?: ReadOptions): Promise<DrawDeltaAnswer> {
    return this.#requests.get("/api/draw/delta", query, options);
  }

  /** Factors and drawing of the newest candle. `GET /api/frame/live`. @throws ClientError. */
  frameLive(query: FrameLiveQuery, options?: ReadOptions): Promise<FrameAnswer> {
    return this.#requests.get("/api/frame/live", query, options);
  }

  /** Factors and drawing of a past candle. `GET /api/frame/at_time`. @throws ClientError. */
  frameAtTime(query: FrameAtTimeQuery, options?: ReadOptions): Promise<FrameAnswer> {
    return this.#requests.get("/api/frame/at_time", query, options);
  }

  /** What changed in factors and drawing. `GET /api/delta/poll`. @throws ClientError. */
  deltaPoll(query: DeltaPollQuery, options?: ReadOptions): Promise<DeltaPollAnswer> {
    return this.#requests.get("/api/delta/poll", query, options);
  }

  /** Stores and publishes a closed candle. `POST /api/market/ingest/candle_closed`. @throws ClientError. */
  ingestClosed(body: IngestBody, options?: ReadOptions): Promise<IngestAnswer> {
    return this.#requests.post("/api/market/ingest/candle_closed", body, options);
  }

  /** Shows a forming candle. `POST /api/market/ingest/candle_forming`. @throws ClientError. */
  ingestForming(body: IngestBody, options?: ReadOptions): Promise<IngestAnswer> {
    return this.#requests.post("/api/market/ingest/candle_forming", body, options);
  }
}
