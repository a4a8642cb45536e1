/**
 * One backfill: goes through a range to its end, waits as long as the exchange tells it to, and gives up on what no waiting
 * helps. At bulk priority, so that it yields to live repair. It can be begun again at any time and goes on where the store
 * ends. Feed bounds: B7–B10.
 */
import { type Clock, nextTurn, sleep } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import { RestError } from "../../exchange/binance/rest-errors.js";
import type { Candle } from "../../market/candle.js";
import { type SlotRange, slotCount } from "../../market/slots.js";
import type { StoreReader } from "../../storage/store.js";
import { errorText } from "../runtime/errors.js";
import { unlessAborted } from "../runtime/unless-aborted.js";
import type { BackfillRequest } from "./backfill-request.js";
import type { ExchangePort } from "./exchange-port.js";
import { type FillStep, fillRange } from "./range-fill.js";

/** Failures in a row, without a step between, after which what is left of the range is given up. */
export const MAX_FAILURES = 8;

/** Pause after the first failure in a row and the longest one, in milliseconds; it doubles between. */
const FIRST_PAUSE_MS = 2_000;
const LAST_PAUSE_MS = 60_000;

/** Ranges that are kept of what the exchange does not have; of more only the number of candles is known. */
export const MAX_ABSENT_RANGES = 1_000;

/** Refusals that end by themselves, at a time that the exchange names or that is known of them. */
const DEMANDS_WAITING: ReadonlySet<string> = new Set(["rate_limited", "banned", "blocked", "silenced", "queue_full"]);

/** Failures that the same question would meet again. */
const IS_FINAL: ReadonlySet<string> = new Set([
  "restricted",
  "invalid_symbol",
  "invalid_interval",
  "bad_request",
  "route_gone",
  "redirected",
  "unexpected_shape",
]);

/** A refusal that names no time is waited out for this long, in milliseconds. */
const UNNAMED_WAIT_MS = 60_000;

export type BackfillState =
  | { readonly type: "queued" }
  | { readonly type: "running" }
  /** `untilMs`: Unix milliseconds. `isDemanded`: by the exchange, and not only a pause after a failure. */
  | { readonly type: "waiting"; readonly untilMs: number; readonly error: string; readonly isDemanded: boolean }
  | { readonly type: "done" }
  | { readonly type: "stopped" }
  /** The exchange demands a wait, and the job was told not to. */
  | { readonly type: "refused"; readonly untilMs: number; readonly error: string }
  | { readonly type: "failed"; readonly error: string };

export interface BackfillReport {
  readonly state: BackfillState;
  readonly range: SlotRange;
  /** Slots of the range of which it is known how they stand: all up to `upToS`, seconds; null before the first. */
  readonly upToS: number | null;
  readonly candles: number;
  readonly candlesDone: number;
  /** Candles that were stored, and not before. */
  readonly added: number;
  /** What the exchange does not have: candles, and where, up to {@link MAX_ABSENT_RANGES}. */
  readonly absentCandles: number;
  readonly absent: readonly SlotRange[];
}

export interface BackfillJobOptions {
  readonly request: BackfillRequest;
  readonly store: StoreReader;
  readonly exchange: Pick<ExchangePort, "history" | "verify">;
  readonly clock: Clock;
  readonly random: Random;
  readonly fill: (candles: readonly Candle[]) => Promise<void>;
  /** Waits when the exchange demands it, instead of giving up. */
  readonly waits: boolean;
  /** Called whenever the report has changed. */
  readonly onChange?: (report: BackfillReport) => void;
}

export class BackfillJob {
  readonly #options: BackfillJobOptions;
  readonly #stop = new AbortController();
  #state: BackfillState = { type: "queued" };
  #upToS: number | null = null;
  #added = 0;
  #absentCandles = 0;
  #absent: SlotRange[] = [];
  #failures = 0;

  constructor(options: BackfillJobOptions) {
    this.#options = options;
  }

  report(): BackfillReport {
    const { range, series } = this.#options.request;
    const step = series.timeframeSeconds;
    return {
      state: this.#state,
      range,
      upToS: this.#upToS,
      candles: slotCount(range, step),
      candlesDone: this.#upToS === null ? 0 : slotCount({ fromS: range.fromS, toS: this.#upToS }, step),
      added: this.#added,
      absentCandles: this.#absentCandles,
      absent: this.#absent,
    };
  }

