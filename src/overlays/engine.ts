/**
 * The drawing of a series as a pure fold over its factor frames: the picture at a candle is a function of the factor
 * state there. Spec: overlays §3, §6; design C-6 to C-6c.
 */
import type { FactorFrame } from "../factors/engine.js";
import { anchorRenderer } from "./anchor.js";
import { type Definition, type Instruction, instruction } from "./instruction.js";
import { legsRenderer } from "./legs.js";
import { markerRenderer } from "./marker.js";
import { penRenderer } from "./pen.js";
import type { LaterVersion, OverlaySettings, Renderer, Settled, Version } from "./renderer.js";
import { srRenderer } from "./sr.js";
import { zhongshuRenderer } from "./zhongshu.js";

/** Grows with every change that makes versions, definitions or stored states different. */
const LOGIC = 2;

/** In the order in which they get their versions. */
export const STANDARD_RENDERERS: readonly Renderer<never>[] = [
  markerRenderer,
  penRenderer,
  zhongshuRenderer,
  anchorRenderer,
  legsRenderer,
  srRenderer,
];

/** The state of a picture between two blocks, as a JSON value. */
export interface PictureCheckpoint {
  /** The highest version id given so far. */
  readonly lastVersion: number;
  readonly states: Readonly<Record<string, unknown>>;
}

export interface OverlayEngineOptions {
  /** Candles back to which pens are drawn. */
  readonly windowCandles: number;
  readonly renderers?: readonly Renderer<never>[];
}

export class OverlayEngine {
  /** Names logic and settings; a drawing with another fingerprint must be made anew. */
  readonly fingerprint: string;
  /** Candles back to which pens are drawn. */
  readonly windowCandles: number;
  readonly #renderers: readonly Renderer<never>[];

  constructor({ windowCandles, renderers = STANDARD_RENDERERS }: OverlayEngineOptions) {
    this.windowCandles = windowCandles;
    this.#renderers = renderers;
    this.fingerprint = `overlay:${LOGIC}:W${windowCandles}:${renderers.map(({ name }) => name).join("+")}`;
  }

  /** A picture with nothing on it, whose first version comes after `lastVersion`. */
  begin(timeframeSeconds: number, lastVersion = 0): Picture {
    const states = this.#renderers.map((renderer) => renderer.initial());
    return new Picture(this.#renderers, this.#settings(timeframeSeconds), lastVersion, states);
  }

  /**
   * @param lastVersion if higher than the checkpoint's, the picture is drawn again from here: versions go on behind it, and
   * everything live gets a new one.
   */
  restore(timeframeSeconds: number, checkpoint: PictureCheckpoint, lastVersion = 0): Picture {
    const states = this.#renderers.map(({ name, load }) => {
      const saved = checkpoint.states[name];
      return load === undefined ? saved : load(saved);
    });
    const settings = this.#settings(timeframeSeconds);
    const picture = new Picture(this.#renderers, settings, Math.max(lastVersion, checkpoint.lastVersion), states);
    if (lastVersion > checkpoint.lastVersion) picture.renew();
    return picture;
  }

  #settings(timeframeSeconds: number): OverlaySettings {
    return { timeframeSeconds, windowCandles: this.windowCandles };
  }
}

/** A drawing under way. Drawing changes it. */
export class Picture {
  readonly #renderers: readonly Renderer<never>[];
  readonly #settings: OverlaySettings;
  readonly #states: readonly unknown[];
  #lastVersion: number;
  #time = 0;

  constructor(
    renderers: readonly Renderer<never>[],
    settings: OverlaySettings,
    lastVersion: number,
    states: readonly unknown[],
  ) {
    this.#renderers = renderers;
    this.#settings = settings;
    this.#states = states;
    this.#lastVersion = lastVersion;
  }

  /** The highest version id given so far. */
  get lastVersion(): number {
    return this.#lastVersion;
  }

  /** Draws one frame. @returns the lasting instructions that it adds. */
  draw(frame: FactorFrame): readonly Instruction[] {
    const { time } = frame.candle;
    const drawn: Instruction[] = [];
    this.#time = time;
    const pencil = {
      time,
      version: (): Version => pencil.versions(1),
      versions: (count: number): Version => {
        this.#lastVersion += count;
        return [this.#lastVersion - count + 1, time];
      },
      lasting: (id: string, definition: Definition): void => {
        drawn.push(instruction(id, ...pencil.version(), definition));
      },
    };
    for (let at = 0; at < this.#renderers.length; at += 1) {
      (this.#renderers[at] as Renderer<never>).draw(this.#states[at] as never, frame, pencil, this.#settings);
    }
    return drawn;
  }

  /** Gives everything live a later version. */
  renew(): void {
    const later: LaterVersion = ([, visibleTime], count = 1) => {
      this.#lastVersion += count;
      return [this.#lastVersion - count + 1, visibleTime];
    };
    for (let at = 0; at < this.#renderers.length; at += 1) {
      (this.#renderers[at] as Renderer<never>).renew(this.#states[at] as never, later);
    }
  }

  /** The instructions that change with nearly every candle, as they are at the last one drawn. */
  live(): readonly Instruction[] {
    return this.#renderers.flatMap((renderer, at) => {
      const state = this.#states[at] as never;
      return [...renderer.live(state, this.#time), ...(renderer.settled?.(state).make() ?? [])];
    });
  }

  /** Those of them that may differ with every candle. */
  moving(): readonly Instruction[] {
    return this.#renderers.flatMap((renderer, at) => renderer.live(this.#states[at] as never, this.#time));
  }

  /** Those that stay as they are for many candles. */
  settled(): readonly Settled[] {
    return this.#renderers.flatMap((renderer, at) => renderer.settled?.(this.#states[at] as never) ?? []);
  }

  /** The state as JSON text of a {@link PictureCheckpoint}. */
  save(): string {
    const states: Record<string, unknown> = {};
    for (const [at, { name, save }] of this.#renderers.entries()) {
      const state = this.#states[at];
      states[name] = save === undefined ? state : save(state as never);
    }
    return JSON.stringify({ lastVersion: this.#lastVersion, states } satisfies PictureCheckpoint);
  }
}
