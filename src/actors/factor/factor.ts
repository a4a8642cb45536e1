/**
 * The factor actor: owns the incremental factor state of one series. It computes ahead of the commit and takes the
 * result over only when the commit is durable, so that memory never says more than the store. A throw in an engine is a
 * crash: the candles are committed without it, and the next incarnation catches up from the store. Design: §4, C-1.
 */
import { type Clock, nextTurn } from "../../clock/clock.js";
import type { FactorEngine, FactorState } from "../../factors/engine.js";
import { type Candle, normaliseCandles } from "../../market/candle.js";
import type { LedgerChange, StoreReader } from "../../storage/store.js";
import type { Behavior } from "../runtime/actor.js";
import type { FactorFolded, FactorMessage, FactorStatus } from "./protocol.js";

export interface FactorOptions {
  readonly series: string;
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly engine: FactorEngine;
  /** Off: the ledger's head never moves. */
  readonly enabled: boolean;
  /** Whether another fingerprint means that the ledger is computed anew. */
  readonly rebuildOnNewFingerprint: boolean;
  /** How many of the newest stored candles a rebuild begins with. */
  readonly rebuildKeepCandles: number;
  /** Called when an incarnation finds at its start that the ledger is behind the store. */
  readonly onLagging: () => void;
}

/** Candles folded in one turn of the event loop; keeps a long catch-up from holding up others. */
const CANDLES_PER_SLICE = 500;

export class FactorBehavior implements Behavior<FactorMessage> {
  readonly #options: FactorOptions;
  /** The state that is stored; undefined when there is none that may be built upon. */
  #state: FactorState | undefined;
  #prepared: FactorState | undefined;

  constructor(options: FactorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#state = this.#restored();
    const { status } = this;
    if (status === "lagging" || status === "rebuild_due") this.#options.onLagging();
  }

  async receive(message: FactorMessage): Promise<void> {
    switch (message.type) {
      case "fold":
        message.reply.resolve(await this.#fold(message.candles, message.storedHeadTime));
        return;
      case "settle":
        if (message.outcome === "committed") this.#state = this.#prepared ?? this.#state;
        this.#prepared = undefined;
        return;
    }
  }

  get status(): FactorStatus {
    const { enabled, store, series } = this.#options;
    if (!enabled) return "off";
    const storedHeadTime = store.head(series).lastTime;
    if (this.#state === undefined) return storedHeadTime === null ? "current" : "rebuild_due";
    return isBehind(this.#state, storedHeadTime) ? "lagging" : "current";
  }

  #restored(): FactorState | undefined {
    const { store, series, engine, rebuildOnNewFingerprint } = this.#options;
    const head = store.ledgerHead(series, "factor");
    if (head === null) return undefined;
    const usable = head.fingerprint === engine.fingerprint || !rebuildOnNewFingerprint;
    return usable ? engine.restore(head.time) : undefined;
  }

  async #fold(candles: readonly Candle[], storedHeadTime: number | null): Promise<FactorFolded> {
    const { clock, engine, enabled, rebuildOnNewFingerprint } = this.#options;
    const startedMs = clock.monotonic();
    const before = this.#state ?? engine.initial();
    if (!enabled) return { change: undefined, state: before, rebuilt: false, candlesRead: 0, durationMs: 0 };
    const missing = isBehind(before, storedHeadTime) ? this.#stored(before) : [];
    const { state, candlesRead } = await this.#steps(before, missing, candles);
    this.#prepared = state;
    const moved = state.headTime !== null && (candlesRead > 0 || this.#state === undefined);
    const change: LedgerChange | undefined =
      moved && state.headTime !== null
        ? { type: "advanced", head: { time: state.headTime, fingerprint: engine.fingerprint } }
        : undefined;
    const rebuilt = this.#state === undefined && rebuildOnNewFingerprint && change !== undefined;
    return { change, state, rebuilt, candlesRead, durationMs: clock.monotonic() - startedMs };
  }

  /** Stored candles that the ledger has not seen, page by page. */
  *#stored(state: FactorState): Generator<readonly Candle[]> {
    const { store, series, rebuildKeepCandles } = this.#options;
    const oldest = store.read(series, { limit: rebuildKeepCandles }).firstTime ?? 0;
    let since = state.headTime ?? oldest - 1;
    for (;;) {
      const page = store.read(series, { since, limit: CANDLES_PER_SLICE }).candles();
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      since = last.time;
    }
  }

  /** Folds in stored pages and the run's own candles in order of time, giving way to others between slices. */
  async #steps(
    start: FactorState,
    pages: Iterable<readonly Candle[]>,
    candles: readonly Candle[],
  ): Promise<{ state: FactorState; candlesRead: number }> {
    const { clock, engine } = this.#options;
    let state = start;
    let candlesRead = 0;
    let taken = 0;
    const stepAll = async (slice: readonly Candle[]): Promise<void> => {
      for (const candle of slice) state = engine.step(state, candle);
      candlesRead += slice.length;
      if (slice.length >= CANDLES_PER_SLICE) await nextTurn(clock);
    };
    for (const page of pages) {
      const upTo = page.at(-1)?.time ?? 0;
      const end = candles.findIndex((candle) => candle.time > upTo);
      const own = candles.slice(taken, end < 0 ? candles.length : end);
      taken += own.length;
      // Of a stored candle and one of the run with the same time, the run's counts: it is about to replace the other.
      await stepAll(normaliseCandles([...page, ...own]));
    }
    for (let from = taken; from < candles.length; from += CANDLES_PER_SLICE) {
      await stepAll(candles.slice(from, from + CANDLES_PER_SLICE));
    }
    return { state, candlesRead };
  }
}

function isBehind(state: FactorState, storedHeadTime: number | null): boolean {
  return storedHeadTime !== null && (state.headTime === null || state.headTime < storedHeadTime);
}
