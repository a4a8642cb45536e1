/** `trade-canvas audit`: are the ledgers of a store what its candles make of them? */
import { parseArgs } from "node:util";
import { createSystemClock } from "../clock/system-clock.js";
import { ConfigError } from "../config/config-error.js";
import { loadSettings } from "../config/load.js";
import { createEngines } from "../engines.js";
import { auditSeries, type SeriesAudit } from "../ledger/audit.js";
import { auditTimeframes, type TimeframeAudit } from "../ledger/audit-timeframes.js";
import type { LedgerVerdict } from "../ledger/comparison.js";
import { parseSeriesId } from "../market/series-id.js";
import { StoreError } from "../storage/errors.js";
import { openStoreReader } from "../storage/lmdb-store.js";
import { type CommandIo, commandWith } from "./command.js";
import { envWith, SETTINGS_HELP, SETTINGS_OPTIONS, settingsFileOf } from "./with-settings.js";

const HELP = `usage: trade-canvas audit [--series ID]... [--settings FILE | --bare] [--json]

Computes the factor and overlay ledgers of a store anew from its candles, compares them with what is stored, and says
where they differ first. Candles are also held against those of shorter timeframes of the same symbol; where they do not
agree, the exchange has said two things, and both are stored. Reads only; a daemon may run on the same store meanwhile.

  --series ID      audit this series; may be given several times; default: all series of the store
${SETTINGS_HELP}
  --json           one JSON object per series instead of text

Exit code 0: no difference. 1: a difference, or nothing could be compared. The store is TRADE_CANVAS_DB_PATH.`;

const SAME = 0;
const DIFFERENT = 1;

/** Least time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 2_000;

interface Plan {
  readonly series: readonly string[];
  readonly settings: string | undefined;
  readonly json: boolean;
}

function readPlan(args: string[]): Plan {
  const { values } = parseArgs({
    args,
    options: {
      series: { type: "string", multiple: true },
      ...SETTINGS_OPTIONS,
      json: { type: "boolean" },
    },
  });
  for (const series of values.series ?? []) parseSeriesId(series);
  return { series: values.series ?? [], settings: settingsFileOf(values), json: values.json === true };
}

export const auditCommand = commandWith(
  { name: "audit", summary: "compare the ledgers of a store with its candles", help: HELP },
  readPlan,
  audit,
);

async function audit(plan: Plan, io: CommandIo): Promise<number> {
  let store: ReturnType<typeof openStoreReader> | undefined;
  try {
    const { settings } = loadSettings(envWith(plan.settings, io));
    store = openStoreReader(settings.dbPath);
    const series = plan.series.length > 0 ? plan.series : store.seriesIds();
    if (series.length === 0) io.err(`trade-canvas audit: the store in ${settings.dbPath} holds no series`);
    let code = SAME;
    for (const text of series) {
      if (io.stop.aborted) return DIFFERENT;
      const result = auditSeries(
        { store, ...createEngines(settings), onProgress: progress(io, text) },
        parseSeriesId(text),
      );
      const timeframes = auditTimeframes(store, parseSeriesId(text));
      io.out(plan.json ? JSON.stringify({ ...result, timeframes }) : describe(result, timeframes));
      if (isDifferent(result)) code = DIFFERENT;
    }
    return code;
  } catch (error) {
    if (error instanceof ConfigError) for (const problem of error.problems) io.err(`trade-canvas audit: ${problem}`);
    else if (error instanceof StoreError) io.err(`trade-canvas audit: ${error.message}`);
    else throw error;
    return DIFFERENT;
  } finally {
    await store?.close();
  }
}

/** Says how far a long audit has come. */
function progress(io: CommandIo, series: string): (candles: number) => void {
  const clock = createSystemClock();
  let saidMs = clock.monotonic();
  return (candles) => {
    if (clock.monotonic() - saidMs < PROGRESS_MS) return;
    saidMs = clock.monotonic();
    io.err(`${series}: ${candles} candles compared so far`);
  };
}

function isDifferent({ factor, overlay }: SeriesAudit): boolean {
  return [factor, overlay].some(({ type }) => type === "different" || type === "other_fingerprint");
}

function describe({ series, candles, factor, overlay }: SeriesAudit, timeframes: readonly TimeframeAudit[]): string {
  const verdicts = [verdictLine("factor", factor), verdictLine("overlay", overlay)];
  return [`${series}: ${candles} candles`, ...verdicts, ...timeframes.map(timeframeLines)].join("\n");
}

function timeframeLines({ base, compared, different, first }: TimeframeAudit): string {
  const told = first.map(
    ({ time, field, stored, rolledUp }) => `    ${time}: ${field} is ${stored}, and ${rolledUp} by ${base}`,
  );
  const more = different > first.length ? [`    and ${different - first.length} more`] : [];
  return [`  ${compared} candles compared with ${base}: ${different} differ`, ...told, ...more].join("\n");
}

function verdictLine(ledger: string, verdict: LedgerVerdict): string {
  const name = `  ${ledger.padEnd(8)}`;
  switch (verdict.type) {
    case "absent":
      return `${name}nothing stored`;
    case "other_fingerprint":
      return `${name}cannot be compared: computed as ${verdict.stored}, these settings make ${verdict.expected}`;
    case "same":
      return `${name}same: ${verdict.candles} candles, ${verdict.rows} rows, sha256 ${verdict.hash}`;
    case "different": {
      const { blockTime, what, stored, computed } = verdict.difference;
      const where = blockTime === null ? "" : ` in the block from ${blockTime}`;
      return [`${name}DIFFERENT: ${what}${where}`, `    stored:   ${stored}`, `    computed: ${computed}`].join("\n");
    }
  }
}
