/** Puts together what brings history into the store of a daemon, besides the feeds themselves. Assembly only. */
import { BackfillBoard } from "./actors/feed/backfill-board.js";
import type { Backfills, CoverQuery } from "./actors/feed/backfills.js";
import type { ExchangePort } from "./actors/feed/exchange-port.js";
import { untilHistoryIsWhole } from "./actors/feed/feed-history.js";
import { ProgressBoard } from "./actors/feed/progress-board.js";
import { progressFile, progressPath } from "./actors/feed/progress-file.js";
import { fillRange } from "./actors/feed/range-fill.js";
import { ReadCoverage } from "./actors/feed/read-coverage.js";
import { type Coverage, ensureTailCoverage, type TailCoverageOptions } from "./actors/feed/tail-coverage.js";
import type { MarketRuntime } from "./actors/market-runtime.js";
import { unlessAborted } from "./actors/runtime/unless-aborted.js";
import type { RuntimeParts } from "./assembly.js";
import { type Clock, withLimit } from "./clock/clock.js";
import type { Candle } from "./market/candle.js";
import type { SeriesId } from "./market/series-id.js";
import type { SlotRange } from "./market/slots.js";
import type { Store, StoreReader } from "./storage/store.js";

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
  const cover = createCover(options, { store, runtime, progress, fill });
  const coverWithin = (series: SeriesId, { target, toS, limitMs, signal }: CoverQuery): Promise<Coverage> =>
    withLimit(clock, limitMs, (limit) => {
      const ends = [abort.signal, limit, ...(signal === undefined ? [] : [signal])];
      return cover(series, { target, toS }, AbortSignal.any(ends));
    });
  const reads = settings.enableMarketAutoTailBackfill
    ? new ReadCoverage({
        clock,
        log,
        isKnown: (series) => isStored(store, series) || runtime.exchangeFor(series) !== undefined,
        cover: (series, target) => coverWithin(series, { target, limitMs: READ_COVERAGE_LIMIT_MS }),
        maxCandles: settings.marketAutoTailBackfillMaxCandles,
      })
    : undefined;
  return {
    progress,
    recentSeconds: settings.klineHealthBackfillRecentSeconds,
    jobs,
    reads,
    coverAtStart: (series, target, toS, signal) =>
      runtime.followed().includes(series.text)
        ? followedCoverage({ clock, store, runtime, signal }, series, target, toS)
        : cover(series, { target, toS }, signal),
    cover: coverWithin,
    stop: async () => {
      abort.abort();
      await Promise.all([jobs.stop(), reads?.stop()]);
      await progress.flush();
    },
  };
}

/** Newest candles that are wanted, and the open time in seconds of the last of them; now when left out. */
interface Wanted {
  readonly target: number;
  readonly toS: number | undefined;
}

type Cover = (series: SeriesId, wanted: Wanted, signal: AbortSignal) => Promise<Coverage>;

interface CoverParts extends Pick<TailCoverageOptions, "store" | "progress" | "fill"> {
  readonly runtime: MarketRuntime;
}

/** Tail coverage of a series that the exchange lists, or that is stored. */
function createCover({ settings, clock, log }: RuntimeParts, parts: CoverParts): Cover {
  const { store, runtime, fill } = parts;
  const coverage = (signal: AbortSignal): TailCoverageOptions => ({
    ...parts,
    clock,
    log,
    closedOnly: settings.enableStrictClosedOnly,
    rest: settings.enableCcxtBackfill,
    restOnRead: settings.enableCcxtBackfillOnRead,
    fetchRange: async (series, range) => {
      const exchange = runtime.exchangeFor(series);
      if (exchange !== undefined) await fetchRange({ store, exchange, fill, signal }, series, range);
    },
  });
  return async (series, { target, toS }, signal) => {
    // Anyone can read any text: what the exchange does not list is not worth a question, nor a place among the tracked.
    const exchange = isStored(store, series) ? undefined : runtime.exchangeFor(series);
    const verdict = exchange && (await unlessAborted(exchange.verify(series), signal));
    if (verdict?.type === "unusable") return { covered: 0, errors: [verdict.reason] };
    return ensureTailCoverage(coverage(signal), series, target, toS);
  };
}

/** Whether there is any candle of a series. */
function isStored(store: StoreReader, { text }: SeriesId): boolean {
  return store.head(text).lastTime !== null;
}

interface FollowedParts extends Pick<CoverParts, "store" | "runtime"> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The feed of a series fetches its history by itself, and keeps the record of what is missing: it is only waited for. */
async function followedCoverage(
  { clock, store, runtime, signal }: FollowedParts,
  { text, timeframeSeconds }: SeriesId,
  target: number,
  toS: number,
): Promise<Coverage> {
  const error = await untilHistoryIsWhole({ clock, history: () => runtime.feedHistory(text), signal });
  const covered = store.count(text, Math.max(0, toS - (target - 1) * timeframeSeconds), toS);
  return { covered, errors: error === undefined ? [] : [error] };
}

interface FetchParts extends Pick<TailCoverageOptions, "store" | "fill"> {
  readonly exchange: ExchangePort;
  readonly signal: AbortSignal;
}

async function fetchRange(parts: FetchParts, series: SeriesId, range: SlotRange): Promise<void> {
  const fill = (candles: readonly Candle[]): Promise<void> => parts.fill(series, candles);
  for await (const _ of fillRange({ ...parts, series, range, fill, priority: "bulk" }));
}
