import { expect, test } from "vitest";
import type { LedgerHeads, LedgerReader } from "../../src/ledger/ledger-reader.js";
import { LedgerSync } from "../../src/ledger/ledger-sync.js";
import { parseSeriesId } from "../../src/market/series-id.js";

const BTC = parseSeriesId("binance:futures:BTC/USDT:1m");

/** A series with candles at `times`, and ledgers that a refresh brings to the newest one. */
function world(times: readonly number[], heads: LedgerHeads) {
  const state = { heads };
  const calls: string[] = [];
  const reader = {
    floor: (_series: string, timeS: number) => times.filter((time) => time <= timeS).at(-1) ?? null,
    heads: () => state.heads,
  } as unknown as LedgerReader;
  const sync = new LedgerSync(reader, {
    refresh: async () => {
      calls.push("refresh");
      const head = times.at(-1) ?? null;
      state.heads = { factor: head, overlay: head };
      return ["factor.ingest_closed"];
    },
    resetOverlay: async () => {
      calls.push("reset");
    },
  });
  return { sync, calls };
}

test("is needed when either ledger is behind the candle", async () => {
  for (const heads of [
    { factor: 60, overlay: 120 },
    { factor: 120, overlay: 60 },
    { factor: null, overlay: 120 },
    { factor: 120, overlay: null },
  ]) {
    const { sync, calls } = world([60, 120], heads);
    expect(await sync.refreshIfNeeded(BTC, 120)).toEqual({
      refreshed: true,
      steps: ["factor.ingest_closed"],
      heads: { factor: 120, overlay: 120 },
    });
    expect(calls).toEqual(["refresh"]);
  }
});

test("is not needed when both have come to it, or beyond", async () => {
  const { sync, calls } = world([60, 120], { factor: 120, overlay: 120 });
  for (const time of [60, 120]) expect((await sync.refreshIfNeeded(BTC, time)).refreshed).toBe(false);
  expect(calls).toEqual([]);
});

test("a time beyond the candles means the newest one, so that it comes to an end; before them there is nothing to do", async () => {
  const { sync, calls } = world([60, 120], { factor: 120, overlay: 120 });
  expect((await sync.refreshIfNeeded(BTC, 999_999)).refreshed).toBe(false);
  expect((await sync.refreshIfNeeded(BTC, 59)).refreshed).toBe(false);
  const empty = world([], { factor: null, overlay: null });
  expect((await empty.sync.refreshIfNeeded(BTC, 120)).refreshed).toBe(false);
  expect([...calls, ...empty.calls]).toEqual([]);
});

test("a drawing is made anew between two refreshes", async () => {
  const { sync, calls } = world([60], { factor: 60, overlay: 60 });
  expect(await sync.redraw(BTC)).toEqual(["factor.ingest_closed", "overlay.reset_series", "overlay.ingest_closed"]);
  expect(calls).toEqual(["refresh", "reset", "refresh"]);
});
