/** What must hold of every answer of the ledger reads, by itself. Spec: overlays §13, factors §16. */
import { expect } from "vitest";
import { fixedText } from "../../src/market/fixed-text.js";
import {
  type DrawBody,
  type FrameBody,
  type PatchItem,
  type SlicesBody,
  spanOfItem,
  startOfItem,
} from "./ledger-answers.js";

const FACTORS = ["pivot", "pen", "zhongshu", "anchor", "sr"];

/** Where an answer was asked for. Times in seconds. */
export interface Asked {
  readonly series: string;
  readonly time: number;
  /** The newest candle at or before it. */
  readonly aligned: number;
  readonly window: number;
  readonly timeframeSeconds: number;
}

export function expectFrameHolds(frame: FrameBody, asked: Asked): void {
  const candle_id = `${asked.series}:${asked.aligned}`;
  expect(frame.time).toEqual({ at_time: asked.time, aligned_time: asked.aligned, candle_id });
  expectSlicesHold(frame.factor_slices, asked);
  expectDrawHolds(frame.draw_state, asked);
  expectAgreement(frame);
}

/** Factors §16: alignment, visibility (7), pivot delay (8), meta (15). */
export function expectSlicesHold(slices: SlicesBody, { series, aligned }: Asked): void {
  const candle_id = `${series}:${aligned}`;
  expect(slices).toMatchObject({ series_id: series, at_time: aligned, candle_id });
  expect(slices.factors).toEqual(FACTORS.filter((name) => slices.factors.includes(name)));
  expect(Object.keys(slices.snapshots)).toEqual(slices.factors);
  for (const [factor_name, { history, head, meta }] of Object.entries(slices.snapshots)) {
    expect(meta).toEqual({ series_id: series, epoch: 0, at_time: aligned, candle_id, factor_name });
    for (const payload of Object.values(history).flat()) expect(payload.visible_time ?? 0).toBeLessThanOrEqual(aligned);
    for (const end of endTimes(head)) expect(end).toBeLessThanOrEqual(aligned);
  }
}

function endTimes(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === "end_time" && typeof member === "number" ? [member] : endTimes(member),
  );
}

/** Overlays §13: active within catalog (5), window by overlap (6), nothing of the future (7), alignment (8). */
export function expectDrawHolds(draw: DrawBody, { series, aligned, window, timeframeSeconds }: Asked): void {
  expect(draw).toMatchObject({ series_id: series, to_candle_time: aligned, to_candle_id: `${series}:${aligned}` });
  const patch = draw.instruction_catalog_patch;
  const ids = patch.map(({ instruction_id }) => instruction_id);
  const versions = patch.map(({ version_id }) => version_id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(draw.next_cursor.version_id).toBeGreaterThanOrEqual(versions.at(-1) ?? 0);
  for (const { visible_time } of patch) expect(visible_time).toBeLessThanOrEqual(aligned);
  const cut = Math.max(0, aligned - window * timeframeSeconds);
  const current = patch.find(({ instruction_id }) => instruction_id === "anchor.current");
  const overlaps = (item: PatchItem): boolean => spanOfItem(item)[1] >= cut && spanOfItem(item)[0] <= aligned;
  const shown = patch.filter((item) => overlaps(item) && !repeats(item, current));
  expect(draw.active_ids).toEqual(shown.map(({ instruction_id }) => instruction_id).sort());
}

/** The line of an earlier anchor is not shown while that anchor is the current one again. */
function repeats(item: PatchItem, current: PatchItem | undefined): boolean {
  if (current === undefined || !item.instruction_id.startsWith("anchor.history:")) return false;
  return startOfItem(item) === startOfItem(current);
}

interface Zone {
  readonly start_time: number;
  readonly end_time: number;
  readonly zg: number;
  readonly zd: number;
}

/** Overlays §13.10: the drawing shows the anchor and the zones of the slices, and no others. */
export function expectAgreement({ factor_slices: { snapshots }, draw_state }: FrameBody): void {
  const patch = draw_state.instruction_catalog_patch;
  const ref = snapshots.anchor?.head.current_anchor_ref as { readonly start_time: number } | null | undefined;
  const current = patch.find(({ instruction_id }) => instruction_id === "anchor.current");
  if (ref) expect(current && startOfItem(current)).toBe(ref.start_time);
  const dead = (snapshots.zhongshu?.history.dead ?? []) as unknown as readonly Zone[];
  const alive = (snapshots.zhongshu?.head.alive ?? []) as readonly Zone[];
  const names = [
    ...dead.map(({ start_time, end_time, zg, zd }) => {
      return `zhongshu.dead:${start_time}:${end_time}:${fixedText(zg, 6)}:${fixedText(zd, 6)}`;
    }),
    ...alive.map(() => "zhongshu.alive"),
  ];
  const expected = names.flatMap((name) => [`${name}:bottom`, `${name}:top`]);
  const drawn = patch.map(({ instruction_id }) => instruction_id).filter((id) => id.startsWith("zhongshu."));
  expect(drawn.sort()).toEqual([...new Set(expected)].sort());
}

/** Factors §16.16: a smaller window has the newest of what a larger one has, and the same heads. */
export function expectCutOf(small: SlicesBody, large: SlicesBody): void {
  expect(small.factors).toEqual(large.factors);
  for (const [name, { history, head }] of Object.entries(small.snapshots)) {
    expect(head).toEqual(large.snapshots[name]?.head);
    // The history of anchors is healed within its window.
    if (name === "anchor") continue;
    for (const [bucket, items] of Object.entries(history)) {
      const whole = large.snapshots[name]?.history[bucket] ?? [];
      expect(items).toEqual(whole.slice(whole.length - items.length));
    }
  }
}

/** A drawing without the numbers of its versions: these go on when a ledger is folded again. */
export function looksOf({ active_ids, instruction_catalog_patch }: DrawBody): object {
  const looks = instruction_catalog_patch.map(({ version_id: _, ...rest }) => [rest.instruction_id, rest] as const);
  return { active_ids, looks: new Map(looks) };
}
