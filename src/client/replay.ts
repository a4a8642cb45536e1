/** A method for each route of replay: what it takes and answers is told in docs/api. */
import type {
  CoverageStatusAnswer,
  EnsureCoverageAnswer,
  EnsureCoverageBody,
  JobQuery,
  OverlayReadOnlyAnswer,
  OverlayStatusAnswer,
  OverlayStatusQuery,
  OverlayWindowAnswer,
  PackageBody,
  PackageBuildAnswer,
  ReplayPrepareAnswer,
  ReplayPrepareBody,
  ReplayStatusAnswer,
  ReplayStatusQuery,
  ReplayWindowAnswer,
  WindowQuery,
} from "./answers/replay.js";
import type { ReadOptions, Requests } from "./request.js";

/** Replay packages: bars, drawing and factors of a stretch of candles. */
export class Replay {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Brings factors and drawing up to the candle at which a replay ends. `POST /api/replay/prepare`. @throws ClientError. */
  prepare(body: ReplayPrepareBody, options?: ReadOptions): Promise<ReplayPrepareAnswer> {
    return this.#requests.post("/api/replay/prepare", body, options);
  }

  /** Brings in the candles that a replay needs. `POST /api/replay/ensure_coverage`. @throws ClientError. */
  ensureCoverage(body: EnsureCoverageBody, options?: ReadOptions): Promise<EnsureCoverageAnswer> {
    return this.#requests.post("/api/replay/ensure_coverage", body, options);
  }

  /** How far that is. `GET /api/replay/coverage_status`. @throws ClientError. */
  coverageStatus(query: JobQuery, options?: ReadOptions): Promise<CoverageStatusAnswer> {
    return this.#requests.get("/api/replay/coverage_status", query, options);
  }

  /** Makes a replay package. `POST /api/replay/build`. @throws ClientError. */
  build(body: PackageBody, options?: ReadOptions): Promise<PackageBuildAnswer> {
    return this.#requests.post("/api/replay/build", body, options);
  }

  /** Whether it is made, and what it holds. `GET /api/replay/status`. @throws ClientError. */
  status(query: ReplayStatusQuery, options?: ReadOptions): Promise<ReplayStatusAnswer> {
    return this.#requests.get("/api/replay/status", query, options);
  }

  /** A window of it. `GET /api/replay/window`. @throws ClientError. */
  window(query: WindowQuery, options?: ReadOptions): Promise<ReplayWindowAnswer> {
    return this.#requests.get("/api/replay/window", query, options);
  }
}

/** Overlay packages: bars and drawing, without factors. */
export class OverlayPackages {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Whether one is there. `GET /api/replay/overlay_package/read_only`. @throws ClientError. */
  readOnly(query: PackageBody, options?: ReadOptions): Promise<OverlayReadOnlyAnswer> {
    return this.#requests.get("/api/replay/overlay_package/read_only", query, options);
  }

  /** Makes an overlay package. `POST /api/replay/overlay_package/build`. @throws ClientError. */
  build(body: PackageBody, options?: ReadOptions): Promise<PackageBuildAnswer> {
    return this.#requests.post("/api/replay/overlay_package/build", body, options);
  }

  /** How far it is, and what it holds. `GET /api/replay/overlay_package/status`. @throws ClientError. */
  status(query: OverlayStatusQuery, options?: ReadOptions): Promise<OverlayStatusAnswer> {
    return this.#requests.get("/api/replay/overlay_package/status", query, options);
  }

  /** A window of it. `GET /api/replay/overlay_package/window`. @throws ClientError. */
  window(query: WindowQuery, options?: ReadOptions): Promise<OverlayWindowAnswer> {
    return this.#requests.get("/api/replay/overlay_package/window", query, options);
  }
}
