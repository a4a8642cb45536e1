/** Factor slices as JSON text: the history of a window, and the heads at its end. Spec: factors §13; design C-3, C-7. */
import type { AnyFactor } from "../factors/definition.js";
import type { FactorEngine, FactorFrame } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { StoreReader } from "../storage/store.js";
import { type EventBlock, type EventSpan, spanBetween, textsOf, wireOf } from "./event-block.js";
import { type JsonPart, type JsonText, joinParts, separated } from "./json-parts.js";
import type { LedgerPoint } from "./points.js";
import type { RowCache } from "./row-cache.js";

/** Events of an answer at most; of more, the newest. */
export const MAX_SLICE_EVENTS = 20_000;

export interface SliceQuery {
  readonly id: SeriesId;
  /** Time of the stored candle at the end of the window, in seconds. */
  readonly alignedTime: number;
  readonly windowCandles: number;
}

export interface SliceParts {
  readonly store: StoreReader;
  readonly engine: FactorEngine;
  readonly rows: RowCache<EventBlock>;
}

/** First time, in seconds, of a window that ends with a candle; both ends belong to it. */
export function windowStart({ timeframeSeconds }: SeriesId, endTime: number, windowCandles: number): number {
  return Math.max(0, endTime - windowCandles * timeframeSeconds);
}

/** The events of the window, oldest first: of each block that it touches, a part. */
export function eventsInWindow({ store, rows }: SliceParts, query: SliceQuery): readonly EventSpan[] {
  const { id, alignedTime, windowCandles } = query;
  const start = windowStart(id, alignedTime, windowCandles);
  const fromS = store.ledgerBlockTime(id.text, "factor", start) ?? 0;
  const spans: EventSpan[] = [];
  for (const { parsed } of rows.blocks(store, id.text, { fromS, toS: alignedTime })) {
    spans.push(spanBetween(parsed, start, alignedTime));
  }
  return spans;
}

/** The newest {@link MAX_SLICE_EVENTS} events. */
function newest(spans: readonly EventSpan[]): readonly EventSpan[] {
  let surplus = spans.reduce((count, { from, to }) => count + to - from, 0) - MAX_SLICE_EVENTS;
  if (surplus <= 0) return spans;
  return spans.map((span) => {
    const dropped = Math.min(Math.max(0, surplus), span.to - span.from);
    surplus -= dropped;
    return { ...span, from: span.from + dropped };
  });
}

/** The answer when there is no candle at or before `atTime` (seconds). */
export function emptySlices(series: string, atTime: number): JsonText {
  return joinParts([
    `{"schema_version":1,"series_id":${JSON.stringify(series)},"at_time":${atTime},"candle_id":null,"factors":[],"snapshots":{}}`,
  ]);
}

/**
 * The slices as JSON text.
 * @param point the state that the heads are taken from; undefined when the ledger has none.
 */
export function slicesJson(
  parts: SliceParts,
  query: SliceQuery,
  point: LedgerPoint | undefined,
  events: readonly EventSpan[],
): JsonText {
  const { id, alignedTime } = query;
  const place = { series: id.text, timeS: alignedTime };
  const shown = newest(events);
  const present = parts.engine.factors.filter((factor) => point?.fold.isPresent(factor) === true);
  const names = JSON.stringify(present.map(({ name }) => name));
  const json: JsonPart[] = [
    `{"schema_version":1,"series_id":${JSON.stringify(id.text)},${placeJson(place)},"factors":${names},"snapshots":{`,
  ];
  for (const [nth, factor] of present.entries()) {
    const head = point === undefined ? "{}" : headText(factor, point.frame);
    json.push(`${nth === 0 ? "" : ","}${JSON.stringify(factor.name)}:`);
    json.push(...factorSlice(factor.name, place, historyJson(factor, shown), head));
  }
  json.push("}}");
  return joinParts(json);
}

/** Where a slice stands. */
export interface SlicePlace {
  readonly series: string;
  /** Open time of its candle in seconds. */
  readonly timeS: number;
}

/**
 * The slice of one factor as parts of a JSON text.
 * @param history the members of its `history`. @param head JSON text.
 */
export function factorSlice<Part>(
  factor: string,
  place: SlicePlace,
  history: readonly Part[],
  head: string,
): readonly (Part | string)[] {
  const series = JSON.stringify(place.series);
  const meta = `"series_id":${series},"epoch":0,${placeJson(place)},"factor_name":${JSON.stringify(factor)}`;
  return [`{"schema_version":1,"history":{`, ...history, `},"head":${head},"meta":{${meta}}}`];
}

function placeJson({ series, timeS }: SlicePlace): string {
  return `"at_time":${timeS},"candle_id":${JSON.stringify(`${series}:${timeS}`)}`;
}

/** A factor's head at a candle as JSON text. */
export function headText(factor: AnyFactor, frame: FactorFrame): string {
  const facts = frame.factsOf(factor) as never;
  return factor.headText?.(facts) ?? JSON.stringify(factor.head(facts, frame));
}

/** The members of a factor's `history`. */
function historyJson(factor: AnyFactor, spans: readonly EventSpan[]): readonly JsonPart[] {
  return historyMembers<JsonPart>(
    factor.history === undefined ? wires(factor, spans) : factor.history(texts(factor, spans)),
  );
}

/** The members of a `history` of the lists that it consists of. */
export function historyMembers<Part>(lists: ReadonlyMap<string, readonly Part[]>): readonly (Part | string)[] {
  return [...lists].flatMap(([name, items], place) => [
    `${place === 0 ? "" : ","}${JSON.stringify(name)}:[`,
    ...separated(items),
    "]",
  ]);
}

/** Per list of a history what its events are sent as: kinds that share a list follow each other in it. */
function wires(factor: AnyFactor, spans: readonly EventSpan[]): ReadonlyMap<string, readonly Buffer[]> {
  const wire = (kind: string) => spans.map((span) => wireOf(span, kind)).filter((one) => one !== undefined);
  return byBucket(factor.events.map(({ kind, bucket }) => [bucket, wire(kind)]));
}

/** The same as JSON text of the payloads, one by one. */
function texts(factor: AnyFactor, spans: readonly EventSpan[]): ReadonlyMap<string, readonly string[]> {
  return byBucket(factor.events.map(({ kind, bucket }) => [bucket, spans.flatMap((span) => textsOf(span, kind))]));
}

/** The lists of a history from what each kind of its events has, in their order. */
export function byBucket<Item>(
  kinds: Iterable<readonly [bucket: string, items: readonly Item[]]>,
): ReadonlyMap<string, readonly Item[]> {
  const buckets = new Map<string, readonly Item[]>();
  for (const [bucket, items] of kinds) buckets.set(bucket, [...(buckets.get(bucket) ?? []), ...items]);
  return buckets;
}
