/**
 * The factor ledger as a pure fold over the closed candles of a series, one at a time: batching, restarts and rebuilds
 * never change it. Spec: factors §5; design C-1 to C-3, C-7.
 */
import type { Candle } from "../market/candle.js";
import { BlockPool } from "./block-closes.js";
import { CandleHistory, type SavedHistory } from "./candle-history.js";
import { type Catalog, catalogOf } from "./catalog.js";
import { BLOCK_CANDLES, CloseHistory, type CloseSource } from "./close-history.js";
import type { AnyFactor, EventKind, FactorDefinition, FactorEvent, FactorSettings, FactsReader } from "./definition.js";
import { inOrder } from "./graph.js";

/** Grows with every change of the fold itself that makes ledgers different. */
const LOGIC = 2;

/** Everything that became known at one candle. Never changed afterwards. */
export interface FactorFrame extends FactsReader {
  /** Position of the candle in the fold, from 0. */
  readonly index: number;
  readonly candle: Candle;
  readonly events: readonly FactorEvent[];
}

/** The state of a fold between two blocks, as a JSON value. */
export interface FactorCheckpoint {
  readonly history: SavedHistory;
  readonly states: Readonly<Record<string, unknown>>;
}

export interface FactorEngineOptions {
  readonly factors: readonly AnyFactor[];
  readonly pivotWindowMajor: number;
  readonly pivotWindowMinor: number;
  /** The operator's own part of the fingerprint, `TRADE_CANVAS_FACTOR_LOGIC_VERSION`. */
  readonly logicVersion: string;
}

export class FactorEngine {
  /** In the order in which they step. */
  readonly factors: readonly AnyFactor[];
  readonly catalog: Catalog;
  /** Names logic and settings; a ledger with another fingerprint must be computed anew. */
  readonly fingerprint: string;
  /** Newest candles before a checkpoint that {@link restore} needs. */
  readonly recentCandles: number;
  readonly #kinds: ReadonlyMap<string, EventKind>;
  readonly #pool = new BlockPool();
  readonly #windows: Pick<FactorSettings, "pivotWindowMajor" | "pivotWindowMinor">;

  /** @throws FactorGraphError when the factors cannot be put in order. */
  constructor({ factors, pivotWindowMajor, pivotWindowMinor, logicVersion }: FactorEngineOptions) {
    this.factors = inOrder(factors);
    this.catalog = catalogOf(this.factors);
    this.#windows = { pivotWindowMajor, pivotWindowMinor };
    this.recentCandles = 2 * Math.max(pivotWindowMajor, pivotWindowMinor) + 1;
    const logics = this.factors.map(({ name, logic }) => `${name}.${logic}`).join(",");
    this.fingerprint = `factor:${LOGIC}:${logics}:M${pivotWindowMajor}:m${pivotWindowMinor}:${logicVersion}`;
    this.#kinds = new Map(this.factors.flatMap(({ events }) => events.map((kind) => [kind.kind, kind] as const)));
  }

  /** @throws Error for a kind that no factor declares. */
  kind(kind: string): EventKind {
    const found = this.#kinds.get(kind);
    if (found === undefined) throw new Error(`no factor declares events of kind '${kind}'`);
    return found;
  }

