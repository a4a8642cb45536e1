/**
 * An archive of packages in memory whose builds end when the test says so. Its packages have the bars and the checkpoints of
 * real ones, at which nothing is drawn.
 */
import { type JsonText, joinParts } from "../../src/ledger/json-parts.js";
import type { Candle } from "../../src/market/candle.js";
import {
  type PackageArchive,
  type PackageKind,
  type PackageMeta,
  type PackageRequest,
  type PackageWindow,
  ReplayBuildError,
} from "../../src/replay/package/archive.js";
import type { StoreReader } from "../../src/storage/store.js";

interface Kept {
  readonly meta: PackageMeta;
  readonly bars: readonly string[];
  readonly request: PackageRequest;
}

export class FakeArchive implements PackageArchive {
  readonly #store: StoreReader;
  readonly #kept = new Map<string, Kept>();
  /** What was built, or begun to be. */
  readonly requests: PackageRequest[] = [];
  /** Runs in each build before it stores anything; may throw, or wait. */
  beforeStore: (signal: AbortSignal) => void | Promise<void> = () => undefined;
  /** `built <key>` or `failed <key>` for each build that has ended, and `closed`. */
  readonly ends: string[] = [];

  constructor(store: StoreReader) {
    this.#store = store;
  }

  has(kind: PackageKind, key: string): boolean {
    return this.#kept.has(`${kind}:${key}`);
  }

  async build(request: PackageRequest, signal: AbortSignal): Promise<void> {
    this.requests.push(request);
    try {
      await this.beforeStore(signal);
      if (signal.aborted) throw new ReplayBuildError("build_aborted", "the process is stopping");
      this.#kept.set(`${request.kind}:${request.key}`, this.#make(request));
      this.ends.push(`built ${request.key}`);
    } catch (error) {
      this.ends.push(`failed ${request.key}`);
      throw error;
    }
  }

  async meta(kind: PackageKind, key: string): Promise<PackageMeta | undefined> {
    return this.#kept.get(`${kind}:${key}`)?.meta;
  }

  async window(kind: PackageKind, key: string, index: number): Promise<PackageWindow | undefined> {
    const kept = this.#kept.get(`${kind}:${key}`);
    if (kept === undefined) return undefined;
    const { windowSize, snapshotInterval } = kept.request;
    const startIdx = index * windowSize;
    const bars = kept.bars.slice(startIdx, startIdx + windowSize);
    if (bars.length === 0) return undefined;
    const checkpoints = bars.flatMap((_, at) =>
      at % snapshotInterval === 0 ? [`{"at_idx":${startIdx + at},"active_ids":[]}`] : [],
    );
    return {
      windowIndex: index,
      startIdx,
      endIdx: startIdx + bars.length,
      kline: list(bars),
      catalogBase: list([]),
      catalogPatch: list([]),
      checkpoints: list(checkpoints),
      diffs: list([]),
      factorSnapshots: list([]),
    };
  }

  async bars(kind: PackageKind, key: string): Promise<Buffer | undefined> {
    const kept = this.#kept.get(`${kind}:${key}`);
    return kept && Buffer.from(`[${kept.bars.join(",")}]`);
  }

  async close(): Promise<void> {
    this.ends.push("closed");
  }

  /** Removes a package, as an operator who needs the space does. */
  remove(kind: PackageKind, key: string): void {
    this.#kept.delete(`${kind}:${key}`);
  }

  #make(request: PackageRequest): Kept {
    const { id, alignedTime, windowCandles } = request;
    const fromS = Math.max(0, alignedTime - (windowCandles - 1) * id.timeframeSeconds);
    const candles = this.#store.readBetween(id.text, fromS, alignedTime).candles();
    return { meta: metaOf(request, candles), bars: candles.map(barJson), request };
  }
}

function list(items: readonly string[]): JsonText {
  return joinParts([`[${items.join(",")}]`]);
}

function barJson({ time, open, high, low, close, volume }: Candle): string {
  return JSON.stringify({ time, open, high, low, close, volume });
}

function metaOf(request: PackageRequest, candles: readonly Candle[]): PackageMeta {
  const { kind, id, windowSize, snapshotInterval } = request;
  const extent = {
    total_candles: candles.length,
    from_candle_time: candles[0]?.time ?? 0,
    to_candle_time: candles.at(-1)?.time ?? 0,
    window_size: windowSize,
    snapshot_interval: snapshotInterval,
  };
  const series = { schema_version: 1, series_id: id.text } as const;
  if (kind === "overlay") {
    return { kind, meta: { ...series, ...extent, windows: [], overlay_store_last_version_id: 0 } };
  }
  const constant = { preload_offset: 0, idx_to_time: "windows[*].kline[idx].time", factor_schema: [] } as const;
  return { kind, meta: { ...series, timeframe_s: id.timeframeSeconds, ...extent, ...constant } };
}
