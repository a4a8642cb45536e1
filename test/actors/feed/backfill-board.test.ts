import { expect, test } from "vitest";
import { BackfillBoard, MAX_ACTIVE_BACKFILLS, TooManyBackfillsError } from "../../../src/actors/feed/backfill-board.js";
import type { BackfillRequest } from "../../../src/actors/feed/backfill-request.js";
import { ProgressBoard } from "../../../src/actors/feed/progress-board.js";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleSeries } from "../../support/candles.js";
import { minute, OTHER, openable, SERIES, startSeries, T0 } from "../series/world.js";

const { backfill } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const SPOT = "binance:spot:BTC/USDT:1m";
const request = (series: string, from = 0, to = 99): BackfillRequest => ({
  series: parseSeriesId(series),
  range: { fromS: minute(from), toS: minute(to) },
});

async function startBoard() {
  const world = await startSeries({ startMs: (T0 + 20_000 * 60) * 1000 });
  const { store, exchange, clock, log, ingest } = world;
  const progress = new ProgressBoard({ clock, log });
  const board = new BackfillBoard({
    store,
    clock,
    random: () => 0.5,
    progress,
    exchangeFor: () => exchange,
    fill:
      ({ series }) =>
      async (candles) => {
        await ingest(candles, backfill, series.text);
      },
  });
  for (const series of [SERIES, OTHER, SPOT]) exchange.knows(series, candleSeries(minute(0), 100));
  const state = (id: number) =>
    board
      .list()
      .find((entry) => entry.id === id)
      ?.report().state.type;
  return { ...world, board, progress, state };
}

test("RS-H5 one backfill per market runs at a time, the others wait for their turn", async () => {
  const { board, exchange, advance, state } = await startBoard();
  const gate = openable();
  exchange.rest = () => gate.promise;
  const ids = [SERIES, OTHER, SPOT].map((series) => board.ask(request(series), false).entry.id);
  await advance(0);
  expect(ids.map(state)).toEqual(["running", "queued", "running"]);
  gate.open();
  await advance(0);
  await advance(0);
  expect(ids.map(state)).toEqual(["done", "done", "done"]);
  await board.stop();
});

test("asking again joins what goes on: the same range, or any from the same time when no end was asked for", async () => {
  const { board, exchange, advance } = await startBoard();
  const gate = openable();
  exchange.rest = () => gate.promise;
  const first = board.ask(request(SERIES), false);
  expect(board.ask(request(SERIES), false)).toEqual({ entry: first.entry, joined: true });
  expect(board.ask(request(SERIES, 0, 98), true)).toEqual({ entry: first.entry, joined: true });
  expect(board.ask(request(SERIES, 0, 98), false).joined).toBe(false);
  expect(board.ask(request(SERIES, 1), true).joined).toBe(false);
  gate.open();
  await advance(0);
  await board.stop();
  expect(board.list(SERIES)).toHaveLength(3);
  expect(board.list(OTHER)).toEqual([]);
});

test("progress is that of the range, and says how it ended", async () => {
  const { board, progress, advance, exchange } = await startBoard();
  board.ask(request(SERIES), false);
  await advance(0);
  expect(progress.of(SERIES)).toMatchObject({
    state: "succeeded",
    reason: "backfill",
    note: "backfill_done",
    start: { candles: 100, seconds: 6_000 },
    current: { candles: 0, seconds: 0 },
  });
  exchange.rest = () => new Promise(() => undefined);
  const { entry } = board.ask(request(OTHER), false);
  await advance(0);
  expect(progress.of(OTHER)).toMatchObject({ state: "running" });
  expect([board.end(entry.id), board.end(99)]).toEqual([true, false]);
});

test("no more than a number wait, and none is begun after a stop", async () => {
  const { board, exchange, advance } = await startBoard();
  const gate = openable();
  exchange.rest = () => gate.promise;
  for (let index = 0; index < MAX_ACTIVE_BACKFILLS; index += 1) board.ask(request(SERIES, index, 10_000), false);
  expect(() => board.ask(request(OTHER), false)).toThrow(TooManyBackfillsError);
  const stopping = board.stop();
  gate.open();
  await advance(0);
  await stopping;
  expect(board.list().every((entry) => entry.report().state.type === "stopped")).toBe(true);
  expect(() => board.ask(request(OTHER), false)).toThrow(TooManyBackfillsError);
});