  /** Ends the job once what has come is stored. */
  stop(): void {
    this.#stop.abort();
  }

  /** Runs until the range is done or cannot be. Never rejects; the report says how it ended. */
  async run(): Promise<void> {
    const { exchange, request } = this.#options;
    // Only for what it makes the market learn, its clock and its limit: of a symbol that trades no more there is history.
    if (!this.#stop.signal.aborted) {
      this.#become({ type: "running" });
      await unlessAborted(exchange.verify(request.series), this.#stop.signal);
    }
    while (!isOver(this.#state)) {
      this.#become(this.#stop.signal.aborted ? { type: "stopped" } : { type: "running" });
      if (this.#state.type === "stopped") return;
      try {
        const isDone = await this.#goThrough();
        this.#become({ type: isDone ? "done" : "stopped" });
      } catch (error) {
        await this.#afterFailure(error);
      }
    }
  }

  /** @returns whether it came to the end of the range. */
  async #goThrough(): Promise<boolean> {
    const { request, clock, store, exchange, fill } = this.#options;
    const { series, range } = request;
    const rest = { fromS: this.#upToS === null ? range.fromS : this.#upToS + series.timeframeSeconds, toS: range.toS };
    const parts = { series, store, exchange, fill, range: rest, priority: "bulk", signal: this.#stop.signal } as const;
    for await (const step of fillRange(parts)) {
      if (step.type === "unsettled") throw new Error("the newest candles of the range are not final yet");
      this.#note(step);
      this.#options.onChange?.(this.report());
      await nextTurn(clock);
    }
    return rest.fromS > rest.toS || this.#upToS === range.toS;
  }

  #note(step: Exclude<FillStep, { type: "unsettled" }>): void {
    this.#failures = 0;
    this.#upToS = step.upToS;
    if (step.type === "present") return;
    this.#added += step.added;
    const { timeframeSeconds } = this.#options.request.series;
    for (const range of step.absent) {
      this.#absentCandles += slotCount(range, timeframeSeconds);
      const last = this.#absent.at(-1);
      if (last !== undefined && last.toS + timeframeSeconds === range.fromS) {
        this.#absent = [...this.#absent.slice(0, -1), { fromS: last.fromS, toS: range.toS }];
      } else if (this.#absent.length < MAX_ABSENT_RANGES) {
        this.#absent = [...this.#absent, range];
      }
    }
  }

  async #afterFailure(error: unknown): Promise<void> {
    const { clock, waits } = this.#options;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    const code = error instanceof RestError ? error.code : "";
    const text = errorText(error);
    const isDemanded = DEMANDS_WAITING.has(code);
    if (!isDemanded) this.#failures += 1;
    if (IS_FINAL.has(code) || this.#failures >= MAX_FAILURES) {
      this.#become({ type: "failed", error: text });
      return;
    }
    const waitMs = isDemanded ? demandedMs(error) : this.#pauseMs(error);
    const untilMs = clock.now() + waitMs;
    if (isDemanded && !waits) {
      this.#become({ type: "refused", untilMs, error: text });
      return;
    }
    this.#become({ type: "waiting", untilMs, error: text, isDemanded });
    await sleep(clock, waitMs, signal);
  }

  /** Half jitter over a doubling pause; never shorter than the failure asks for. */
  #pauseMs(error: unknown): number {
    const ceiling = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    return Math.max(retryAfterMs(error), ceiling / 2 + (this.#options.random() * ceiling) / 2);
  }

  #become(state: BackfillState): void {
    this.#state = state;
    this.#options.onChange?.(this.report());
  }
}

/** Whether nothing more will happen. */
export function isOver({ type }: BackfillState): boolean {
  return type === "done" || type === "stopped" || type === "refused" || type === "failed";
}

function demandedMs(error: unknown): number {
  return retryAfterMs(error) || UNNAMED_WAIT_MS;
}

function retryAfterMs(error: unknown): number {
  return error instanceof RestError ? (error.retryAfterMs ?? 0) : 0;
}
