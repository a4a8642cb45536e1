/** The debug snapshot of the jobs: what is followed, for whom, and by which settings. Spec: ingest §4.8. */
import type { JobView } from "./job-board.js";

export interface JobSettings {
  readonly whitelist: readonly string[];
  readonly whitelistIngest: boolean;
  readonly onDemandIngest: boolean;
  readonly maxJobs: number;
  readonly idleTtlMs: number;
  readonly pinnedHistoryCandles: number;
  readonly roleGuard: boolean;
  readonly role: string;
}

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

/** Whether this process runs jobs at all. */
export function jobsEnabled({ roleGuard, role }: JobSettings): boolean {
  return !(roleGuard && role === "read");
}

export function ingestStateView(settings: JobSettings, jobs: readonly JobView[], guardrail: boolean): IngestStateView {
  return {
    jobs,
    whitelist_series_ids: [...settings.whitelist].sort(),
    ondemand_max_jobs: settings.maxJobs,
    whitelist_ingest_enabled: settings.whitelistIngest,
    ingest_role_guard_enabled: settings.roleGuard,
    ingest_role: settings.role,
    ingest_jobs_enabled: jobsEnabled(settings),
    loop_guardrail_enabled: guardrail,
  };
}
