/** The file in which the progress of backfills outlives the process. Spec: ingest §6.6. */
import { dirname, join } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { type BackfillProgress, backfillView } from "../../market/backfill-progress.js";
import type { EventLog } from "../../observability/event-log.js";
import { readJsonFile, writeJsonFile } from "../../storage/json-file.js";
import { errorText } from "../runtime/errors.js";
import type { ProgressFile } from "./progress-board.js";

const VERSION = 1;

const Text = Type.Union([Type.String(), Type.Null()]);
const Count = Type.Number({ minimum: 0 });
const SavedState = Type.Object({
  state: Type.Union([Type.Literal("running"), Type.Literal("succeeded"), Type.Literal("failed")]),
  started_at: Count,
  updated_at: Count,
  reason: Text,
  note: Text,
  error: Text,
  start_missing_seconds: Count,
  start_missing_candles: Count,
  current_missing_seconds: Count,
  current_missing_candles: Count,
});
type SavedState = Static<typeof SavedState>;

const Saved = Type.Object({ version: Type.Literal(VERSION), states: Type.Record(Type.String(), SavedState) });

/** Beside the store in `dbPath`: `runtime_state/market_backfill_progress.json`. */
export function progressPath(dbPath: string): string {
  return join(dirname(dbPath), "runtime_state", "market_backfill_progress.json");
}

/** A file that cannot be read, or holds something else, counts as empty and is written anew; the log says so. */
export function progressFile(path: string, log: EventLog): ProgressFile {
  return {
    load: () => {
      try {
        const value = readJsonFile(path);
        if (value === undefined) return [];
        if (Value.Check(Saved, value)) {
          return Object.entries(value.states).map(([series, state]) => [series, fromSaved(state)] as const);
        }
        log.warn("backfill_progress.ignored", { file: path, error: "it is not what was written" });
      } catch (error) {
        log.warn("backfill_progress.ignored", { file: path, error: errorText(error) });
      }
      return [];
    },
    save: (states) => {
      const saved = [...states].map(([series, progress]) => [series, toSaved(progress)] as const);
      return writeJsonFile(path, { version: VERSION, states: Object.fromEntries(saved) });
    },
  };
}

function toSaved(progress: BackfillProgress): object {
  const { progress_pct: _, recent: __, ...saved } = backfillView(progress, progress.updatedAtS, 0);
  return saved;
}

function fromSaved(saved: SavedState): BackfillProgress {
  const course = {
    startedAtS: saved.started_at,
    updatedAtS: saved.updated_at,
    start: { seconds: saved.start_missing_seconds, candles: saved.start_missing_candles },
    current: { seconds: saved.current_missing_seconds, candles: saved.current_missing_candles },
    reason: saved.reason ?? "",
  };
  if (saved.state === "running") return { ...course, state: "running" };
  if (saved.state === "succeeded") return { ...course, state: "succeeded", note: saved.note ?? "" };
  return { ...course, state: "failed", note: saved.note ?? "", error: saved.error ?? "" };
}
