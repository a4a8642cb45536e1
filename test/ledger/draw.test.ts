import { expect, test } from "vitest";
import { type DrawnWindow, drawnWindow, MAX_PATCH_ITEMS, parseInstructionBlock } from "../../src/ledger/draw.js";
import type { LedgerPoint } from "../../src/ledger/points.js";
import { RowCache } from "../../src/ledger/row-cache.js";
import { instructionLine } from "../../src/ledger/rows.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import type { Instruction } from "../../src/overlays/instruction.js";
import type { StoredRows } from "../../src/storage/ledger-records.js";
import type { StoreReader } from "../../src/storage/store.js";

const ID = parseSeriesId("binance:spot:BTC/USDT:1m");

function marker(version_id: number, time: number): Instruction {
  const definition = {
    type: "marker",
    feature: "pivot.minor",
    time,
    position: "aboveBar",
    color: "",
    shape: "circle",
    text: "",
    size: 1,
  } as const;
  return { version_id, instruction_id: `m:${version_id}`, kind: "marker", visible_time: time, definition };
}

interface Drawing {
  /** Blocks with their markers, ascending. */
  readonly blocks: readonly (readonly Instruction[])[];
  readonly live?: readonly Instruction[];
}

/** A drawing with its markers in the store. @returns a read of it, and the times of the blocks that were read. */
function drawingOf({ blocks, live = [] }: Drawing) {
  const stored = blocks.map((instructions, at): StoredRows => {
    const [first] = instructions as [Instruction];
    const rows = instructions.map(instructionLine).join("\n");
    return { time: first.visible_time, startCount: 0, startVersion: first.version_id - 1, revision: at, rows };
  });
  const read: number[] = [];
  function* ledgerRows(_series: string, _ledger: string, range: Parameters<StoreReader["ledgerRows"]>[2]) {
    const found = stored.filter(({ time }) => time >= range.fromS && time <= range.toS);
    for (const block of range.descending === true ? found.reverse() : found) {
      read.push(block.time);
      yield block;
    }
  }
  const ledgerBlockTime = (_series: string, _ledger: string, timeS: number) =>
    stored.findLast(({ time }) => time <= timeS)?.time;
  const store = { ledgerRows, ledgerBlockTime } as unknown as StoreReader;
  const all = [...blocks.flat(), ...live];
  const lastVersion = Math.max(...all.map(({ version_id }) => version_id));
  const time = Math.max(...all.map(({ visible_time }) => visible_time));
  const point = { time, picture: { live: () => live, lastVersion }, frame: {} } as unknown as LedgerPoint;
  const rows = new RowCache("overlay", parseInstructionBlock);
  const ask = (cursor: number, windowCandles = 5_000): DrawnWindow =>
    drawnWindow({ store, rows }, { id: ID, boundTime: time, cursor, windowCandles }, point);
  return { ask, read };
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
const versions = ({ patch }: DrawnWindow) => patch.map(({ version }) => version);

test("nothing is drawn without a point, or before the drawing has come to it", () => {
  const query = { id: ID, boundTime: 60, cursor: 5, windowCandles: 10 };
  const parts = { store: {} as StoreReader, rows: new RowCache("overlay", parseInstructionBlock) };
  const nothing = { patch: [], activeIds: [], nextVersion: 0 };
  expect(drawnWindow(parts, query, undefined)).toEqual(nothing);
  expect(drawnWindow(parts, query, { time: 60, picture: undefined } as unknown as LedgerPoint)).toEqual(nothing);
});

test("an answer holds so many instructions at most, and of more the newest", () => {
  const many = range(1, MAX_PATCH_ITEMS + 3).map((version) => marker(version, 60 + version));
  const { ask } = drawingOf({ blocks: [many.slice(0, 30_000), many.slice(30_000)] });
  expect(versions(ask(0))).toEqual(range(4, MAX_PATCH_ITEMS));
  expect(versions(ask(2))).toEqual(range(4, MAX_PATCH_ITEMS));
  expect(ask(2).nextVersion).toBe(MAX_PATCH_ITEMS + 3);
  // No client is told to show what it has not been sent.
  expect(ask(0).activeIds).toHaveLength(MAX_PATCH_ITEMS);
  expect(ask(0).activeIds).not.toContain("m:3");
  expect(ask(2).activeIds).toEqual(["m:1", "m:2", ...ask(0).activeIds].sort());
});

test("what changed since a cursor is read from the newest block back to the cursor's, whatever the window", () => {
  const blocks = [range(1, 5), range(6, 5), range(11, 5), range(16, 5)].map((some) =>
    some.map((version) => marker(version, version * 60)),
  );
  const { ask, read } = drawingOf({ blocks });
  const since = (cursor: number) => {
    read.length = 0;
    const found = versions(ask(cursor, 1));
    // The window of one candle lies in the last block.
    return [found, read.slice(1)];
  };
  expect(since(12)).toEqual([range(13, 8), [960, 660]]);
  expect(since(15)).toEqual([range(16, 5), [960]]);
  expect(since(20)).toEqual([[], [960]]);
  expect(since(1)).toEqual([range(2, 19), [960, 660, 360, 60]]);
});

test("lasting and live instructions come by version", () => {
  const { ask } = drawingOf({ blocks: [[marker(2, 60), marker(5, 120)]], live: [marker(7, 120), marker(3, 60)] });
  expect(versions(ask(0))).toEqual([2, 3, 5, 7]);
  expect(versions(ask(3))).toEqual([5, 7]);
  expect(ask(7)).toMatchObject({ patch: [], activeIds: ["m:2", "m:3", "m:5", "m:7"], nextVersion: 7 });
});

test("of an id that was drawn twice, the newer version counts", () => {
  const again = { ...marker(9, 120), instruction_id: "m:2" };
  const { ask } = drawingOf({ blocks: [[marker(2, 60), marker(5, 60)], [again]] });
  expect(versions(ask(0))).toEqual([5, 9]);
  expect(versions(ask(1))).toEqual([5, 9]);
  expect(ask(0).activeIds).toEqual(["m:2", "m:5"]);
});

test("a window begins with the candle so many timeframes ago; a line that reaches into it is in it", () => {
  const line = (version_id: number, from: number, to: number): Instruction => ({
    version_id,
    instruction_id: `l:${version_id}`,
    kind: "polyline",
    visible_time: 600,
    definition: {
      type: "polyline",
      feature: "zhongshu.alive",
      points: [
        { time: from, value: 1 },
        { time: to, value: 1 },
      ],
      color: "",
      lineWidth: 1,
    },
  });
  const live = [line(10, 60, 419), line(11, 60, 420), line(12, 60, 600)];
  const { ask } = drawingOf({ blocks: [[marker(1, 360), marker(2, 420), marker(3, 480)]], live });
  const shown = ask(0, 3);
  expect(shown.activeIds).toEqual(["l:11", "l:12", "m:2", "m:3"]);
  // What lives is sent although it lies outside: it may change.
  expect(versions(shown)).toEqual([2, 3, 10, 11, 12]);
  expect(ask(0, 4).activeIds).toEqual(["l:10", "l:11", "l:12", "m:1", "m:2", "m:3"]);
});
