/**
 * The events of a block as they are sent: one text per kind, of which a window takes all or a part. Nothing of it is made
 * anew for an answer.
 */
import type { FactorEngine } from "../factors/engine.js";
import type { Parsed } from "./row-cache.js";
import { linesOf, parseEventLine } from "./rows.js";

/** Memory that an event takes besides its text and its wire text, in bytes, roughly. */
const BYTES_PER_EVENT = 64;

export interface EventBlock extends Parsed {
  /** When each event became known, ascending, in seconds. */
  readonly times: readonly number[];
  readonly kinds: ReadonlyMap<string, EventsOfKind>;
}

interface EventsOfKind {
  /** Positions of these events in the block, ascending. */
  readonly positions: readonly number[];
  /** JSON text of the stored payloads. */
  readonly texts: readonly string[];
  /** The payloads as they are sent, separated by commas. */
  readonly wire: Buffer;
  /** Where in `wire` each payload begins, and behind the last one's comma. */
  readonly starts: readonly number[];
}

/** Part of a block: the events at the positions [from, to). */
export interface EventSpan {
  readonly block: EventBlock;
  readonly from: number;
  readonly to: number;
}

/** Parses the rows of a block. Events of kinds that no factor declares are counted, and not shown. */
export function eventBlockParser(engine: Pick<FactorEngine, "factors">): (rows: string) => EventBlock {
  const declared = new Map(engine.factors.flatMap(({ events }) => events.map((kind) => [kind.kind, kind] as const)));
  return (rows) => {
    const times: number[] = [];
    const found = new Map<string, { positions: number[]; texts: string[] }>();
    for (const { time, kind, text } of linesOf(rows).map(parseEventLine)) {
      if (!found.has(kind)) found.set(kind, { positions: [], texts: [] });
      found.get(kind)?.positions.push(times.length);
      found.get(kind)?.texts.push(text);
      times.push(time);
    }
    const kinds = new Map<string, EventsOfKind>();
    let bytes = times.length * BYTES_PER_EVENT;
    for (const [name, { positions, texts }] of found) {
      const kind = declared.get(name);
      if (kind === undefined) continue;
      const wires = texts.map((text) => Buffer.from(kind.wireText?.(text) ?? text));
      const events = { positions, texts, ...separatedWires(wires) };
      bytes += events.wire.length;
      kinds.set(name, events);
    }
    return { times, kinds, bytes };
  };
}

function separatedWires(wires: readonly Buffer[]): Pick<EventsOfKind, "wire" | "starts"> {
  const starts = [0];
  for (const { length } of wires) starts.push((starts.at(-1) as number) + length + 1);
  const comma = Buffer.from(",");
  return { wire: Buffer.concat(wires.flatMap((wire, at) => (at === 0 ? [wire] : [comma, wire]))), starts };
}

/** The events with `fromS` ≤ time ≤ `toS`, in seconds. */
export function spanBetween(block: EventBlock, fromS: number, toS: number): EventSpan {
  return { block, from: firstNotBelow(block.times, fromS), to: firstNotBelow(block.times, toS + 1) };
}

/** The events of a kind as they are sent, separated by commas; undefined when there are none. */
export function wireOf({ block, from, to }: EventSpan, kind: string): Buffer | undefined {
  const events = block.kinds.get(kind);
  if (events === undefined) return undefined;
  const first = firstNotBelow(events.positions, from);
  const end = firstNotBelow(events.positions, to);
  if (first >= end) return undefined;
  return events.wire.subarray(events.starts[first], (events.starts[end] as number) - 1);
}

/** JSON text of the stored payloads of a kind's events. */
export function textsOf({ block, from, to }: EventSpan, kind: string): readonly string[] {
  const events = block.kinds.get(kind);
  if (events === undefined) return [];
  return events.texts.slice(firstNotBelow(events.positions, from), firstNotBelow(events.positions, to));
}

/** Index of the first value that is not below `limit`, of ascending ones. */
export function firstNotBelow<Value extends number | string>(values: readonly Value[], limit: Value): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as Value) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
