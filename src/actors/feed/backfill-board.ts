/**
 * The backfills that a daemon was asked for: one at a time per market, so that they share its weight in turn, and the
 * others wait. They end with the process; asking again goes on where the store ends.
 */
import type { BackfillReport } from "./backfill-job.js";
import { BackfillJob, type BackfillJobOptions, isOver } from "./backfill-job.js";
import type { BackfillRequest } from "./backfill-request.js";
import type { ExchangePort } from "./exchange-port.js";
import type { ProgressBoard } from "./progress-board.js";

/** Backfills that wait or run at once. */
export const MAX_ACTIVE_BACKFILLS = 100;

/** Backfills that are over and still shown. */
const MAX_ENDED_BACKFILLS = 100;

/** There are {@link MAX_ACTIVE_BACKFILLS} already. */
export class TooManyBackfillsError extends Error {
  override readonly name = "TooManyBackfillsError";
}

export interface BackfillEntry {
  readonly id: number;
  readonly request: BackfillRequest;
  /** Unix milliseconds. */
  readonly askedMs: number;
  readonly report: () => BackfillReport;
}

type Shared = Pick<BackfillJobOptions, "store" | "clock" | "random">;

export interface BackfillBoardOptions extends Shared {
  /** The market of a series that {@link BackfillRequest} has let pass. */
  readonly exchangeFor: (request: BackfillRequest) => Pick<ExchangePort, "history" | "verify">;
  readonly fill: (request: BackfillRequest) => BackfillJobOptions["fill"];
  readonly progress: ProgressBoard;
}

interface Entry extends BackfillEntry {
  readonly job: BackfillJob;
}

export class BackfillBoard {
  readonly #options: BackfillBoardOptions;
  readonly #entries = new Map<number, Entry>();
  /** The end of the last backfill of each market. */
  readonly #queues = new Map<string, Promise<void>>();
  #lastId = 0;
  #stopped = false;

  constructor(options: BackfillBoardOptions) {
    this.#options = options;
  }

  /**
   * Starts a backfill, or joins one that goes on.
   * @param openEnded the end was not asked for, so that one with another end will do.
   * @throws TooManyBackfillsError
   */
  ask(request: BackfillRequest, openEnded: boolean): { readonly entry: BackfillEntry; readonly joined: boolean } {
    const active = [...this.#entries.values()].filter(({ job }) => !isOver(job.report().state));
    const same = active.find((entry) => isSame(entry.request, request, openEnded));
    if (same !== undefined) return { entry: same, joined: true };
    if (active.length >= MAX_ACTIVE_BACKFILLS || this.#stopped) {
      throw new TooManyBackfillsError(`${active.length} backfills wait or run already; wait for one of them to end`);
    }
    return { entry: this.#add(request), joined: false };
  }

  /** Ends a backfill after the page at hand; false when none of that number goes on. */
  end(id: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || isOver(entry.job.report().state)) return false;
    entry.job.stop();
    return true;
  }

  /** Those of a series, or all; the newest last. */
  list(series?: string): readonly BackfillEntry[] {
    return [...this.#entries.values()].filter(({ request }) => series === undefined || request.series.text === series);
  }

  /** Ends all of them. Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { job } of this.#entries.values()) job.stop();
    await Promise.all(this.#queues.values());
  }

  #add(request: BackfillRequest): Entry {
    const { clock, store, random, exchangeFor, fill } = this.#options;
    const job = new BackfillJob({
      request,
      clock,
      store,
      random,
      exchange: exchangeFor(request),
      fill: fill(request),
      waits: true,
      onChange: (report) => this.#tell(request, report),
    });
    this.#lastId += 1;
    const entry = { id: this.#lastId, request, askedMs: clock.now(), job, report: () => job.report() };
    this.#entries.set(entry.id, entry);
    const { market } = request.series;
    const before = this.#queues.get(market) ?? Promise.resolve();
    this.#queues.set(
      market,
      before.then(() => job.run()).then(() => this.#forgetOld()),
    );
    return entry;
  }

  #tell({ series, range }: BackfillRequest, report: BackfillReport): void {
    const { progress } = this.#options;
    const { state, candles, candlesDone } = report;
    const missing = { candles: candles - candlesDone, seconds: (candles - candlesDone) * series.timeframeSeconds };
    if (state.type === "running" && report.upToS === null) progress.begin(series.text, "backfill", missing);
    else if (state.type === "done") progress.succeed(series.text, missing, "backfill_done");
    else if (state.type === "failed") progress.fail(series.text, missing, "backfill_failed", state.error);
    else if (state.type === "stopped") {
      progress.fail(series.text, missing, "backfill_stopped", `stopped before ${range.toS}`);
    } else progress.advance(series.text, missing);
  }

  #forgetOld(): void {
    const ended = [...this.#entries.values()].filter(({ job }) => isOver(job.report().state));
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_BACKFILLS))) this.#entries.delete(id);
  }
}

function isSame(a: BackfillRequest, b: BackfillRequest, openEnded: boolean): boolean {
  if (a.series.text !== b.series.text || a.range.fromS !== b.range.fromS) return false;
  return openEnded || a.range.toS === b.range.toS;
}
