/** The five historic kill switches; setting one back to 0 is the roll-back at run time. Spec: flags §2, §3.2. */
import type { SettingGroup } from "../setting.js";

export const killSwitchGroup = {
  title: "Kill switches",
  settings: {
    enableIngestPipelineV2: {
      env: "TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Whether a factor or overlay failure fails the write of a closed candle.",
      states: {
        off: "Legacy writes: the candle is stored and published, and the write succeeds, whatever happens to its factors and overlays.",
        on: "One pipeline, store → factor → overlay → publish: over HTTP a failing step answers 500 `ingest_pipeline_failed:<step>:<series_id>` and nothing is published; in a replay job it makes the job `error`. Candles of the stream are published in either state, and the ledger catches up.",
      },
    },
    enableIngestLoopGuardrail: {
      env: "TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Whether a circuit breaker per series paces what is retried after a failure.",
      states: {
        off: "No breaker: pauses after a failure are a fixed 2.0 s, a dead job restarts at the next check, and the snapshot shows `guardrail: null`.",
        on: "A breaker per series (closed, open, half open) with exponential backoff and a crash budget, asked before every connect, restart and subscription to a dead job.",
      },
    },
    enableReadStrictMode: {
      env: "TRADE_CANVAS_ENABLE_READ_STRICT_MODE",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Whether a read refuses to answer from a ledger that lags behind the candles.",
      states: {
        off: "A lagging ledger is no error: factor reads answer 200 with what is stored.",
        on: "A ledger that is missing or behind the aligned time answers 409 `ledger_out_of_sync:factor` or `:overlay`; a read never writes and never schedules a recomputation.",
      },
    },
    enableReadImplicitRecompute: {
      env: "TRADE_CANVAS_ENABLE_READ_IMPLICIT_RECOMPUTE",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Whether a non-strict read may bring a lagging ledger up to date before it answers.",
      states: {
        off: "Reads are read-only; a drawing that does not match its factors answers 409 `ledger_out_of_sync:overlay`.",
        on: "Compatibility mode: the ledgers are computed up to the aligned time, then the answer is 200. Strict reads win: with `ENABLE_READ_STRICT_MODE=1` it changes nothing.",
      },
    },
    enableIngestWsPipelinePublish: {
      env: "TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH",
      kind: "bool",
      default: false,
      since: "now",
      effect: "In which order the stream publishes what it has stored, and what a failure to publish does.",
      states: {
        off: "Base series first, always as a batch, then derived series, then rebuild notices; a failure at the base series is a failure of the loop.",
        on: "All series by id, a single candle as `candle_closed`, several as `candles_batch`, then rebuild notices by id; every failure is contained and the rest goes on.",
      },
    },
  },
} as const satisfies SettingGroup;
