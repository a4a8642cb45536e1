import { expect, test } from "vitest";
import type { AnyFactor } from "../../src/factors/definition.js";
import type { FactorEngine } from "../../src/factors/engine.js";
import { type EventSpan, eventBlockParser } from "../../src/ledger/event-block.js";
import { type JsonText, jsonString } from "../../src/ledger/json-parts.js";
import type { LedgerPoint } from "../../src/ledger/points.js";
import { RowCache } from "../../src/ledger/row-cache.js";
import type { EventRow } from "../../src/ledger/rows.js";
import { emptySlices, eventsInWindow, MAX_SLICE_EVENTS, slicesJson, windowStart } from "../../src/ledger/slices.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import type { StoreReader } from "../../src/storage/store.js";

const ID = parseSeriesId("binance:spot:BTC/USDT:5m");

/** A factor with two kinds of events that share a list, and one of its own. */
const FACTOR = {
  name: "tape",
  events: [
    { kind: "tape.a", bucket: "all" },
    { kind: "tape.c", bucket: "only" },
    { kind: "tape.b", bucket: "all" },
  ],
  head: (facts: unknown) => ({ facts }),
} as unknown as AnyFactor;

const POINT = { fold: { isPresent: () => true }, frame: { factsOf: () => 7 } } as unknown as LedgerPoint;

const linesOf = (rows: readonly EventRow[]): string =>
  rows.map(({ time, kind, text }) => [time, kind, text].join("\t")).join("\n");

const parse = eventBlockParser({ factors: [FACTOR] });

/** All events of a block. */
function wholeBlock(events: readonly EventRow[]): EventSpan {
  return { block: parse(linesOf(events)), from: 0, to: events.length };
}

/** A ledger with these events, in blocks. */
function partsOf(blocks: readonly (readonly EventRow[])[], factors: readonly AnyFactor[] = [FACTOR]) {
  const stored = blocks.map((rows, revision) => ({
    time: rows[0]?.time ?? 0,
    startCount: 0,
    startVersion: 0,
    revision,
    rows: linesOf(rows),
  }));
  const store = {
    ledgerBlockTime: (_series: string, _ledger: string, timeS: number) =>
      stored.findLast(({ time }) => time <= timeS)?.time,
    ledgerRows: (_series: string, _ledger: string, { fromS, toS }: { fromS: number; toS: number }) =>
      stored.filter(({ time }) => time >= fromS && time <= toS),
  } as unknown as StoreReader;
  const engine = { factors } as FactorEngine;
  return { store, engine, rows: new RowCache("factor", eventBlockParser(engine)) };
}

const event = (time: number, kind = "tape.a"): EventRow => ({ time, kind, text: `{"visible_time":${time}}` });

function historyOf(json: JsonText): Record<string, { visible_time: number }[]> {
  return JSON.parse(jsonString(json)).snapshots.tape.history;
}

test("a window begins so many timeframes before its end, and never before the epoch", () => {
  expect(windowStart(ID, 6_000, 10)).toBe(3_000);
  expect(windowStart(ID, 6_000, 5_000)).toBe(0);
});

test("the events of a window are those that became known in it, both ends included", () => {
  const parts = partsOf([[event(0), event(300)], [event(600), event(900)], [event(1_200)]]);
  const times = (alignedTime: number, windowCandles: number) =>
    eventsInWindow(parts, { id: ID, alignedTime, windowCandles }).flatMap(({ block, from, to }) =>
      block.times.slice(from, to),
    );
  expect(times(900, 1)).toEqual([600, 900]);
  expect(times(900, 2)).toEqual([300, 600, 900]);
  expect(times(899, 2)).toEqual([300, 600]);
  expect(times(1_200, 5_000)).toEqual([0, 300, 600, 900, 1_200]);
  expect(times(200, 5_000)).toEqual([0]);
});

test("lists are in the order in which the factor names them, and kinds that share one follow each other in it", () => {
  const events = [event(0, "tape.b"), event(300), event(600, "tape.c"), event(900)];
  const json = slicesJson(partsOf([]), { id: ID, alignedTime: 900, windowCandles: 9 }, POINT, [wholeBlock(events)]);
  const id = "binance:spot:BTC/USDT:5m";
  const at = `"at_time":900,"candle_id":"${id}:900"`;
  expect(jsonString(json)).toBe(
    `{"schema_version":1,"series_id":"${id}",${at},"factors":["tape"],"snapshots":{"tape":{"schema_version":1,"history":{` +
      `"all":[{"visible_time":300},{"visible_time":900},{"visible_time":0}],"only":[{"visible_time":600}]},` +
      `"head":{"facts":7},"meta":{"series_id":"${id}","epoch":0,${at},"factor_name":"tape"}}}}`,
  );
});

test("an answer holds so many events at most, and of more the newest", () => {
  const events = Array.from({ length: MAX_SLICE_EVENTS + 3 }, (_, at) => event(at));
  const query = { id: ID, alignedTime: 30_000, windowCandles: 5_000 };
  const spans = [wholeBlock(events.slice(0, 2)), wholeBlock(events.slice(2, 9)), wholeBlock(events.slice(9))];
  const { all } = historyOf(slicesJson(partsOf([]), query, POINT, spans));
  expect(all).toHaveLength(MAX_SLICE_EVENTS);
  expect([all?.[0]?.visible_time, all?.at(-1)?.visible_time]).toEqual([3, MAX_SLICE_EVENTS + 2]);
});

test("without a point no factor is there; without a candle nothing is", () => {
  const query = { id: ID, alignedTime: 900, windowCandles: 9 };
  expect(JSON.parse(jsonString(slicesJson(partsOf([]), query, undefined, [])))).toMatchObject({
    at_time: 900,
    candle_id: `${ID.text}:900`,
    factors: [],
    snapshots: {},
  });
  expect(JSON.parse(jsonString(emptySlices(ID.text, 77)))).toEqual({
    schema_version: 1,
    series_id: ID.text,
    at_time: 77,
    candle_id: null,
    factors: [],
    snapshots: {},
  });
});
