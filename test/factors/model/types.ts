/** The words of the reference model: payloads as they are on the wire. Times are Unix seconds, UTC. Spec: factors §8–§12. */
import type { Candle } from "../../../src/market/candle.js";

/** The windows M and m in candles, and the timeframe. */
export interface ModelSettings {
  readonly timeframeSeconds: number;
  readonly major: number;
  readonly minor: number;
}

/** What legs and zones look at in a candle. */
export type Bar = Pick<Candle, "time" | "high" | "low">;

export type PivotDirection = "resistance" | "support";

export interface PivotPoint {
  readonly pivot_time: number;
  readonly pivot_price: number;
  readonly direction: PivotDirection;
  readonly visible_time: number;
}

export interface IndexedPivot extends PivotPoint {
  readonly pivot_idx: number;
}

export interface PivotPayload extends PivotPoint {
  readonly window: number;
  readonly pivot_idx: number;
}

export type LegDirection = 1 | -1;

export interface Leg {
  readonly start_time: number;
  readonly end_time: number;
  readonly start_price: number;
  readonly end_price: number;
  readonly direction: LegDirection;
}

/** A leg that is confirmed from `visible_time` on. */
export interface ConfirmedLeg extends Leg {
  readonly visible_time: number;
}

export interface PenPayload extends ConfirmedLeg {
  readonly start_idx: number;
  readonly end_idx: number;
}

export interface PenHead {
  readonly extending?: Leg;
  readonly candidate?: Leg;
}

export type FormedReason = "pen_confirmed" | "price_cross";

export interface AliveZone {
  readonly start_time: number;
  readonly end_time: number;
  readonly zg: number;
  readonly zd: number;
  readonly entry_direction: LegDirection;
  readonly formed_time: number;
  readonly formed_reason: FormedReason;
  readonly death_time: null;
  readonly visible_time: number;
}

export interface DeadZone {
  readonly start_time: number;
  readonly end_time: number;
  readonly zg: number;
  readonly zd: number;
  readonly entry_direction: LegDirection;
  readonly formed_time: number;
  readonly death_time: number;
  readonly visible_time: number;
  readonly formed_reason: FormedReason;
}

export type AnchorKind = "confirmed" | "candidate";

export interface AnchorRef {
  readonly kind: AnchorKind;
  readonly start_time: number;
  readonly end_time: number;
  readonly direction: LegDirection;
}

export interface SwitchPayload {
  readonly switch_time: number;
  readonly reason: "zhongshu_entry" | "strong_pen";
  readonly old_anchor: AnchorRef | null;
  readonly new_anchor: AnchorRef;
  readonly visible_time: number;
}

export interface SrLevel {
  readonly price: number;
  readonly type: PivotDirection | "flip";
  readonly level_type: PivotDirection;
  readonly status: "active" | "flip" | "broken";
  readonly first_idx: number;
  readonly second_idx: number;
  readonly last_idx: number;
  readonly first_time: number;
  readonly second_time: number;
  readonly last_time: number;
  readonly count: number;
  readonly flip_dir: "up" | "down" | null;
  readonly touch_indices: readonly number[];
  readonly touch_times: readonly number[];
  readonly level_score: number;
  readonly band_low: number;
  readonly band_high: number;
  readonly band_width_atr: number;
  readonly death_idx: number | null;
  readonly death_time: number | null;
  readonly death_price: number | null;
}

export interface SrPivot {
  readonly idx: number;
  readonly time: number;
  readonly price: number;
  readonly type: SrLevel["type"];
  readonly source_window: "major";
}

export interface SrSnapshot {
  readonly algorithm: "" | "pivot_wick_overlap";
  readonly levels: readonly SrLevel[];
  readonly pivots: readonly SrPivot[];
}

export interface SrPayload extends SrSnapshot {
  readonly visible_time: number;
}

interface EventOf<Factor extends string, Kind extends string, Payload> {
  /** The tick at which the fact became known; equals `payload.visible_time`. */
  readonly time: number;
  readonly factor: Factor;
  readonly kind: Kind;
  /** The event key. Spec: factors §6. */
  readonly key: string;
  readonly payload: Payload;
}

export type MajorEvent = EventOf<"pivot", "pivot.major", PivotPayload>;
export type MinorEvent = EventOf<"pivot", "pivot.minor", PivotPayload>;
export type PenEvent = EventOf<"pen", "pen.confirmed", PenPayload>;
export type DeadEvent = EventOf<"zhongshu", "zhongshu.dead", DeadZone>;
export type SwitchEvent = EventOf<"anchor", "anchor.switch", SwitchPayload>;
export type SrEvent = EventOf<"sr", "sr.snapshot", SrPayload>;

export type ModelEvent = MajorEvent | MinorEvent | PenEvent | DeadEvent | SwitchEvent | SrEvent;
export type FactorName = ModelEvent["factor"];
