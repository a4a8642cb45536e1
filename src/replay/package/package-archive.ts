/** The archive of packages on disk. The contract is in `archive.ts`. */
import type { Clock } from "../../clock/clock.js";
import type { EngineSettings } from "../../engines.js";
import { SizedCache } from "../../ledger/sized-cache.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Store } from "../../storage/store.js";
import {
  type PackageArchive,
  type PackageKind,
  type PackageMeta,
  type PackageRequest,
  type PackageWindow,
  ReplayBuildError,
} from "./archive.js";
import { type BuildOrder, basisOf } from "./build.js";
import { BUILD_LIMIT_MS, BuildProcess } from "./build-process.js";
import { BuildQueue } from "./build-queue.js";
import { withContents } from "./package-reader.js";
import { PackageShelf, SHELF_LIMITS, type ShelfLimits } from "./package-shelf.js";

/** Memory that windows read lately may take, in bytes. */
const WINDOW_CACHE_BYTES = 64 * 1024 * 1024;

const WORKER = new URL("./build-worker.js", import.meta.url);

export interface PackageArchiveOptions {
  /** Folder of the packages of both kinds; need not exist. */
  readonly artifactsFolder: string;
  /** The store that packages are made of: its folder, for a handle of the build's own, and where its ledgers stand. */
  readonly storeFolder: string;
  readonly store: Pick<Store, "ledger" | "releaseDeadReaders">;
  /** As the store's ledgers are folded and read. */
  readonly engines: EngineSettings;
  readonly rebuildOnNewFingerprint: boolean;
  readonly clock: Clock;
  readonly log: EventLog;
  /** The module of the build's process; only a test gives another. */
  readonly worker?: URL | undefined;
  readonly limits?: (ShelfLimits & { readonly buildMs: number }) | undefined;
}

interface ReadWindow {
  readonly window: PackageWindow;
  /** Memory that it holds, in bytes: parts that occur in it many times count once. */
  readonly bytes: number;
}

/** Opens the archive and removes what an interrupted build left. @throws Error of the system. */
export async function openPackageArchive(options: PackageArchiveOptions): Promise<PackageArchive> {
  const shelf = await PackageShelf.open(options.artifactsFolder, options.log, options.limits ?? SHELF_LIMITS);
  return new StoredPackages(options, shelf);
}

class StoredPackages implements PackageArchive {
  readonly #options: PackageArchiveOptions;
  readonly #shelf: PackageShelf;
  readonly #queue = new BuildQueue();
  readonly #process: BuildProcess;
  readonly #closing = new AbortController();
  readonly #windows = new SizedCache<ReadWindow>(WINDOW_CACHE_BYTES, ({ bytes }) => bytes);
  /** Reads of windows under way, which others may want as well. */
  readonly #reading = new Map<string, Promise<PackageWindow | undefined>>();
  readonly #work = new Set<Promise<unknown>>();

  constructor(options: PackageArchiveOptions, shelf: PackageShelf) {
    const { clock, worker = WORKER, limits } = options;
    this.#options = options;
    this.#shelf = shelf;
    this.#process = new BuildProcess({
      clock,
      worker,
      limitMs: limits?.buildMs ?? BUILD_LIMIT_MS,
      store: options.store,
    });
  }

  has(kind: PackageKind, key: string): boolean {
    return this.#shelf.has(kind, key);
  }

  async build(request: PackageRequest, signal: AbortSignal): Promise<void> {
    const order = { request, basis: basisOf(this.#options.store, request.id) };
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    await this.#tracked(this.#queue.run(ended, () => this.#build(order, ended)));
  }

  async meta(kind: PackageKind, key: string): Promise<PackageMeta | undefined> {
    return this.#tracked(this.#shelf.read(kind, key, async (_, { meta }) => meta));
  }

  async window(kind: PackageKind, key: string, index: number): Promise<PackageWindow | undefined> {
    if (!this.has(kind, key)) return undefined;
    const name = `${kind}:${key}:${index}`;
    const known = this.#windows.peek(name);
    if (known !== undefined) {
      this.#windows.set(name, known);
      return known.window;
    }
    const reading = this.#reading.get(name) ?? this.#tracked(this.#readWindow(kind, key, index));
    this.#reading.set(name, reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(name);
    }
  }

  async bars(kind: PackageKind, key: string): Promise<Buffer | undefined> {
    const read = this.#shelf.read(kind, key, (folder, manifest) =>
      withContents(folder, manifest, async (contents) => {
        const lists: Buffer[] = [];
        for (const { spans } of manifest.windows) lists.push((await contents.read(spans.kline)).subarray(1, -1));
        return Buffer.concat([
          Buffer.from("["),
          ...lists.flatMap((list, at) => (at === 0 ? [list] : [Buffer.from(","), list])),
          Buffer.from("]"),
        ]);
      }),
    );
    return this.#tracked(read);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#work]);
    await this.#process.end();
  }

  async #build(order: BuildOrder, signal: AbortSignal): Promise<void> {
    const { clock, log, storeFolder, engines, rebuildOnNewFingerprint } = this.#options;
    const { kind, key, id } = order.request;
    if (this.has(kind, key)) return;
    const began = clock.monotonic();
    const draft = this.#shelf.draft(kind);
    try {
      await this.#process.build({ order, storeFolder, engines, rebuildOnNewFingerprint, draft }, signal);
      await this.#shelf.keep(kind, key, draft);
    } catch (error) {
      // What cannot be removed now is removed at the next start.
      await this.#shelf.removeDraft(draft).catch(() => undefined);
      if (error instanceof ReplayBuildError) throw error;
      throw new ReplayBuildError("not_stored", (error as Error).message, { cause: error });
    }
    log.info("replay.package_built", { kind, key, series_id: id.text, took_ms: Math.round(clock.monotonic() - began) });
  }

  async #readWindow(kind: PackageKind, key: string, index: number): Promise<PackageWindow | undefined> {
    return this.#shelf.read(kind, key, async (folder, manifest) => {
      const stored = manifest.windows[index];
      if (stored === undefined) return undefined;
      const read = await withContents(folder, manifest, async (contents) => {
        const window = await contents.window(this.#options.clock, index, stored);
        return { window, bytes: contents.bytesRead };
      });
      this.#windows.set(`${kind}:${key}:${index}`, read);
      return read.window;
    });
  }

  /** Work that {@link close} waits for. */
  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    try {
      return await work;
    } finally {
      this.#work.delete(work);
    }
  }
}
