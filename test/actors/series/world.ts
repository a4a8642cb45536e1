/** What tests of the series runtime share: a clock that stands still, a real store that can be made to fail, and ears. */
import { onTestFinished } from "vitest";
import { fixedPause, type RetryPolicy } from "../../../src/actors/breaker/retry-policy.js";
import type { FeedJob } from "../../../src/actors/feed/job.js";
import { type RunPolicy, runPolicies } from "../../../src/actors/ingest/policy.js";
import type { RunResult } from "../../../src/actors/ingest/run-result.js";
import type { PublicationContent } from "../../../src/actors/publisher/publication.js";
import { SeriesRegistry } from "../../../src/actors/series/registry.js";
import type { SeriesTree } from "../../../src/actors/series/tree.js";
import type { TreeParts } from "../../../src/actors/series/tree-parts.js";
import { DamageNotes } from "../../../src/ledger/damage.js";
import type { Candle } from "../../../src/market/candle.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { DebugHub } from "../../../src/observability/debug-hub.js";
import type { EventLog, LogFields } from "../../../src/observability/event-log.js";
import { Metrics } from "../../../src/observability/metrics.js";
import { openLmdbStore } from "../../../src/storage/lmdb-store.js";
import { FakeExchange } from "../../support/fake-exchange.js";
import { SettableClock } from "../../support/settable-clock.js";
import { tempFolder } from "../../support/temp.js";

export { boom } from "../../support/ledger-hooks.js";

import { LedgerHooks } from "../../support/ledger-hooks.js";
import { TestStore } from "./test-store.js";

/** 2025-05-05 00:00 UTC, in seconds: a boundary of every timeframe up to a day. */
export const T0 = 1_746_403_200;
export const SERIES = "binance:futures:BTC/USDT:1m";
export const OTHER = "binance:futures:ETH/USDT:1m";

/** Open time in seconds of the `n`th minute after {@link T0}. */
export const minute = (n: number): number => T0 + n * 60;

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
}

/** A log that keeps everything. */
export class RecordingLog implements EventLog {
  readonly lines: LogLine[];
  readonly #fields: LogFields;

