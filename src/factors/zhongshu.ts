/**
 * Zhongshu: the price zone that three consecutive pens share, from its forming to the pen that leaves it.
 * Spec: factors §10.
 */
import { fixedText } from "../market/fixed-text.js";
import type { FactorDefinition } from "./definition.js";
import { type Direction, type Pen, penFactor } from "./pen.js";
import { applyCandle, applyPen, type ZhongshuState, type Zone } from "./zhongshu-zone.js";

/** A dead zone as clients get it. Times in seconds. */
export interface DeadZone {
  readonly start_time: number;
  readonly end_time: number;
  /** Upper and lower bound of the zone. */
  readonly zg: number;
  readonly zd: number;
  readonly entry_direction: Direction;
  readonly formed_time: number;
  readonly death_time: number;
  readonly visible_time: number;
  readonly formed_reason: Zone["formed_reason"];
}

export interface ZhongshuFacts {
  /** Entry pens of zones that formed at this candle. */
  readonly formed: readonly Pen[];
  readonly died: readonly DeadZone[];
  readonly alive: Zone | null;
  /** How far the alive zone reaches, in seconds; 0 without one. */
  readonly aliveUntil: number;
  /** Time of the candle, in seconds. */
  readonly time: number;
}

const NO_PENS: readonly Pen[] = [];
const NO_DEAD: readonly DeadZone[] = [];

export const zhongshuFactor: FactorDefinition<ZhongshuState, ZhongshuFacts> = {
  name: "zhongshu",
  dependsOn: ["pen"],
  logic: 1,
  catalog: {
    label: "Zhongshu",
    visible: true,
    subFeatures: [
      { key: "zhongshu.alive", label: "Alive", visible: true },
      { key: "zhongshu.dead", label: "Dead", visible: true },
    ],
  },
  events: [{ kind: "zhongshu.dead", bucket: "dead", key: (payload) => deadKey(payload as DeadZone) }],
  initial: (): ZhongshuState => ({ tail: [], pending: null, alive: null, aliveUntil: 0, floor: 0, died: false }),
  step(state, context) {
    const { candle } = context;
    let formed = NO_PENS;
    let died = NO_DEAD;
    for (const pen of context.factsOf(penFactor).confirmed) {
      const outcome = applyPen(state, pen);
      if (outcome?.type === "formed") formed = [...formed, outcome.entry];
      if (outcome?.type === "died") {
        const dead = deadZone(outcome.zone, outcome.until, pen.visible_time);
        context.emit("zhongshu.dead", dead);
        died = [...died, dead];
      }
    }
    const entry = applyCandle(state, candle.time, candle.high, candle.low);
    if (entry !== undefined) formed = [...formed, entry];
    return { formed, died, alive: state.alive, aliveUntil: state.aliveUntil, time: candle.time };
  },
  present: (state) => state.alive !== null || state.died,
  head: ({ alive, aliveUntil, time }) => ({ alive: alive === null ? [] : [aliveZone(alive, aliveUntil, time)] }),
};

function deadKey({ start_time, formed_time, death_time, zg, zd, formed_reason }: DeadZone): string {
  return `dead:${start_time}:${formed_time}:${death_time}:${fixedText(zg, 8)}:${fixedText(zd, 8)}:${formed_reason}`;
}

function deadZone(zone: Zone, until: number, deathTime: number): DeadZone {
  const { start_time, zg, zd, entry_direction, formed_time, formed_reason } = zone;
  return {
    start_time,
    end_time: until,
    zg,
    zd,
    entry_direction,
    formed_time,
    death_time: deathTime,
    visible_time: deathTime,
    formed_reason,
  };
}

function aliveZone(zone: Zone, until: number, time: number): object {
  const { start_time, zg, zd, entry_direction, formed_time, formed_reason } = zone;
  return {
    start_time,
    end_time: until,
    zg,
    zd,
    entry_direction,
    formed_time,
    formed_reason,
    death_time: null,
    visible_time: time,
  };
}
