/** The anchors that a slice shows of its switches: one per moment, none twice. Spec: factors §11.5. */
import type { AnchorRef } from "./anchor.js";

/** What healing reads of a switch; a row may lack anything. */
interface SwitchRow {
  readonly switch_time: number;
  readonly visible_time: number;
  readonly new_anchor: AnchorRef;
}

/**
 * Of switches at one time the last counts, at the place of the first; of those that lead to an anchor that was led to
 * before, none.
 * @param rows JSON text of the switches of a window, ascending.
 */
export function healSwitches(rows: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byTime = new Map<number, { text: string; anchor: AnchorRef }>();
  for (const text of rows) {
    const { switch_time, visible_time, new_anchor } = JSON.parse(text) as SwitchRow;
    const time = switch_time > 0 ? switch_time : visible_time;
    if (isValid(new_anchor)) byTime.set(time, { text, anchor: new_anchor });
  }
  const anchors: string[] = [];
  const switches: string[] = [];
  const starts = new Set<number>();
  for (const { text, anchor } of byTime.values()) {
    if (starts.has(anchor.start_time)) continue;
    starts.add(anchor.start_time);
    anchors.push(JSON.stringify(anchor));
    switches.push(text);
  }
  return new Map([
    ["anchors", anchors],
    ["switches", switches],
  ]);
}

function isValid({ kind }: AnchorRef): boolean {
  return kind === "confirmed" || kind === "candidate";
}