  /** A fold that has seen no candle. @param closes fetches candles that were folded and released. */
  begin(timeframeSeconds: number, closes: CloseSource): FactorFold {
    const settings = { ...this.#windows, timeframeSeconds };
    const states = this.factors.map((factor) => factor.initial(settings));
    const history = new CandleHistory(this.recentCandles, new CloseHistory(closes, this.#pool));
    return new FactorFold(this, settings, history, states);
  }

  /**
   * @param recent the newest {@link recentCandles} before the checkpoint, ascending; all, if there are fewer.
   * @throws Error when the checkpoint is none of this graph.
   */
  restore(
    timeframeSeconds: number,
    closes: CloseSource,
    checkpoint: FactorCheckpoint,
    recent: readonly Candle[],
  ): FactorFold {
    const settings = { ...this.#windows, timeframeSeconds };
    const blocks = CloseHistory.restore(closes, checkpoint.history, this.#pool);
    const history = CandleHistory.restore(this.recentCandles, blocks, checkpoint.history, recent);
    const states = this.factors.map(({ name, load }) => {
      const saved = checkpoint.states[name];
      if (saved === undefined) throw new Error(`the checkpoint has no state of '${name}': it is of other factors`);
      return load === undefined ? saved : load(saved);
    });
    return new FactorFold(this, settings, history, states);
  }
}

/** A fold under way. Stepping changes it; the state of an earlier candle is found again from a checkpoint. */
export class FactorFold {
  readonly #engine: FactorEngine;
  readonly #settings: FactorSettings;
  readonly #history: CandleHistory;
  readonly #states: readonly unknown[];
  #frame: FactorFrame | undefined;

  constructor(engine: FactorEngine, settings: FactorSettings, history: CandleHistory, states: readonly unknown[]) {
    this.#engine = engine;
    this.#settings = settings;
    this.#history = history;
    this.#states = states;
  }

  /** Candles folded so far. */
  get count(): number {
    return this.#history.count;
  }

  /** Whether the next candle begins a block: the moment for a checkpoint. */
  get isAtBlockStart(): boolean {
    return this.#history.count % BLOCK_CANDLES === 0;
  }

  /** The frame of the last candle; undefined until a step was made with this fold. */
  get frame(): FactorFrame | undefined {
    return this.#frame;
  }

  /** Takes one closed candle in, later than all before. */
  step(candle: Candle): FactorFrame {
    const index = this.#history.count;
    if (index % BLOCK_CANDLES === 0) this.#forgetCloses(index);
    this.#history.push(candle);
    const { factors } = this.#engine;
    const events: FactorEvent[] = [];
    const facts: unknown[] = [];
    let current: AnyFactor;
    const context = {
      candle,
      index,
      settings: this.#settings,
      history: this.#history,
      factsOf: <F>(factor: FactorDefinition<never, F>): F => {
        if (current.dependsOn.includes(factor.name)) return factsFor(factors, facts, factor);
        throw new Error(`'${current.name}' reads the facts of '${factor.name}': name it in dependsOn`);
      },
      emit: (kind: string, payload: object): void => {
        const declared = current.events.some((event) => event.kind === kind);
        if (!declared) throw new Error(`'${current.name}' emits '${kind}': declare it in events`);
        events.push({ time: candle.time, factor: current.name, kind, payload });
      },
    };
    for (let at = 0; at < factors.length; at += 1) {
      current = factors[at] as AnyFactor;
      facts.push(current.step(this.#states[at] as never, context));
    }
    this.#frame = {
      index,
      candle,
      events,
      factsOf: <F>(factor: FactorDefinition<never, F>): F => factsFor(factors, facts, factor),
    };
    return this.#frame;
  }

  /** Whether a slice shows the factor. */
  isPresent(factor: AnyFactor): boolean {
    return factor.present(this.#states[this.#engine.factors.indexOf(factor)] as never);
  }

  /** Everything folded so far is stored: what can be read back need not be kept. */
  release(): void {
    for (const [at, { release }] of this.#engine.factors.entries()) release?.(this.#states[at] as never);
    this.#history.closes.release();
  }

  /** The state as JSON text of a {@link FactorCheckpoint}. Only at the start of a block. */
  save(): string {
    const states: Record<string, unknown> = {};
    for (const [at, { name, save }] of this.#engine.factors.entries()) {
      const state = this.#states[at] as never;
      states[name] = save === undefined ? state : save(state);
    }
    return JSON.stringify({ history: this.#history.save(), states } satisfies FactorCheckpoint);
  }

  #forgetCloses(index: number): void {
    let needed = index;
    for (const [at, { needsClosesFrom }] of this.#engine.factors.entries()) {
      if (needsClosesFrom !== undefined) needed = Math.min(needed, needsClosesFrom(this.#states[at] as never));
    }
    this.#history.closes.keepFrom(needed);
  }
}

function factsFor<F>(factors: readonly AnyFactor[], facts: readonly unknown[], factor: FactorDefinition<never, F>): F {
  for (let at = 0; at < facts.length; at += 1) if (factors[at] === factor) return facts[at] as F;
  throw new Error(`there is no factor '${factor.name}' in this graph`);
}
