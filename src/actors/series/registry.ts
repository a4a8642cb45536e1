/**
 * All series trees of the process. A tree starts with the first ingest, subscription or job of its series, never through
 * a read, and is stopped again when nothing has needed it for a while. Design: §4 rule 6.
 */
import type { Clock } from "../../clock/clock.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import { ROOT_NAME, tellMove } from "../runtime/child-moved.js";
import type { CrashListener, StopReason, Supervised } from "../runtime/supervised.js";
import { type LifecycleChanged, Supervisor } from "../runtime/supervisor.js";
import type { Inside, TreeScope } from "../runtime/tree-view.js";
import { SeriesTree } from "./tree.js";
import type { TreeParts } from "./tree-parts.js";

/** Restarts of a whole tree before it is suspended. */
const INTENSITY = { restarts: 3, withinMs: 60_000 };
const TREE_SUSPENSION_MS = 30_000;

/** A tree without job and subscribers is stopped after this long without use, in milliseconds. */
const IDLE_TREE_MS = 10 * 60_000;

/** Trees at a time. A client that invents series must not be able to use up the memory. */
export const MAX_TREES = 10_000;

/** There are {@link MAX_TREES} trees already. */
export class TooManySeriesError extends Error {
  override readonly name = "TooManySeriesError";
}

interface Entry {
  readonly tree: SeriesTree;
  readonly started: Promise<void>;
  usedMs: number;
}

export interface RegistryOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly parts: TreeParts;
  readonly onIngestCrash: (series: string, error: string) => void;
  /** Whether a series is needed though it has neither a feed nor subscribers of its own. */
  readonly isNeeded?: (id: SeriesId) => boolean;
}

export class SeriesRegistry implements Supervised {
  readonly #options: RegistryOptions;
  readonly #supervisor: Supervisor;
  readonly #entries = new Map<string, Entry>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#supervisor = new Supervisor({
      path: "series",
      clock: options.clock,
      strategy: "one_for_one",
      intensity: INTENSITY,
      onLifecycle: (changed) => this.#lifecycleChanged(changed),
    });
  }

  start(): Promise<void> {
    return this.#supervisor.start();
  }

  stop(reason: StopReason): Promise<void> {
    return this.#supervisor.stop(reason);
  }

  onCrash(listener: CrashListener): void {
    this.#supervisor.onCrash(listener);
  }

  inside(scope: TreeScope): Inside {
    return this.#supervisor.inside(scope, scope.series);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The tree of a series, started if need be. @throws TooManySeriesError */
  async tree(id: SeriesId): Promise<SeriesTree> {
    const entry = this.#entries.get(id.text) ?? this.#add(id);
    entry.usedMs = this.#options.clock.monotonic();
    await entry.started;
    return entry.tree;
  }

  /** The tree of a series if it has one. */
  find(series: string): SeriesTree | undefined {
    return this.#entries.get(series)?.tree;
  }

  /** Whether the tree of a series works, or is about to; a suspended one does not. */
  isUp(series: string): boolean {
    return this.#entries.has(series) && this.#supervisor.child(series)?.state !== "suspended";
  }

  /** Starts the suspended tree of a series again. */
  resume(series: string): Promise<void> {
    return this.#supervisor.resume(series);
  }

  /** Stops trees that nothing has needed for a while. */
  async reap(): Promise<void> {
    const now = this.#options.clock.monotonic();
    for (const [series, { tree, usedMs }] of this.#entries) {
      if (tree.hasFeed || tree.isWatched || now - usedMs < IDLE_TREE_MS) continue;
      if (this.#options.isNeeded?.(tree.id) === true) continue;
      this.#entries.delete(series);
      await this.#supervisor.remove(series);
    }
  }

  #add(id: SeriesId): Entry {
    if (this.#entries.size >= MAX_TREES) {
      throw new TooManySeriesError(`${MAX_TREES} series are active already; '${id.text}' cannot be added`);
    }
    const { clock, parts, onIngestCrash } = this.#options;
    const tree = new SeriesTree(id, parts, (error) => onIngestCrash(id.text, error));
    const onExhausted = { suspendMs: TREE_SUSPENSION_MS };
    const started = this.#supervisor.add({ id: id.text, child: tree, onExhausted });
    const entry = { tree, started, usedMs: clock.monotonic() };
    this.#entries.set(id.text, entry);
    return entry;
  }

  #lifecycleChanged(changed: LifecycleChanged): void {
    const { path, from, to, error } = changed;
    const series = path.slice("series/".length);
    tellMove(this.#options.parts, { ...changed, path: `${ROOT_NAME}/${path}` }, "series", series);
    const log = this.#options.log.with({ series_id: series });
    if (to === "crashed") log.error("series.crashed", { error });
    else if (to === "suspended") log.error("series.suspended", { error, for_s: TREE_SUSPENSION_MS / 1000 });
    else if (to === "running") log.debug("series.started");
    else if (to === "stopped" && from === "stopping") log.debug("series.stopped");
  }
}
