/** Events of the ledger and their keys. Spec: factors §6. */
import { fixed8 } from "./fixed-decimal.js";
import { srEventKey } from "./sr.js";
import type * as Wire from "./types.js";

export function majorEvent(payload: Wire.PivotPayload): Wire.MajorEvent {
  const key = `major:${payload.pivot_time}:${payload.direction}:${payload.window}`;
  return { time: payload.visible_time, factor: "pivot", kind: "pivot.major", key, payload };
}

export function minorEvent(payload: Wire.PivotPayload): Wire.MinorEvent {
  const key = `minor:${payload.pivot_time}:${payload.direction}:${payload.window}`;
  return { time: payload.visible_time, factor: "pivot", kind: "pivot.minor", key, payload };
}

export function penEvent(payload: Wire.PenPayload): Wire.PenEvent {
  const key = `confirmed:${payload.start_time}:${payload.end_time}:${payload.direction}`;
  return { time: payload.visible_time, factor: "pen", kind: "pen.confirmed", key, payload };
}

export function deadEvent(payload: Wire.DeadZone): Wire.DeadEvent {
  const { start_time, formed_time, death_time, zg, zd, formed_reason } = payload;
  const key = `dead:${start_time}:${formed_time}:${death_time}:${fixed8(zg)}:${fixed8(zd)}:${formed_reason}`;
  return { time: payload.visible_time, factor: "zhongshu", kind: "zhongshu.dead", key, payload };
}

export function switchEvent(payload: Wire.SwitchPayload): Wire.SwitchEvent {
  const { kind, start_time, end_time, direction } = payload.new_anchor;
  const what = payload.reason === "strong_pen" ? `${kind}:` : "";
  const key = `${payload.reason}:${payload.switch_time}:${what}${start_time}:${end_time}:${direction}`;
  return { time: payload.visible_time, factor: "anchor", kind: "anchor.switch", key, payload };
}

export function srEvent(visibleTime: number, snapshot: Wire.SrSnapshot): Wire.SrEvent {
  const payload: Wire.SrPayload = { visible_time: visibleTime, ...snapshot };
  return { time: visibleTime, factor: "sr", kind: "sr.snapshot", key: srEventKey(visibleTime, snapshot), payload };
}
