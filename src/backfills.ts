/** Puts together what brings history into the store of a daemon, besides the feeds themselves. Assembly only. */
import { BackfillBoard } from "./actors/feed/backfill-board.js";
import type { Backfills } from "./actors/feed/backfills.js";
import type { ExchangePort } from "./actors/feed/exchange-port.js";
import { ProgressBoard } from "./actors/feed/progress-board.js";
import { progressFile, progressPath } from "./actors/feed/progress-file.js";
import { fillRange } from "./actors/feed/range-fill.js";
import { ReadCoverage } from "./actors/feed/read-coverage.js";
import { type Coverage, ensureTailCoverage, type TailCoverageOptions } from "./actors/feed/tail-coverage.js";
import type { MarketRuntime } from "./actors/market-runtime.js";
import { unlessAborted } from "./actors/runtime/unless-aborted.js";
import type { RuntimeParts } from "./assembly.js";
import type { Candle } from "./market/candle.js";
import type { SeriesId } from "./market/series-id.js";
import type { SlotRange } from "./market/slots.js";
import type { Store } from "./storage/store.js";

/** A coverage on behalf of readers ends after this long, in milliseconds, with what it has brought by then. */
const READ_COVERAGE_LIMIT_MS = 30_000;

export function createBackfills(options: RuntimeParts, store: Store, runtime: MarketRuntime): Backfills {
  const { settings, clock, random, log } = options;
  const file = settings.enableMarketBackfillProgressPersistence
    ? progressFile(progressPath(settings.dbPath), log)
    : undefined;
  const progress = new ProgressBoard({ clock, log, file });
  const abort = new AbortController();
  const fill = async (series: SeriesId, candles: readonly Candle[]): Promise<void> => {
    await runtime.ingest(series, candles, runtime.policies.backfill);
  };
  const jobs = new BackfillBoard({
    store,
    clock,
    random,
    progress,
    // A request names a market that the exchange has, and the runtime has all of them.
    exchangeFor: ({ series }) => runtime.exchangeFor(series) as ExchangePort,
    fill:
      ({ series }) =>
      (candles) =>
        fill(series, candles),
  });
  const reads = settings.enableMarketAutoTailBackfill
    ? createReadCoverage(options, { store, runtime, progress, fill, stop: abort.signal })
    : undefined;
  return {
    progress,
    recentSeconds: settings.klineHealthBackfillRecentSeconds,
    jobs,
    reads,
    stop: async () => {
      abort.abort();
      await Promise.all([jobs.stop(), reads?.stop()]);
      await progress.flush();
    },
  };
}

interface CoverageParts extends Pick<TailCoverageOptions, "store" | "progress" | "fill"> {
  readonly runtime: MarketRuntime;
  readonly stop: AbortSignal;
}

function createReadCoverage({ settings, clock, log }: RuntimeParts, parts: CoverageParts): ReadCoverage {
  const { store, runtime, fill, stop } = parts;
  const coverage: TailCoverageOptions = {
    ...parts,
    clock,
    log,
    closedOnly: settings.enableStrictClosedOnly,
    rest: settings.enableCcxtBackfill,
    restOnRead: settings.enableCcxtBackfillOnRead,
    fetchRange: async (series, range) => {
      const exchange = runtime.exchangeFor(series);
      if (exchange === undefined) return;
      const limit = new AbortController();
      const timer = clock.ioTimeout(() => limit.abort(), READ_COVERAGE_LIMIT_MS);
      try {
        await fetchRange({ store, exchange, fill, signal: AbortSignal.any([stop, limit.signal]) }, series, range);
      } finally {
        clock.clearTimeout(timer);
      }
    },
  };
  const isStored = ({ text }: SeriesId): boolean => store.head(text).lastTime !== null;
  return new ReadCoverage({
    clock,
    log,
    isKnown: (series) => isStored(series) || runtime.exchangeFor(series) !== undefined,
    cover: async (series, target): Promise<Coverage> => {
      // Anyone can read any text: what the exchange does not list is not worth a question, nor a place among the tracked.
      const exchange = isStored(series) ? undefined : runtime.exchangeFor(series);
      const verdict = exchange && (await unlessAborted(exchange.verify(series), stop));
      if (verdict?.type === "unusable") return { covered: 0, errors: [verdict.reason] };
      return ensureTailCoverage(coverage, series, target);
    },
    maxCandles: settings.marketAutoTailBackfillMaxCandles,
  });
}

interface FetchParts extends Pick<TailCoverageOptions, "store" | "fill"> {
  readonly exchange: ExchangePort;
  readonly signal: AbortSignal;
}

async function fetchRange(parts: FetchParts, series: SeriesId, range: SlotRange): Promise<void> {
  const fill = (candles: readonly Candle[]): Promise<void> => parts.fill(series, candles);
  for await (const _ of fillRange({ ...parts, series, range, fill, priority: "bulk" }));
}
