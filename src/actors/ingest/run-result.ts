/** What a run of the write pipeline did, or where it failed. Spec: ingest §2.2, §2.4. */
import type { Candle } from "../../market/candle.js";

export interface RunStep {
  /** `store.upsert_many_closed`, `factor.ingest_closed` or `overlay.ingest_closed`, with or without `:<series>`. */
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly error: string | null;
}

export interface RunResult {
  readonly series: string;
  /** The candles of the run: ascending, one per time. */
  readonly candles: readonly Candle[];
  readonly rebuilt: boolean;
  /** Stored candles are left that a ledger has not taken in: another run goes on with them. */
  readonly behind: boolean;
  readonly steps: readonly RunStep[];
  readonly durationMs: number;
}

export type RunStepName =
  | "store.upsert_many_closed"
  | "factor.ingest_closed"
  | "overlay.ingest_closed"
  | "overlay.reset_series";

/** What a failed run undid. */
export interface Compensation {
  readonly overlayReset: boolean;
  /** New candles that were not kept. */
  readonly candleRows: number;
  /** A compensation that itself failed. */
  readonly error: string | null;
}

const NOT_COMPENSATED: Compensation = { overlayReset: false, candleRows: 0, error: null };

/** A run that failed. The message is part of the contract; `detail` is what HTTP answers with. */
export class PipelineError extends Error {
  override readonly name = "PipelineError";
  readonly step: RunStepName;
  readonly series: string;
  readonly compensation: Compensation;
  readonly causeText: string;

  constructor(step: RunStepName, series: string, causeText: string, compensation = NOT_COMPENSATED) {
    super(pipelineErrorText(step, series, causeText, compensation));
    this.step = step;
    this.series = series;
    this.causeText = causeText;
    this.compensation = compensation;
  }

  /** Whether anything was undone. */
  get compensated(): boolean {
    return this.compensation.overlayReset || this.compensation.candleRows > 0;
  }

  get detail(): string {
    return `ingest_pipeline_failed:${this.step}:${this.series}`;
  }
}

/** Candles that are stored, but whose publication failed under a policy that does not allow it. */
export class PublishError extends Error {
  override readonly name = "PublishError";
}

function pipelineErrorText(step: RunStepName, series: string, causeText: string, compensation: Compensation): string {
  const { overlayReset, candleRows, error } = compensation;
  const parts = [`ingest_pipeline_failed:${step}:${series}:${causeText}`];
  if (overlayReset || candleRows > 0) parts.push("compensated");
  if (overlayReset) parts.push("overlay_reset");
  if (candleRows > 0) parts.push(`candle_rows:${candleRows}`);
  if (error !== null) parts.push(`compensation_error:${error}`);
  return parts.join(":");
}
