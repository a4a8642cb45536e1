/** What a renderer is: it turns what became known at a candle into versions of the instructions of one feature. */
import type { FactorFrame } from "../factors/engine.js";
import type { Definition, Instruction } from "./instruction.js";

export interface OverlaySettings {
  readonly timeframeSeconds: number;
  /** Candles back to which pens are drawn, `TRADE_CANVAS_OVERLAY_WINDOW_CANDLES`. */
  readonly windowCandles: number;
}

/** Gives out versions while one frame is drawn. */
export interface Pencil {
  /** Time of the candle in seconds; the visible time of every version given now. */
  readonly time: number;
  /** The next version. */
  version(): Version;
  /** As many versions with consecutive ids, the first of which is returned. */
  versions(count: number): Version;
  /** Draws an instruction that stays as it is, unless the same id is drawn again. */
  lasting(id: string, definition: Definition): void;
}

/** A version that was given: its id and its visible time in seconds. */
export type Version = readonly [id: number, visibleTime: number];

/** A version with the next id, or the first of several, that is as visible as the one it stands for. */
export type LaterVersion = (version: Version, count?: number) => Version;

/** Live instructions that change together. */
export interface Settled {
  /** The same object as long as they are the same. */
  readonly key: object;
  make(): readonly Instruction[];
}

/**
 * Draws one feature. `State` is a JSON value unless `save` and `load` are given. Instructions that change with nearly every
 * candle are not emitted but made by `live` when somebody asks; the state remembers their versions.
 */
export interface Renderer<in State> {
  readonly name: string;
  initial(): unknown;
  /** Takes one frame in; the state is changed in place. */
  draw(state: State, frame: FactorFrame, pencil: Pencil, settings: OverlaySettings): void;
  /**
   * Gives every live instruction a later version: what was drawn after this state is drawn again, and a client may have
   * seen it change there.
   */
  renew(state: State, later: LaterVersion): void;
  /** The live instructions at the candle of the last frame, but for those that {@link settled} tells. */
  live(state: State, time: number): readonly Instruction[];
  /** Live instructions that stay as they are for many candles, for a renderer that has many of them. */
  settled?(state: State): Settled;
  /** The state as a JSON value; the state itself unless given. */
  save?(state: State): unknown;
  /** The state from what `save` gave. */
  load?(saved: unknown): unknown;
}
