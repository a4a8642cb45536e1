/** The anchor: the strongest leg so far, or the entry of the zone that just formed. Spec: factors §11. */
import type { AnchorKind, AnchorRef, Leg, PenHead, PenPayload, SwitchPayload } from "./types.js";

/** The current anchor with its strength; null before the first. It is carried from tick to tick and never restored. */
export type AnchorState = { readonly ref: AnchorRef; readonly strength: number } | null;

/** A ref as it may be found in a row, whose kind and direction need not be known ones. */
export interface RefLike {
  readonly kind: string;
  readonly start_time: number;
  readonly end_time: number;
  readonly direction: number;
}

/** How far a leg goes, in price. */
export function strengthOf({ start_price, end_price }: Pick<Leg, "start_price" | "end_price">): number {
  return Math.abs(end_price - start_price);
}

export function isAnchorRef(ref: RefLike): boolean {
  return (ref.kind === "confirmed" || ref.kind === "candidate") && (ref.direction === 1 || ref.direction === -1);
}

/** Whether going from one anchor to another is a switch: an anchor is known by its start alone. Spec: factors §11.3. */
export function isSwitch(old: RefLike | null, next: RefLike): boolean {
  if (!isAnchorRef(next)) return false;
  return old === null || !isAnchorRef(old) || old.start_time !== next.start_time;
}

/** Whether a leg becomes the best of its tick: stronger than the tick began, and than the best so far. Spec: factors §11.2. */
export function isPicked(strength: number, baseline: number | null, best: number | null): boolean {
  return (baseline === null || strength > baseline) && (best === null || strength > best);
}

export interface AnchorTick {
  readonly t: number;
  /** Entries of zones formed in this tick, pen-formed first. */
  readonly formedEntries: readonly Leg[];
  /** Pens confirmed in this tick. */
  readonly newPens: readonly Leg[];
  readonly trailing: Leg | null;
}

/** One tick. Spec: factors §11.3; the strength is continuous (no restart from the last switch). */
export function anchorTick(
  before: AnchorState,
  { t, formedEntries, newPens, trailing }: AnchorTick,
): { readonly state: AnchorState; readonly switches: readonly SwitchPayload[] } {
  let state = before;
  const switches: SwitchPayload[] = [];
  const moveTo = (leg: Leg, kind: AnchorKind, reason: SwitchPayload["reason"]): void => {
    const ref = refOf(leg, kind);
    const old = state?.ref ?? null;
    if (isSwitch(old, ref)) {
      switches.push({ switch_time: t, reason, old_anchor: old, new_anchor: ref, visible_time: t });
    }
    state = { ref, strength: strengthOf(leg) };
  };
  for (const entry of formedEntries) moveTo(entry, "confirmed", "zhongshu_entry");
  const contenders = [
    ...newPens.map((leg) => ({ leg, kind: "confirmed" as const })),
    ...(trailing === null ? [] : [{ leg: trailing, kind: "candidate" as const }]),
  ];
  let best: (typeof contenders)[number] | null = null;
  for (const contender of contenders) {
    const bestStrength = best === null ? null : strengthOf(best.leg);
    if (isPicked(strengthOf(contender.leg), before?.strength ?? null, bestStrength)) best = contender;
  }
  if (best !== null) moveTo(best.leg, best.kind, "strong_pen");
  return { state, switches };
}

/**
 * The ref that the slice shows: the current anchor, unless the candidate of the pen head continues or beats it.
 * @param pens all pens confirmed up to this tick, in order. Spec: factors §13.
 */
export function anchorHead(current: AnchorRef | null, penHead: PenHead, pens: readonly PenPayload[]): AnchorRef | null {
  const { candidate } = penHead;
  if (candidate === undefined) return current;
  const takesOver =
    current === null ||
    candidate.start_time === current.start_time ||
    strengthOf(candidate) > strengthOfRef(current, penHead, pens);
  return takesOver ? refOf(candidate, "candidate") : current;
}

function strengthOfRef(ref: AnchorRef, { extending, candidate }: PenHead, pens: readonly PenPayload[]): number {
  const sameLine = (leg: Leg): boolean => leg.start_time === ref.start_time && leg.direction === ref.direction;
  for (const leg of [extending, candidate]) {
    if (leg !== undefined && sameLine(leg) && leg.end_time === ref.end_time) return strengthOf(leg);
  }
  let longest: PenPayload | null = null;
  for (const pen of pens.filter(sameLine)) {
    if (longest === null || pen.end_time >= longest.end_time) longest = pen;
  }
  return longest === null ? -1 : strengthOf(longest);
}

/** A switch row as stored: what healing reads of it. */
export interface SwitchRow {
  readonly switch_time: number;
  readonly new_anchor: RefLike;
}

/** The switches that stay, and their anchors, one to one: of one time the last, of one start the first. Spec: factors §11.5. */
export function heal<Row extends SwitchRow>(rows: readonly Row[]): { anchors: Row["new_anchor"][]; switches: Row[] } {
  const lastOfTime = new Map<number, Row>();
  for (const row of rows) if (isAnchorRef(row.new_anchor)) lastOfTime.set(row.switch_time, row);
  const starts = new Set<number>();
  const switches: Row[] = [];
  for (const row of lastOfTime.values()) {
    if (starts.has(row.new_anchor.start_time)) continue;
    starts.add(row.new_anchor.start_time);
    switches.push(row);
  }
  return { anchors: switches.map((row) => row.new_anchor), switches };
}

function refOf({ start_time, end_time, direction }: Leg, kind: AnchorKind): AnchorRef {
  return { kind, start_time, end_time, direction };
}
