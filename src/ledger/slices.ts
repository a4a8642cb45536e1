/** Factor slices as JSON text: the history of a window, and the heads at its end. Spec: factors §13; design C-3, C-7. */
import type { AnyFactor } from "../factors/definition.js";
import type { FactorEngine } from "../factors/engine.js";
import type { SeriesId } from "../market/series-id.js";
import type { StoreReader } from "../storage/store.js";
import { type JsonPart, joinParts, separated } from "./json-parts.js";
import type { LedgerPoint } from "./points.js";
import type { RowCache } from "./row-cache.js";
import type { EventRow } from "./rows.js";

/** Events of an answer at most; of more, the newest. */
export const MAX_SLICE_EVENTS = 20_000;

/** An event row that remembers its wire form once it was asked for. */
export interface WiredRow extends EventRow {
  wire?: Buffer;
}

export interface SliceQuery {
  readonly id: SeriesId;
  /** Time of the stored candle at the end of the window, in seconds. */
  readonly alignedTime: number;
  readonly windowCandles: number;
}

export interface SliceParts {
  readonly store: StoreReader;
  readonly engine: FactorEngine;
  readonly rows: RowCache<WiredRow>;
}

/** First time, in seconds, of a window that ends with a candle; both ends belong to it. */
export function windowStart({ timeframeSeconds }: SeriesId, endTime: number, windowCandles: number): number {
  return Math.max(0, endTime - windowCandles * timeframeSeconds);
}

/** The events of the window, oldest first. */
export function eventsInWindow({ store, rows }: SliceParts, query: SliceQuery): readonly WiredRow[] {
  const { id, alignedTime, windowCandles } = query;
  const start = windowStart(id, alignedTime, windowCandles);
  const fromS = store.ledgerBlockTime(id.text, "factor", start) ?? 0;
  const events: WiredRow[] = [];
  for (const { parsed } of rows.blocks(store, id.text, { fromS, toS: alignedTime })) {
    for (const row of parsed) if (row.time >= start && row.time <= alignedTime) events.push(row);
  }
  return events;
}

/** The answer when there is no candle at or before `atTime` (seconds). */
export function emptySlices(series: string, atTime: number): Buffer {
  return Buffer.from(
    `{"schema_version":1,"series_id":${JSON.stringify(series)},"at_time":${atTime},"candle_id":null,"factors":[],"snapshots":{}}`,
  );
}

/**
 * The slices as JSON text.
 * @param point the state that the heads are taken from; undefined when the ledger has none.
 */
export function slicesJson(
  parts: SliceParts,
  query: SliceQuery,
  point: LedgerPoint | undefined,
  events: readonly WiredRow[],
): Buffer {
  const { id, alignedTime } = query;
  const candleId = JSON.stringify(`${id.text}:${alignedTime}`);
  const series = JSON.stringify(id.text);
  const at = `"at_time":${alignedTime},"candle_id":${candleId}`;
  const byKind = groupByKind(events.slice(-MAX_SLICE_EVENTS));
  const present = parts.engine.factors.filter((factor) => point?.fold.isPresent(factor) === true);
  const names = JSON.stringify(present.map(({ name }) => name));
  const json: JsonPart[] = [`{"schema_version":1,"series_id":${series},${at},"factors":${names},"snapshots":{`];
  for (const [place, factor] of present.entries()) {
    const name = JSON.stringify(factor.name);
    json.push(`${place === 0 ? "" : ","}${name}:{"schema_version":1,"history":{`);
    json.push(...historyJson(parts.engine, factor, byKind), `},"head":${headText(factor, point)}`);
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

function groupByKind(events: readonly WiredRow[]): ReadonlyMap<string, readonly WiredRow[]> {
  const groups = new Map<string, WiredRow[]>();
  for (const event of events) {
    const group = groups.get(event.kind);
    if (group === undefined) groups.set(event.kind, [event]);
    else group.push(event);
  }
  return groups;
}

/** The members of a factor's `history`. */
function historyJson(
  engine: FactorEngine,
  factor: AnyFactor,
  byKind: ReadonlyMap<string, readonly WiredRow[]>,
): readonly JsonPart[] {
  const buckets = new Map<string, readonly WiredRow[]>();
  for (const { kind, bucket } of factor.events) {
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), ...(byKind.get(kind) ?? [])]);
  }
  const arrays =
    factor.history === undefined
      ? [...buckets].map(([name, rows]) => [name, rows.map((row) => wireOf(engine, row))] as const)
      : [...factor.history(new Map([...buckets].map(([name, rows]) => [name, rows.map(({ text }) => text)])))];
  return arrays.flatMap(([name, items], place): readonly JsonPart[] => [
    `${place === 0 ? "" : ","}${JSON.stringify(name)}:[`,
    ...separated(items),
    "]",
  ]);
}

function wireOf(engine: FactorEngine, row: WiredRow): Buffer {
  row.wire ??= Buffer.from(engine.kind(row.kind).wireText?.(row.text) ?? row.text);
  return row.wire;
}
