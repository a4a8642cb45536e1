/**
 * What a fault is: a kind, the fields that configure it, and what it does at the points where the simulator asks. To add
 * a fault, define it beside its relatives in this folder and list it in `catalogue.ts`; nothing else changes unless it
 * acts at a point that has no hook yet.
 */
import { type Static, type TObject, type TProperties, Type } from "typebox";
import type { Delivery } from "../stream/delivery.js";
import type { Kline } from "../truth/kline.js";

/** Which series a fault concerns; what is left out does not restrict it. */
const SERIES_FIELDS = {
  symbols: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  intervals: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
};

/** Where and when a fault acts. */
const SCOPE_FIELDS = {
  ...SERIES_FIELDS,
  /** Connection numbers, or those that are open when the fault is switched on. */
  connections: Type.Optional(Type.Union([Type.Array(Type.Integer()), Type.Literal("current")])),
  /** Exchange time in ms UTC: acts from `fromMs` (included) until `untilMs` (not). */
  fromMs: Type.Optional(Type.Number()),
  untilMs: Type.Optional(Type.Number()),
  /** Acts this many times, then no more. */
  times: Type.Optional(Type.Integer({ minimum: 1 })),
};

export type FaultScope = Static<TObject<typeof SCOPE_FIELDS>>;

/** What the simulator is about to do; a fault whose scope names something that is not given here does not act. */
export interface FaultTarget {
  readonly symbol?: string;
  readonly interval?: string;
  readonly connection?: number;
}

export type HandshakeEffect =
  | { readonly effect: "refuse"; readonly status: number; readonly retryAfterS?: number; readonly body?: string }
  | { readonly effect: "reset" }
  | { readonly effect: "hang" }
  | { readonly effect: "delay"; readonly delayMs: number };

export type RestEffect =
  /** The exchange's own words for the status, with the ban's end and Retry-After as given. */
  | {
      readonly effect: "refuse";
      readonly status: number;
      readonly retryAfterS?: number;
      readonly bannedUntilMs?: number;
    }
  | {
      readonly effect: "answer";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  /** The true answer, cut in the middle or called something else. */
  | { readonly effect: "truncate" }
  | { readonly effect: "mislabel"; readonly contentType: string }
  | { readonly effect: "hang" }
  | { readonly effect: "delay"; readonly delayMs: number };

export interface RestCall {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface Delisting {
  /** What exchangeInfo says: another status, or nothing at all. */
  readonly status: string | "gone";
  readonly klines: "old-candles" | "invalid-symbol";
}

/** The points at which a fault may act. A hook that returns undefined leaves things as they are. */
export interface FaultHooks {
  readonly handshake?: (target: string) => HandshakeEffect | undefined;
  /** What is sent instead of one delivery; empty: nothing. */
  readonly delivery?: (delivery: Delivery) => readonly Delivery[] | undefined;
  readonly ping?: () => "withhold" | undefined;
  /** The error that a control message is answered with, instead of being obeyed. */
  readonly control?: (method: string) => { readonly code: number; readonly message: string } | undefined;
  readonly rest?: (call: RestCall) => RestEffect | undefined;
  readonly lag?: () => { readonly lagMs: number; readonly shows: "nothing" | "unsettled" } | undefined;
  /** Weight that others behind the same address use in every minute. */
  readonly foreignWeight?: () => number | undefined;
  /** Whether the minute that opens then has no candle. */
  readonly hole?: (minuteOpenMs: number) => true | undefined;
  readonly listing?: (nowMs: number) => Delisting | undefined;
  /** The candle that the exchange holds of this closed one by now. */
  readonly revision?: (kline: Kline, nowMs: number) => Kline | undefined;
}

export type FaultOf<K extends string, P extends TProperties> = { readonly kind: K } & FaultScope & Static<TObject<P>>;

export interface FaultDefinition<K extends string, P extends TProperties> {
  readonly kind: K;
  /** One line for the control interface and the documentation. */
  readonly summary: string;
  readonly schema: TObject;
  readonly hooks: (fault: FaultOf<K, P>) => FaultHooks;
}

/** The fault that a definition defines. */
export type DefinedFault<D> = D extends FaultDefinition<infer K, infer P> ? FaultOf<K, P> : never;

export function defineFault<K extends string, P extends TProperties>(
  kind: K,
  summary: string,
  fields: P,
  hooks: (fault: FaultOf<K, P>) => FaultHooks,
): FaultDefinition<K, P> {
  return { kind, summary, schema: schemaOf(kind, { ...SCOPE_FIELDS, ...fields }), hooks };
}

/**
 * A fault that changes what is true. Truth is a function of symbol and time alone: such a fault is scoped by series only,
 * its times are fields of its own, and it holds for as long as it is switched on.
 */
export function defineTruthFault<K extends string, P extends TProperties>(
  kind: K,
  summary: string,
  fields: P,
  hooks: (fault: FaultOf<K, P>) => Pick<FaultHooks, "hole" | "listing" | "revision">,
): FaultDefinition<K, P> {
  return { kind, summary, schema: schemaOf(kind, { ...SERIES_FIELDS, ...fields }), hooks };
}

function schemaOf(kind: string, fields: TProperties): TObject {
  return Type.Object({ kind: Type.Literal(kind), ...fields }, { additionalProperties: false });
}

/** Whether a fault's scope covers a target; `open` are the connections that `"current"` stood for. */
export function covers(
  scope: FaultScope,
  open: ReadonlySet<number> | undefined,
  target: FaultTarget,
  nowMs: number,
): boolean {
  if (scope.fromMs !== undefined && nowMs < scope.fromMs) return false;
  if (scope.untilMs !== undefined && nowMs >= scope.untilMs) return false;
  if (scope.symbols !== undefined && !includes(scope.symbols, target.symbol)) return false;
  if (scope.intervals !== undefined && !includes(scope.intervals, target.interval)) return false;
  return open === undefined || (target.connection !== undefined && open.has(target.connection));
}

function includes(list: readonly string[], value: string | undefined): boolean {
  return value !== undefined && list.includes(value);
}
