import fc from "fast-check";
import { expect, test } from "vitest";
import type { LedgerBlock } from "../../src/storage/ledger-records.js";
import type { LedgerChange } from "../../src/storage/ledger-store.js";
import type { LedgerRowsRange, Store } from "../../src/storage/store.js";
import { candleSeries } from "../support/candles.js";
import { block, head, PER_BLOCK, SERIES, time } from "./grown-store.js";
import { STORE_KINDS } from "./kinds.js";
import { ModelLedger } from "./ledger-model.js";

const apply = (store: Store, change: LedgerChange) => store.commit({ series: SERIES, ledgers: { factor: change } });
const blocksOf = (store: Store, range: LedgerRowsRange = { fromS: 0, toS: 1e9 }, series = SERIES) => [
  ...store.ledgerRows(series, "factor", range),
];

const CANDLES = 30;
const at = fc.integer({ min: -1, max: CANDLES + 2 }).map((candle) => Math.max(0, time(candle) - 7));
const blocks = (from: number, count: number): LedgerBlock[] => {
  const first = Math.floor(from / PER_BLOCK);
  const last = Math.floor((count - 1) / PER_BLOCK);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => block(first + index, `${from}-${count}`));
};
const change: fc.Arbitrary<LedgerChange> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        first: fc.integer({ min: 0, max: CANDLES - 1 }),
        more: fc.integer({ min: 1, max: 9 }),
        again: fc.boolean(),
      })
      .map(({ first, more, again }) => ({
        type: "advanced" as const,
        head: head(Math.min(CANDLES, first + more)),
        blocks: blocks(first, Math.min(CANDLES, first + more)),
        from: again ? time(first - (first % PER_BLOCK)) : undefined,
      })),
  },
  { weight: 3, arbitrary: at.map((timeS) => ({ type: "cut" as const, at: timeS })) },
  { weight: 1, arbitrary: fc.constant({ type: "reset" as const }) },
);

test.each(STORE_KINDS)(
  "the store %s of a ledger equals its model, under any sequence of changes",
  async (_kind, newPlace) => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), at, async (changes, probe) => {
        const store = newPlace().open();
        const model = new ModelLedger();
        const candles = candleSeries(time(0), CANDLES);
        const candleTimes = candles.map((candle) => candle.time);
        // Neighbours on either side, which nothing may reach.
        const neighbour: LedgerChange = {
          type: "advanced",
          head: head(9),
          blocks: [block(0), block(1), block(2)],
          from: 0,
        };
        for (const series of ["a:b:c:1m", SERIES, "d:e:f:1m"]) {
          await store.commit({
            series,
            upsert: candles,
            ledgers: series === SERIES ? { overlay: neighbour } : { factor: neighbour },
          });
        }
        for (const step of changes) {
          await apply(store, step);
          model.apply(step, candleTimes);
          expect(store.ledger(SERIES, "factor")).toEqual(model.standing);
          const all = blocksOf(store).map(({ revision: _, ...rows }) => rows);
          expect(all).toEqual(model.blocks);
          expect(blocksOf(store, { fromS: probe, toS: 1e9, descending: true }).map((rows) => rows.time)).toEqual(
            model.blocks
              .map((rows) => rows.time)
              .filter((start) => start >= probe)
              .reverse(),
          );
          expect(store.ledgerBlockTime(SERIES, "factor", probe)).toBe(model.blockTime(probe));
          for (const candleTime of candleTimes) {
            expect(store.checkpoint(SERIES, "factor", candleTime)).toBe(model.checkpoint(candleTime));
          }
        }
        expect([...store.ledgerRows(SERIES, "overlay", { fromS: 0, toS: 1e9 })]).toHaveLength(3);
        for (const series of ["a:b:c:1m", "d:e:f:1m"]) expect(blocksOf(store, undefined, series)).toHaveLength(3);
        await store.close();
      }),
      { numRuns: 40 },
    );
  },
);
