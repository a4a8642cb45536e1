/** Factor slices as JSON text: the history of a window, and the heads at its end. Spec: factors §13; design C-3, C-7. */
import type { AnyFactor } from "../factors/definition.js";
import type { FactorEngine } from "../factors/engine.js";
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
  const candleId = JSON.stringify(`${id.text}:${alignedTime}`);
  const series = JSON.stringify(id.text);
  const at = `"at_time":${alignedTime},"candle_id":${candleId}`;
  const shown = newest(events);
  const present = parts.engine.factors.filter((factor) => point?.fold.isPresent(factor) === true);
  const names = JSON.stringify(present.map(({ name }) => name));
  const json: JsonPart[] = [`{"schema_version":1,"series_id":${series},${at},"factors":${names},"snapshots":{`];
  for (const [place, factor] of present.entries()) {
    const name = JSON.stringify(factor.name);
    json.push(`${place === 0 ? "" : ","}${name}:{"schema_version":1,"history":{`);
    json.push(...historyJson(factor, shown), `},"head":${headText(factor, point)}`);
    json.push(`,"meta":{"series_id":${series},"epoch":0,${at},"factor_name":${name}}}`);
  }
  json.push("}}");
  return joinParts(json);
}

function headText(factor: AnyFactor, point: LedgerPoint | undefined): string {
  if (point === undefined) return "{}";
  const facts = point.frame.factsOf(factor) as never;
  return factor.headText?.(facts) ?? JSON.stringify(factor.head(facts, point.frame));
}

/** The members of a factor's `history`. */
function historyJson(factor: AnyFactor, spans: readonly EventSpan[]): readonly JsonPart[] {
  const arrays = factor.history === undefined ? wires(factor, spans) : factor.history(texts(factor, spans));
  return [...arrays].flatMap(([name, items], place): readonly JsonPart[] => [
    `${place === 0 ? "" : ","}${JSON.stringify(name)}:[`,
    ...separated(items),
    "]",
  ]);
}

/** Per list of a history what its events are sent as: kinds that share a list follow each other in it. */
function wires(factor: AnyFactor, spans: readonly EventSpan[]): ReadonlyMap<string, readonly Buffer[]> {
  return byBucket(factor, (kind) => spans.map((span) => wireOf(span, kind)).filter((wire) => wire !== undefined));
}

/** The same as JSON text of the payloads, one by one. */
function texts(factor: AnyFactor, spans: readonly EventSpan[]): ReadonlyMap<string, readonly string[]> {
  return byBucket(factor, (kind) => spans.flatMap((span) => textsOf(span, kind)));
}

function byBucket<Item>({ events }: AnyFactor, of: (kind: string) => readonly Item[]): ReadonlyMap<string, Item[]> {
  const buckets = new Map<string, Item[]>();
  for (const { kind, bucket } of events) buckets.set(bucket, [...(buckets.get(bucket) ?? []), ...of(kind)]);
  return buckets;
}
