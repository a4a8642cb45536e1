/**
 * Reads what the runtime panel shows: at once, whenever something has happened inside the daemon, and now and then. Reads follow each
 * other by a second at least, however much happens.
 */
import type { BreakersAnswer, FeedStateAnswer, WireGap } from "../../../src/client/answers/feed.js";
import type { RuntimeTreeAnswer } from "../../../src/client/answers/operation.js";
import type { TradeCanvasClient } from "../../../src/client/client.js";
import { ClientError } from "../../../src/client/errors.js";
import type { DebugEvent } from "../../../src/client/messages.js";

/** From one read to the next at least, in milliseconds. */
export const SHORTEST_PAUSE_MS = 1_000;

/** From one read to the next when nothing happens, in milliseconds. */
export const LONGEST_PAUSE_MS = 5_000;

/** Gaps that are read: the newest. */
const GAPS = 50;

/** Events after which things look different; and besides these every warning and error. */
const MOVING: ReadonlySet<string> = new Set(["runtime.child_moved", "feed.breaker.moved"]);

/** A part that this daemon may not tell this page. */
export type Told<T> = { readonly value: T } | { readonly closed: string };

export interface RuntimeSnapshot {
  /** The series that the gaps are of. */
  readonly series: string;
  readonly breakers: BreakersAnswer;
  readonly feed: Told<FeedStateAnswer>;
  readonly tree: Told<RuntimeTreeAnswer>;
  readonly gaps: readonly WireGap[];
}

export interface WatchOptions {
  readonly client: Pick<TradeCanvasClient, "breakers" | "feedState" | "runtimeTree" | "gaps">;
  readonly series: () => string;
  readonly told: (snapshot: RuntimeSnapshot) => void;
  readonly failed: (reason: string) => void;
  readonly setTimeout: (callback: () => void, ms: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
}

export class RuntimeWatch {
  readonly #options: WatchOptions;
  readonly #ending = new AbortController();
  #timer: unknown;
  #reading = false;
  /** Something has happened since the last read began. */
  #stale = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#read();
  }

  /** Takes notice of what happened inside the daemon. */
  happened(events: readonly DebugEvent[]): void {
    if (events.some(({ event, level }) => MOVING.has(event) || level !== "info")) this.refresh();
  }

  /** Reads again as soon as the pause allows. */
  refresh(): void {
    if (this.#stale || this.#ending.signal.aborted) return;
    this.#stale = true;
    if (!this.#reading) this.#readIn(SHORTEST_PAUSE_MS);
  }

  end(): void {
    this.#ending.abort();
    this.#options.clearTimeout(this.#timer);
  }

  #readIn(ms: number): void {
    this.#options.clearTimeout(this.#timer);
    this.#timer = this.#options.setTimeout(() => this.#read(), ms);
  }

  async #read(): Promise<void> {
    this.#reading = true;
    this.#stale = false;
    let soon = false;
    try {
      const snapshot = await this.#snapshot();
      if (this.#ending.signal.aborted) return;
      this.#options.told(snapshot);
      soon = isMoving(snapshot.breakers);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      if (!(error instanceof ClientError)) throw error;
      this.#options.failed(error.message);
    } finally {
      this.#reading = false;
      if (!this.#ending.signal.aborted) this.#readIn(soon || this.#stale ? SHORTEST_PAUSE_MS : LONGEST_PAUSE_MS);
    }
  }

  async #snapshot(): Promise<RuntimeSnapshot> {
    const { client } = this.#options;
    const options = { signal: this.#ending.signal };
    const series = this.#options.series();
    const [breakers, feed, tree, { gaps }] = await Promise.all([
      client.breakers(options),
      orClosed(client.feedState({}, options), "TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2=1"),
      orClosed(client.runtimeTree({}, options), "TRADE_CANVAS_ENABLE_DEBUG_API=1"),
      client.gaps({ series_id: series, limit: GAPS }, options),
    ]);
    return { series, breakers, feed, tree, gaps };
  }
}

/** A breaker that is open or half open will be something else soon. */
function isMoving({ series, endpoints, rest }: BreakersAnswer): boolean {
  return [...series, ...endpoints, ...rest].some(({ state }) => state === "open" || state === "half_open");
}

/** @param setting opens the route. @throws ClientError for anything but a closed route. */
async function orClosed<T>(answer: Promise<T>, setting: string): Promise<Told<T>> {
  try {
    return { value: await answer };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.status === 404) return { closed: `Closed on this daemon: it opens with ${setting}.` };
    if (error.status === 401 || error.status === 403)
      return { closed: "Closed to this page: it needs a token with the scope debug." };
    throw error;
  }
}
