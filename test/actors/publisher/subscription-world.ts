/** A subscription between a store and a client that a test moves step by step. */
import type { Gap } from "../../../src/actors/publisher/delivery.js";
import type { Frame } from "../../../src/actors/publisher/messages.js";
import {
  type CandleSource,
  type CaughtUp,
  type Subscriber,
  Subscription,
} from "../../../src/actors/publisher/subscription.js";
import { Topic } from "../../../src/actors/publisher/topic.js";
import type { Candle } from "../../../src/market/candle.js";
import { clampSince, hiddenAfter } from "../../../src/market/closed-window.js";
import type { Gap as GapRecord } from "../../../src/market/gap.js";
import { silentLog } from "../../../src/observability/event-log.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { candleAt } from "../../support/candles.js";

export const SERIES = "binance:spot:BTC/USDT:1m";
export const TIMEFRAME_S = 60;

export interface WorldOptions {
  readonly since: number | null;
  readonly batches?: boolean;
  readonly gaps?: boolean;
  /** Gaps that are open when the subscription begins. */
  readonly openGaps?: readonly GapRecord[];
  /** Candles of a page. */
  readonly limit?: number;
  readonly recover?: (gap: Gap) => Promise<readonly Candle[]>;
  /** The client has no room until {@link World.makeRoom}. */
  readonly crowded?: boolean;
  /** Newest closed time by the clock, in seconds; far in the future unless given. */
  readonly latestClosed?: () => number;
}

export interface Message {
  readonly type: string;
  readonly candle?: { readonly candle_time: number; readonly close: number };
  readonly candles?: readonly { readonly candle_time: number }[];
  readonly gap?: { readonly id: number; readonly state: string };
  readonly expected_next_time?: number;
  readonly actual_time?: number;
}

const FAR_FUTURE_S = 4_000_000_000;

export class World implements Subscriber {
  readonly topic = new Topic(SERIES, new SimulatedClock(), silentLog);
  readonly subscription: Subscription;
  readonly messages: Message[] = [];
  readonly failures: unknown[] = [];
  /** What reads of the store throw, if anything. */
  storeFault: Error | undefined;
  readonly #stored = new Map<number, Candle>();
  readonly #options: WorldOptions;
  #crowded: boolean;
  #waiting: ((open: boolean) => void)[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#crowded = options.crowded ?? false;
    const mode = { timeframeSeconds: TIMEFRAME_S, batches: options.batches ?? false, gaps: options.gaps ?? false };
    this.subscription = new Subscription(SERIES, options.since, mode, this, this.#source());
    this.topic.add(this.subscription);
  }

  send(frame: Frame): void {
    this.messages.push(JSON.parse(frame.text.toString("utf8")) as Message);
  }

  room(): Promise<boolean> {
    if (!this.#crowded) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  failed(error: unknown): void {
    this.failures.push(error);
  }

  /** Lets the client take one page, and goes on until it has no room again. */
  async makeRoom(open = true): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve(open);
    await settle();
  }

  /** From now on the client always has room. */
  async makeRoomForGood(): Promise<void> {
    this.#crowded = false;
    await this.makeRoom();
  }

  catchUp(): Promise<CaughtUp> {
    return this.subscription.catchUp();
  }

  store(...times: number[]): Candle[] {
    const candles = times.map((time) => candleAt(time));
    for (const candle of candles) this.#stored.set(candle.time, candle);
    return candles;
  }

  /** Stores candles and publishes them as one run. */
  ingest(...times: number[]): void {
    const candles = this.store(...times);
    void this.topic.publish({ type: "closed", candles, grouping: times.length === 1 ? "single" : "batch" });
  }

  forming(time: number): void {
    void this.topic.publish({ type: "forming", candle: candleAt(time) });
  }

  gapState(gap: GapRecord): void {
    void this.topic.publish({ type: "gap_state", gap });
  }

  rebuilt(): void {
    void this.topic.publish({ type: "rebuilt" });
  }

  /** What was sent, in short: times of closed candles, `gap a-b`, `gap id state`, `~t` for forming ones, and `rebuild`. */
  get told(): readonly (number | string)[] {
    return this.messages.flatMap<number | string>(({ type, candle, candles, gap, expected_next_time, actual_time }) => {
      if (type === "candle_closed") return [candle?.candle_time ?? -1];
      if (type === "candles_batch") return (candles ?? []).map(({ candle_time }) => candle_time);
      if (type === "candle_forming") return [`~${candle?.candle_time}`];
      if (type === "gap_state") return [`gap ${gap?.id} ${gap?.state}`];
      return type === "gap" ? [`gap ${expected_next_time}-${actual_time}`] : ["rebuild"];
    });
  }

  get closedTimes(): readonly number[] {
    return this.told.filter((entry) => typeof entry === "number");
  }

  get storedTimes(): readonly number[] {
    return [...this.#stored.keys()].sort((a, b) => a - b);
  }

  #source(): CandleSource {
    const { limit = 1_000, recover, latestClosed = () => FAR_FUTURE_S } = this.#options;
    return {
      page: (since, origin) => {
        if (this.storeFault !== undefined) throw this.storeFault;
        const from = since === null || origin === "sent" ? since : clampSince(since, latestClosed(), TIMEFRAME_S);
        const all = this.#between(from ?? Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
        const read = from === null ? all.slice(-limit) : all.slice(0, limit);
        const newest = read.at(-1)?.time;
        const hidden = newest === undefined ? undefined : hiddenAfter(newest, latestClosed(), TIMEFRAME_S);
        const candles = read.filter(({ time }) => hidden === undefined || time <= hidden);
        return { candles, effectiveSince: from, full: since !== null && candles.length >= limit };
      },
      between: (afterS, beforeS) => {
        if (this.storeFault !== undefined) throw this.storeFault;
        const candles = this.#between(afterS, beforeS).slice(0, limit);
        return { candles, full: candles.length >= limit };
      },
      recover,
      openGaps: () => this.#options.openGaps ?? [],
    };
  }

  #between(afterS: number, beforeS: number): Candle[] {
    return this.storedTimes.filter((time) => time > afterS && time < beforeS).map((time) => candleAt(time));
  }
}

/** Lets promises that can go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
