/**
 * What a factor is: the part that a factor author writes. A factor is a state, a step that takes one closed candle, and
 * what it shows of itself. See docs/add-a-factor.md. Spec: factors §2, §3; design §5.
 */
import type { Candle } from "../market/candle.js";
import type { CandleHistory } from "./candle-history.js";

export interface FactorSettings {
  /** Length of the series' timeframe in seconds. */
  readonly timeframeSeconds: number;
  /** Candles on either side that a major pivot must exceed; at least 1. */
  readonly pivotWindowMajor: number;
  /** Candles on either side that a minor pivot must exceed; at least 1. */
  readonly pivotWindowMinor: number;
}

/** A fact that became known at a candle and never changes again. */
export interface FactorEvent {
  /** Open time in seconds of the candle at which it became known. */
  readonly time: number;
  readonly factor: string;
  /** `<factor>.<what>`, as in `pen.confirmed`. */
  readonly kind: string;
  /** JSON value as it is stored. */
  readonly payload: object;
}

/** A kind of event that a factor emits. */
export interface EventKind {
  readonly kind: string;
  /** Name of the array in the slice's `history`. */
  readonly bucket: string;
  /** Tells events of this kind apart: two events of a series never have the same key. */
  key(payload: object): string;
  /** JSON text of the payload as clients get it; the stored text unless given. */
  wireText?(stored: string): string;
}

/** How a factor is shown in the catalog. Spec: factors §3. */
export interface CatalogEntry {
  readonly label: string;
  readonly visible: boolean;
  readonly subFeatures: readonly SubFeature[];
}

export interface SubFeature {
  readonly key: string;
  readonly label: string;
  readonly visible: boolean;
}

/** What a step may see and do. */
export interface StepContext {
  readonly candle: Candle;
  /** Position of the candle in the fold, from 0. */
  readonly index: number;
  readonly settings: FactorSettings;
  /** Candles up to and including this one. */
  readonly history: CandleHistory;
  /** What a factor that this one depends on made of the same candle. */
  factsOf<Facts>(factor: FactorDefinition<never, Facts>): Facts;
  emit(kind: string, payload: object): void;
}

/** The facts of all factors at one candle. */
export interface FactsReader {
  factsOf<Facts>(factor: FactorDefinition<never, Facts>): Facts;
}

/**
 * A factor. `State` must survive `JSON.parse(JSON.stringify(state))` unless `save` and `load` are given; `Facts` are
 * never changed after they were returned.
 */
export interface FactorDefinition<in State, out Facts> {
  readonly name: string;
  /** Names of the factors whose facts this one reads. */
  readonly dependsOn: readonly string[];
  /** Grows with every change that makes events, heads or stored states different. */
  readonly logic: number;
  /** Default: a label made from the name, and one sub-feature per kind of event. */
  readonly catalog?: CatalogEntry;
  readonly events: readonly EventKind[];
  initial(settings: FactorSettings): unknown;
  /** Takes one closed candle in. The state is changed in place; the answer is what others may know of it. */
  step(state: State, context: StepContext): Facts;
  /** Whether a slice shows the factor at all; once true it stays so. */
  present(state: State): boolean;
  /** The slice's `head`, at the candle of the last step. Frozen in time: it must not depend on any window. */
  head(facts: Facts, all: FactsReader): object;
  /** The head as JSON text, for a factor that can write it faster than `JSON.stringify` does. */
  headText?(facts: Facts): string;
  /**
   * Reworks the history of a slice, given the wire text of each bucket's payloads; the default shows them as they are.
   * Returns JSON text per array, in the order in which they are shown.
   */
  history?(buckets: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]>;
  /** Index of the oldest candle whose close a later step may ask for; without it, only recent candles are kept. */
  needsClosesFrom?(state: State): number;
  /** Drops what only saves work; called when no candle is expected at once. */
  release?(state: State): void;
  /** JSON value for the state, and back. */
  save?(state: State): unknown;
  load?(saved: unknown): unknown;
}

/** Any factor, where its types do not matter. */
// The two type parameters are used in opposite directions; `never` and `unknown` admit every factor.
export type AnyFactor = FactorDefinition<never, unknown>;