  constructor(lines: LogLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  debug(event: string, fields?: LogFields): void {
    this.#note("debug", event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#note("info", event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#note("warn", event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#note("error", event, fields);
  }

  with(fields: LogFields): EventLog {
    return new RecordingLog(this.lines, { ...this.#fields, ...fields });
  }

  of(event: string): readonly LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  #note(level: LogLine["level"], event: string, fields: LogFields = {}): void {
    this.lines.push({ level, event, fields: { ...this.#fields, ...fields } });
  }
}

/** What reached the topic of a series, in order. */
export class Published {
  readonly contents: { readonly series: string; readonly content: PublicationContent }[] = [];
  /** Called before a publication; a throw is a crash of the publisher. */
  before: (content: PublicationContent) => void = () => undefined;

  of(series = SERIES): readonly PublicationContent[] {
    return this.contents.filter((entry) => entry.series === series).map(({ content }) => content);
  }

  closed(series = SERIES): readonly Candle[] {
    return this.of(series).flatMap((content) => (content.type === "closed" ? content.candles : []));
  }

  closedTimes(series = SERIES): readonly number[] {
    return this.closed(series).map(({ time }) => time);
  }

  forming(series = SERIES): readonly Candle[] {
    return this.of(series).flatMap((content) => (content.type === "forming" ? [content.candle] : []));
  }

  rebuilds(series = SERIES): number {
    return this.of(series).filter(({ type }) => type === "rebuilt").length;
  }
}

/** A clock that knows whether somebody goes on in a later turn of the event loop. */
class TurnCountingClock extends SettableClock {
  pendingTurns = 0;

  override immediate(callback: () => void): void {
    this.pendingTurns += 1;
    super.immediate(() => {
      this.pendingTurns -= 1;
      callback();
    });
  }
}

export interface WorldOptions {
  readonly folder?: string;
  readonly startMs?: number;
  readonly parts?: Partial<Omit<TreeParts, "exchangeFor">>;
}

export type World = ReturnType<typeof createWorld>;

/** Everything but the trees: for tests that put them together themselves. */
export function createWorld(options: WorldOptions = {}) {
  const clock = new TurnCountingClock(options.startMs ?? T0 * 1000);
  const store = new TestStore(openLmdbStore(options.folder ?? tempFolder()), () => clock.pendingTurns > 0);
  onTestFinished(() => store.close());
  const exchange = new FakeExchange(clock);
  const log = new RecordingLog();
  const debug = new DebugHub(clock);
  const metrics = new Metrics(clock, true);
  const published = new Published();
  const ledgers = new LedgerHooks();
  const parts: Omit<TreeParts, "exchangeFor"> = {
    store,
    clock,
    random: () => 0.5,
    log,
    debug,
    metrics,
    policies: runPolicies({ pipelineV2: true, wsPipelinePublish: true }),
    feed: { batchMax: 200, flushMs: 500, formingMinIntervalMs: 500 },
    damage: new DamageNotes(log),
    compensateNewCandles: false,
    compensateOverlay: false,
    factor: {
      engine: ledgers.factorEngine(),
      enabled: true,
      rebuildOnNewFingerprint: true,
      rebuildKeepCandles: 2_000,
    },
    overlay: { engine: ledgers.overlayEngine(), enabled: true },
    sinkFor: (topic) => ({
      publish: (content) => {
        published.before(content);
        published.contents.push({ series: topic.series, content });
        return topic.publish(content);
      },
    }),
    ...options.parts,
  };
  /** Lets promises, turns of the event loop and commits under way come to rest. */
  const settle = (): Promise<void> => store.atRest();
  const advance = (ms: number): Promise<void> => clock.advanceSettled(ms, settle);
  return { clock, store, exchange, log, debug, metrics, published, ledgers, parts, settle, advance };
}

/** Longer than a stop waits for what it stops, in milliseconds. */
const STOP_LIMIT_MS = 10_000;

/** A registry of series trees on a world of its own, stopped when the test ends. */
export async function startSeries(options: WorldOptions = {}) {
  const world = createWorld(options);
  const { clock, log, exchange } = world;
  const ingestCrashes: string[] = [];
  const parts: TreeParts = { ...world.parts, exchangeFor: (id) => (id.exchange === "binance" ? exchange : undefined) };
  const startRegistry = async (): Promise<SeriesRegistry> => {
    const registry = new SeriesRegistry({
      clock,
      log,
      parts,
      onIngestCrash: (_series, error) => ingestCrashes.push(error),
    });
    await registry.start();
    return registry;
  };
  const current = { registry: await startRegistry() };
  /** Stops all trees; what a test holds up is not waited for longer than a stop waits. */
  const stop = async (): Promise<void> => {
    const stopping = current.registry.stop("shutdown");
    await world.advance(STOP_LIMIT_MS);
    await stopping;
  };
  onTestFinished(stop);
  /** As if the process had been started again on the same store. */
  const restart = async (): Promise<void> => {
    await stop();
    current.registry = await startRegistry();
  };
  const tree = (series = SERIES): Promise<SeriesTree> => current.registry.tree(parseSeriesId(series));
  const ingest = async (candles: readonly Candle[], policy: RunPolicy, series = SERIES): Promise<RunResult> =>
    (await tree(series)).ingest(candles, policy);
  /** A job as the board makes it, with the breaker the test wants. */
  const job = (change: Partial<FeedJob> = {}, retry: RetryPolicy = fixedPause): FeedJob => ({
    series: SERIES,
    pinned: false,
    retry,
    historyCandles: 0,
    notBeforeMs: clock.monotonic(),
    beganAfterS: null,
    ...change,
  });
  /** Starts following the stream, up to where the subscription has been acknowledged. */
  const follow = async (change: Partial<FeedJob> = {}, retry?: RetryPolicy): Promise<SeriesTree> => {
    const followed = await tree(change.series);
    followed.startFeed(job(change, retry));
    await world.advance(0);
    return followed;
  };
  /** Stored candle times of a series. */
  const stored = (series = SERIES): readonly number[] =>
    world.store
      .read(series, { limit: 100_000 })
      .candles()
      .map(({ time }) => time);
  const heads = (series = SERIES) => ({
    candles: world.store.head(series).lastTime,
    factor: world.store.ledger(series, "factor").head?.time ?? null,
    overlay: world.store.ledger(series, "overlay").head?.time ?? null,
  });
  return { ...world, parts, current, stop, restart, tree, ingest, job, follow, stored, heads, ingestCrashes };
}

/** A promise that a test resolves when it wants. */
export function openable() {
  let resolvePromise = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    resolvePromise = resolve;
  });
  return { promise, open: () => resolvePromise() };
}
