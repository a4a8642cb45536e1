/** Whether a drawing shows the anchor and the zones that the factor slices name. Spec: overlays §8. */
import { anchorFactor } from "../factors/anchor.js";
import { type DeadZone, zhongshuFactor } from "../factors/zhongshu.js";
import type { Polyline } from "../overlays/instruction.js";
import { deadZoneId } from "../overlays/zhongshu.js";
import type { DrawnWindow } from "./draw.js";
import { type EventSpan, textsOf } from "./event-block.js";
import type { LedgerPoint } from "./points.js";

/** @param events of the window that the slices show. */
export function isConsistent(point: LedgerPoint, events: readonly EventSpan[], drawn: DrawnWindow): boolean {
  return showsAnchor(point, drawn) && showsZones(point, events, drawn);
}

function showsAnchor({ fold, frame }: LedgerPoint, { patch }: DrawnWindow): boolean {
  const { shown } = frame.factsOf(anchorFactor);
  if (shown === null || !fold.isPresent(anchorFactor)) return true;
  const row = patch.find(({ id }) => id === "anchor.current");
  if (row === undefined) return false;
  const { definition } = JSON.parse(row.text) as { definition: Polyline };
  return definition.points[0]?.time === shown.start_time;
}

function showsZones({ frame }: LedgerPoint, events: readonly EventSpan[], { patch }: DrawnWindow): boolean {
  const expected = new Set<string>();
  const expect = (id: string): void => void expected.add(`${id}:top`).add(`${id}:bottom`);
  for (const text of events.flatMap((span) => textsOf(span, "zhongshu.dead"))) {
    const { start_time, end_time, zg, zd } = JSON.parse(text) as DeadZone;
    expect(deadZoneId(start_time, end_time, zg, zd));
  }
  if (frame.factsOf(zhongshuFactor).alive !== null) expect("zhongshu.alive");
  const shown = patch.filter(({ id }) => id.startsWith("zhongshu."));
  return shown.length === expected.size && shown.every(({ id }) => expected.has(id));
}
