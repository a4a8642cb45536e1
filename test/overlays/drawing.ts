/** Pictures as tests draw them: of hand-made facts, or of whole series. */
import { type AnchorFacts, anchorFactor } from "../../src/factors/anchor.js";
import type { FactorDefinition } from "../../src/factors/definition.js";
import type { FactorEngine, FactorFrame } from "../../src/factors/engine.js";
import { type PenFacts, penFactor } from "../../src/factors/pen.js";
import type { Leg } from "../../src/factors/pen-legs.js";
import { type PivotFacts, pivotFactor } from "../../src/factors/pivot.js";
import { type SrFacts, srFactor } from "../../src/factors/sr.js";
import { type ZhongshuFacts, zhongshuFactor } from "../../src/factors/zhongshu.js";
import type { Candle } from "../../src/market/candle.js";
import { OverlayEngine, type Picture } from "../../src/overlays/engine.js";
import type { Definition, Instruction } from "../../src/overlays/instruction.js";
import { barAt, beginFold, TIMEFRAME_SECONDS } from "../factors/fold.js";

export const WINDOW_CANDLES = 2_000;

/** What the factors know at one candle; nothing, unless given. */
export interface Facts {
  readonly pivot?: Partial<PivotFacts>;
  readonly pen?: Partial<PenFacts>;
  readonly zhongshu?: Partial<ZhongshuFacts>;
  readonly anchor?: Partial<AnchorFacts>;
  readonly sr?: Partial<SrFacts>;
}

export function frameOf(time: number, given: Facts): FactorFrame {
  const facts = new Map<unknown, unknown>([
    [pivotFactor, { majors: [], minors: [], ...given.pivot }],
    [penFactor, { confirmed: [], last: null, extending: null, candidate: null, trailing: null, ...given.pen }],
    [zhongshuFactor, { formed: [], died: [], alive: null, aliveUntil: 0, time, ...given.zhongshu }],
    [anchorFactor, { switches: [], held: null, shown: null, heldPen: null, ...given.anchor }],
    [srFactor, { snapshot: null, ...given.sr }],
  ]);
  const factsOf = <F>(factor: FactorDefinition<never, F>): F => facts.get(factor) as F;
  return { candle: barAt(time, 1, 1), index: time / TIMEFRAME_SECONDS - 1, events: [], factsOf };
}

/** A picture of hand-made facts. */
export class Canvas {
  readonly #picture: Picture;
  #lasting: readonly Instruction[] = [];

  constructor(windowCandles = WINDOW_CANDLES) {
    this.#picture = new OverlayEngine({ windowCandles }).begin(TIMEFRAME_SECONDS);
  }

  /** Draws what is known at one candle. */
  draw(time: number, facts: Facts = {}): this {
    this.#lasting = this.#picture.draw(frameOf(time, facts));
    return this;
  }

  /** The lasting instructions of the last candle. */
  get lasting(): readonly Instruction[] {
    return this.#lasting;
  }

  get live(): readonly Instruction[] {
    return this.#picture.live();
  }

  get lastVersion(): number {
    return this.#picture.lastVersion;
  }

  /** The live instruction with this id. */
  one(id: string): Instruction | undefined {
    return this.live.find(({ instruction_id }) => instruction_id === id);
  }

  /** The points of a live polyline, as `time@value`; undefined when there is none with this id. */
  points(id: string): string | undefined {
    const found = this.one(id);
    return found && pointsOf(found.definition);
  }
}

export function pointsOf(definition: Definition): string {
  if (definition.type === "marker") return `${definition.time}`;
  return definition.points.map(({ time, value }) => `${time}@${value}`).join(" ");
}

export function leg(start_time: number, start_price: number, end_time: number, end_price: number): Leg {
  return { start_time, end_time, start_price, end_price, direction: end_price > start_price ? 1 : -1 };
}

/** What one candle left on the picture of a series. */
export interface Drawn {
  readonly time: number;
  readonly frame: FactorFrame;
  readonly lasting: readonly Instruction[];
  readonly live: readonly Instruction[];
  readonly lastVersion: number;
}

/** Draws a whole series. */
export function drawSeries(engine: FactorEngine, windowCandles: number, candles: readonly Candle[]): Drawn[] {
  const fold = beginFold(engine, candles);
  const picture = new OverlayEngine({ windowCandles }).begin(TIMEFRAME_SECONDS);
  return candles.map((candle) => drawOne(picture, fold.step(candle)));
}

export function drawOne(picture: Picture, frame: FactorFrame): Drawn {
  const lasting = picture.draw(frame);
  return { time: frame.candle.time, frame, lasting, live: picture.live(), lastVersion: picture.lastVersion };
}

/** All versions of a series in the order of their ids: lasting ones, and each live one when it came to be. */
export function versionLog(drawn: readonly Drawn[]): Instruction[] {
  let before = 0;
  return drawn.flatMap(({ lasting, live, lastVersion }) => {
    const after = before;
    before = lastVersion;
    const versions = [...lasting, ...live.filter(({ version_id }) => version_id > after)];
    return versions.sort((a, b) => a.version_id - b.version_id);
  });
}
