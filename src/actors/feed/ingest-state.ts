/** What operators are shown of the jobs. */
import type { JobView } from "./job-board.js";

/** The debug snapshot of the jobs. Spec: ingest §4.8. */
export interface IngestStateView {
  readonly jobs: readonly JobView[];
  readonly whitelist_series_ids: readonly string[];
  readonly ondemand_max_jobs: number;
  readonly whitelist_ingest_enabled: boolean;
  readonly ingest_role_guard_enabled: boolean;
  readonly ingest_role: string;
  readonly ingest_jobs_enabled: boolean;
  readonly loop_guardrail_enabled: boolean;
}
