/** Zones as pairs of lines: dead ones as they were, the alive one up to now. Spec: overlays §4, §5.3. */
import { type ZhongshuFacts, zhongshuFactor } from "../factors/zhongshu.js";
import { fixedText } from "../market/fixed-text.js";
import { instruction, line, type Polyline } from "./instruction.js";
import type { Renderer, Version } from "./renderer.js";

const COLORS = {
  dead: { up: "rgba(74,222,128,0.58)", down: "rgba(248,113,113,0.58)" },
  alive: { up: "rgba(22,163,74,0.72)", down: "rgba(220,38,38,0.72)" },
} as const;

interface Bounds {
  readonly start: number;
  readonly end: number;
  readonly zg: number;
  readonly zd: number;
  readonly entry: 1 | -1;
}

interface ZonePicture {
  alive: { readonly bounds: Bounds; readonly top: Version; readonly bottom: Version } | null;
}

export const zhongshuRenderer: Renderer<ZonePicture> = {
  name: "zhongshu",
  initial: (): ZonePicture => ({ alive: null }),
  draw(state, frame, pencil) {
    const facts = frame.factsOf(zhongshuFactor);
    for (const { start_time, end_time, zg, zd, entry_direction: entry } of facts.died) {
      const bounds = { start: start_time, end: end_time, zg, zd, entry };
      const id = deadZoneId(start_time, end_time, zg, zd);
      pencil.lasting(`${id}:top`, edge("dead", bounds, zg));
      pencil.lasting(`${id}:bottom`, edge("dead", bounds, zd));
    }
    const bounds = aliveBounds(facts);
    const drawn = state.alive?.bounds;
    if (bounds === null) state.alive = null;
    else if (drawn === undefined || !sameBounds(drawn, bounds)) {
      state.alive = { bounds, top: pencil.version(), bottom: pencil.version() };
    }
  },
  renew(state, later) {
    const { alive } = state;
    if (alive !== null) state.alive = { ...alive, top: later(alive.top), bottom: later(alive.bottom) };
  },
  live({ alive }) {
    if (alive === null) return [];
    const { bounds, top, bottom } = alive;
    return [
      instruction("zhongshu.alive:top", ...top, edge("alive", bounds, bounds.zg)),
      instruction("zhongshu.alive:bottom", ...bottom, edge("alive", bounds, bounds.zd)),
    ];
  },
};

/** What the ids of a dead zone's two lines have in common. Times in seconds. */
export function deadZoneId(start: number, end: number, zg: number, zd: number): string {
  return `zhongshu.dead:${start}:${end}:${fixedText(zg, 6)}:${fixedText(zd, 6)}`;
}

function aliveBounds({ alive, aliveUntil }: ZhongshuFacts): Bounds | null {
  if (alive === null) return null;
  return { start: alive.start_time, end: aliveUntil, zg: alive.zg, zd: alive.zd, entry: alive.entry_direction };
}

function sameBounds(a: Bounds, b: Bounds): boolean {
  return a.start === b.start && a.end === b.end && a.zg === b.zg && a.zd === b.zd && a.entry === b.entry;
}

function edge(state: keyof typeof COLORS, { start, end, entry }: Bounds, value: number): Polyline {
  const color = COLORS[state][entry === 1 ? "up" : "down"];
  return line(
    `zhongshu.${state}`,
    { time: start, value },
    { time: end, value },
    {
      color,
      lineWidth: 2,
      entryDirection: entry,
    },
  );
}
