/**
 * What differs between the producers of closed candles, as policies of the one write path. The historic switches choose
 * between policies; they never choose another path. Spec: flags §2.1, §2.5, ingest §2, §11.
 */

export interface RunPolicy {
  /** A factor or overlay failure fails the run, or is noted in its steps while the run goes on. */
  readonly onLedgerFailure: "fail" | "swallow";
  /**
   * strict: a failing publication fails the run. best_effort: it is swallowed and the next one tried.
   * base_strict: strict for candles, best effort for notices. notices: no candles, and notices as best effort. none:
   * nothing is published.
   */
  readonly publish: "strict" | "best_effort" | "base_strict" | "notices" | "none";
  /** Whether a single candle is published as a single one or as a batch of one. */
  readonly grouping: "by_count" | "batch";
  /** Whether step names carry the series id. */
  readonly stepNames: "with_series" | "plain";
  /**
   * What becomes of the candles in the series that are derived of this one. base_first: their buckets follow it. by_id: all
   * series are published by their ids. touched: the buckets that they touch are made again, in silence. Nothing if absent.
   */
  readonly derived?: "base_first" | "by_id" | "touched";
}

/** The switches that choose between policies, as they were set at start. */
export interface IngestSwitches {
  readonly pipelineV2: boolean;
  readonly wsPipelinePublish: boolean;
}

export interface RunPolicies {
  /** `POST /api/market/ingest/candle_closed`. */
  readonly http: RunPolicy;
  /** `POST /api/dev/market/ingest/candles_closed_batch`, published or not. */
  readonly batchPublished: RunPolicy;
  readonly batchSilent: RunPolicy;
  /** The exchange's stream and the repair of its holes. */
  readonly stream: RunPolicy;
  /** Candles that fill a hole which was announced already: stored, never published as new. */
  readonly backfill: RunPolicy;
  /** Buckets of a derived series that are whole now. */
  readonly derived: RunPolicy;
  /** A ledger that catches up without new candles. */
  readonly refresh: RunPolicy;
  /** The same on request: nothing is published, and what is to be told of it comes with the next run that publishes. */
  readonly sync: RunPolicy;
  /** The same where a ledger that fails is to be known. */
  readonly syncStrict: RunPolicy;
}

export function runPolicies(switches: IngestSwitches): RunPolicies {
  const pipeline: RunPolicy = {
    onLedgerFailure: "fail",
    publish: "strict",
    grouping: "by_count",
    stepNames: "with_series",
  };
  const swallowing: RunPolicy = { ...pipeline, onLedgerFailure: "swallow" };
  const grouping = switches.wsPipelinePublish ? "by_count" : "batch";
  return {
    http: switches.pipelineV2 ? pipeline : { ...swallowing, stepNames: "plain" },
    batchPublished: pipeline,
    batchSilent: { ...pipeline, publish: "none" },
    // The candles of a stream are published whatever a factor does: a late candle is worse than a late factor.
    stream: switches.wsPipelinePublish
      ? { ...swallowing, publish: "best_effort", grouping, derived: "by_id" }
      : { ...swallowing, publish: "base_strict", grouping, derived: "base_first" },
    backfill: { ...swallowing, publish: "notices", derived: "touched" },
    derived: { ...swallowing, publish: "best_effort", grouping },
    refresh: { ...swallowing, publish: "best_effort" },
    sync: { ...swallowing, publish: "none" },
    syncStrict: { ...pipeline, publish: "none" },
  };
}
