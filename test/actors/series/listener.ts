/** A client's side of a subscription that keeps every message, for tests of what subscribers see. */
import { type CandleSource, type Subscriber, Subscription } from "../../../src/actors/publisher/subscription.js";
import type { SeriesTree } from "../../../src/actors/series/tree.js";
import type { WireCandle } from "../../../src/market/candle.js";
import type { StoreReader } from "../../../src/storage/store.js";

export interface Heard {
  readonly type: string;
  readonly candle?: WireCandle;
  readonly candles?: readonly WireCandle[];
  readonly [other: string]: unknown;
}

export class Listener implements Subscriber {
  readonly messages: Heard[] = [];
  readonly failures: unknown[] = [];

  send(frame: { readonly text: Buffer }): void {
    this.messages.push(JSON.parse(frame.text.toString("utf8")) as Heard);
  }

  async room(): Promise<boolean> {
    return true;
  }

  failed(error: unknown): void {
    this.failures.push(error);
  }

  /** Closed candles, in the order of their arrival. */
  closed(): readonly WireCandle[] {
    return this.messages.flatMap(({ type, candle, candles }) =>
      type === "candle_closed" && candle ? [candle] : type === "candles_batch" && candles ? candles : [],
    );
  }

  closedTimes(): readonly number[] {
    return this.closed().map((candle) => candle.candle_time);
  }

  of(type: string): readonly Heard[] {
    return this.messages.filter((message) => message.type === type);
  }
}

/** Subscribes to a tree from its newest stored candles on, catching up from the store. */
export async function listen(tree: SeriesTree, store: StoreReader): Promise<Listener> {
  const { text: series, timeframeSeconds } = tree.id;
  const source: CandleSource = {
    page: (since) => {
      const run = store.read(series, { since: since ?? undefined, limit: 1_000 });
      return { candles: run.candles(), effectiveSince: since, full: false };
    },
    between: (afterS, beforeS) => ({
      candles: store.readBetween(series, afterS + 1, beforeS - 1).candles(),
      full: false,
    }),
    recover: undefined,
    openGaps: () => store.unfilledGaps(series).gaps.filter(({ state }) => state === "repairing"),
  };
  const listener = new Listener();
  const subscription = new Subscription(
    series,
    null,
    { timeframeSeconds, batches: false, gaps: true },
    listener,
    source,
  );
  tree.topic.add(subscription);
  await subscription.catchUp();
  return listener;
}
