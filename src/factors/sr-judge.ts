/**
 * How the levels of one side stand after all closes since their later pivot, without walking along all of them at every
 * snapshot. What a judge remembers only saves work: one that remembers nothing says the same. Spec: factors §12.3 (4).
 */
import type { CloseHistory } from "./close-history.js";
import { BreakMemo } from "./sr-breaks.js";
import { type Crossing, CrossingWalk } from "./sr-crossings.js";
import { PIVOTS_PER_SIDE, type PivotSide } from "./sr-pivots.js";
import { rangeOfPrice } from "./sr-shape.js";

/** The candle at which levels are judged. */
export interface Ground {
  readonly closes: CloseHistory;
  readonly index: number;
  readonly close: number;
  readonly atr: number;
}

/** Crossings that break a level. */
const BREAKING_CROSSINGS = 3;
const CROSS_ATR = 0.5;

/** Walks of standing levels that are taken up again at the next snapshot; the one begun first goes first. */
const MAX_WALKS = 32;

/** How far a remembered tolerance stays away from where a walk would have gone another way: a part of the distance. */
const SAFE_PART = 1 / 1024;

/** All by slot. */
interface Memory {
  /** A tolerance with which the level is broken, and so with every smaller one; 0 when none is known. */
  readonly brokenUpTo: Float32Array;
  readonly breaks: BreakMemo;
  readonly walks: Map<number, CrossingWalk>;
}

function nothingRemembered(): Memory {
  return {
    brokenUpTo: new Float32Array(PIVOTS_PER_SIDE),
    breaks: new BreakMemo(PIVOTS_PER_SIDE),
    walks: new Map(),
  };
}

export class LevelJudge {
  readonly #pivots: PivotSide;
  /** Made when it is first needed: most of the time a series has no use for it. */
  #made: Memory | undefined;

  constructor(pivots: PivotSide) {
    this.#pivots = pivots;
  }

  get #memory(): Memory {
    this.#made ??= nothingRemembered();
    return this.#made;
  }

  /** Forgets everything, to take no room until the next snapshot. */
  release(): void {
    this.#made = undefined;
  }

  /** Whether the level whose later pivot is at `slot` is not broken. */
  isStanding(slot: number, line: number, ground: Ground): boolean {
    if (crossTolerance(line, ground) <= (this.#memory.brokenUpTo[slot] as number)) return false;
    return this.#walk(slot, line, ground).count < BREAKING_CROSSINGS;
  }

  /** The crossing that broke the level, or else the last one, if any. */
  lastCrossing(slot: number, line: number, ground: Ground): Crossing | undefined {
    const known = this.#memory.breaks.find(slot, crossTolerance(line, ground));
    return known ?? this.#walk(slot, line, ground).lastCrossing;
  }

  /** A new pivot has got this slot. */
  forget(slot: number): void {
    if (this.#made === undefined) return;
    const { brokenUpTo, breaks, walks } = this.#made;
    brokenUpTo[slot] = 0;
    breaks.forget(slot);
    walks.delete(slot);
  }

  /** Goes on with the walk that was made before, if that would have been the same with today's tolerance. */
  #walk(slot: number, line: number, ground: Ground): CrossingWalk {
    const tolerance = crossTolerance(line, ground);
    const before = this.#memory.walks.get(slot);
    const walk = before?.holdsFor(tolerance) ? before : this.#beginWalk(slot, line);
    walk.advance(ground.closes, ground.index + 1, tolerance, BREAKING_CROSSINGS);
    if (walk !== before || walk.count === BREAKING_CROSSINGS) this.#memory.walks.delete(slot);
    if (walk.count === BREAKING_CROSSINGS) this.#learn(slot, walk, tolerance);
    else if (walk !== before) this.#keep(slot, walk);
    return walk;
  }

  #beginWalk(slot: number, line: number): CrossingWalk {
    const pivot = this.#pivots.columns.idx[slot] as number;
    return new CrossingWalk(this.#pivots.side, line, pivot + 1);
  }

  #keep(slot: number, walk: CrossingWalk): void {
    if (this.#memory.walks.size === MAX_WALKS) {
      const [oldest] = this.#memory.walks.keys();
      this.#memory.walks.delete(oldest as number);
    }
    this.#memory.walks.set(slot, walk);
  }

  /** The level is broken with this tolerance, and with those for which the walk would have been the same. */
  #learn(slot: number, walk: CrossingWalk, tolerance: number): void {
    const around = walk.tolerances;
    const low = Math.fround(around.low + (tolerance - around.low) * SAFE_PART);
    const high = Math.fround(around.high - (around.high - tolerance) * SAFE_PART);
    if (!walk.holdsFor(low) || !walk.holdsFor(high)) return;
    this.#memory.brokenUpTo[slot] = Math.max(this.#memory.brokenUpTo[slot] as number, high);
    this.#memory.breaks.remember(slot, low, high, walk.lastCrossing as Crossing);
  }
}

/** How far a close must be from a level to be on one side of it. */
export function crossTolerance(line: number, { atr }: Ground): number {
  return CROSS_ATR * (atr > 0 ? atr : rangeOfPrice(line));
}
