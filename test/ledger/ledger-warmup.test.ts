import { expect, test } from "vitest";
import { outOfSync } from "../../src/ledger/ledger-errors.js";
import type { LedgerHeads } from "../../src/ledger/ledger-reader.js";
import { LedgerWarmup, MAX_WARMUPS, WARMUP_COOLDOWN_MS } from "../../src/ledger/ledger-warmup.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import type { DebugNote } from "../../src/observability/debug-hub.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

const series = (name: string) => parseSeriesId(`binance:futures:${name}/USDT:1m`);
const BTC = series("BTC");

/** Ledgers that come to whatever is asked of them, unless the test says otherwise. */
function world() {
  const clock = new SimulatedClock(1_000_000);
  const notes: DebugNote[] = [];
  const asked: (readonly [series: string, target: number])[] = [];
  const ledgers = {
    heads: { factor: 60, overlay: null } as LedgerHeads,
    comesTo: (target: number): LedgerHeads => ({ factor: target, overlay: target }),
    wait: Promise.resolve(),
  };
  const warmup = new LedgerWarmup({
    clock,
    note: (note) => notes.push(note),
    sync: {
      headSnapshot: () => ledgers.heads,
      refreshIfNeeded: async ({ text }, target) => {
        asked.push([text, target]);
        await ledgers.wait;
        ledgers.heads = ledgers.comesTo(target);
        return { refreshed: true, steps: ["factor.ingest_closed"], heads: ledgers.heads };
      },
      requireHeadsReady: (_id, target) => {
        const { factor, overlay } = ledgers.heads;
        if (factor === null || factor < target) throw outOfSync("factor", target, factor);
        return { factor, overlay: overlay ?? 0 };
      },
    },
  });
  const read = async (head: number | null, id = BTC): Promise<void> => {
    warmup.read(id, head);
    await clock.advanceSettled(0);
  };
  return { clock, notes, asked, ledgers, warmup, read };
}

test("brings the ledgers to the head of what was read, and tells how they stood", async () => {
  const { notes, asked, read } = world();
  await read(120);
  expect(asked).toEqual([[BTC.text, 120]]);
  expect(notes).toEqual([
    {
      pipe: "read",
      event: "read.http.market_candles_ledger_warmup",
      series: BTC.text,
      data: {
        target_time: 120,
        factor_head_before: 60,
        overlay_head_before: null,
        factor_head_after: 120,
        overlay_head_after: 120,
        steps: ["factor.ingest_closed"],
      },
    },
  ]);
});

test("a series without a head is left alone", async () => {
  const { asked, read } = world();
  for (const head of [null, 0, -60]) await read(head);
  expect(asked).toEqual([]);
});

test("the same or an earlier candle only after the cooldown, a newer one at once", async () => {
  const { clock, asked, read } = world();
  await read(120);
  clock.advance(WARMUP_COOLDOWN_MS - 1);
  await read(120);
  await read(60);
  expect(asked).toHaveLength(1);
  await read(180);
  expect(asked).toHaveLength(2);
  clock.advance(WARMUP_COOLDOWN_MS);
  await read(180);
  expect(asked.map(([, target]) => target)).toEqual([120, 180, 180]);
});

test("RS-H11 never two at once for a series, a newer candle or not, and only so many in all", async () => {
  const { asked, ledgers, read } = world();
  let open = (): void => undefined;
  ledgers.wait = new Promise((resolve) => {
    open = resolve;
  });
  await read(120);
  await read(180);
  for (let index = 0; index < MAX_WARMUPS; index += 1) await read(120, series(`S${index}`));
  expect(asked).toHaveLength(MAX_WARMUPS);
  open();
  await read(120);
  await read(180);
  expect(asked.at(-1)).toEqual([BTC.text, 180]);
});

test.each([
  ["that throws", () => Promise.reject(new Error("the disk is full")), "the disk is full"],
  ["that leaves a ledger behind", () => Promise.resolve({ factor: 60, overlay: 120 }), /factor/],
])("a refresh %s is told as a warning, and harms nobody", async (_how, outcome, error) => {
  const { notes, ledgers, read } = world();
  ledgers.wait = outcome().then((heads) => {
    ledgers.comesTo = () => heads;
  });
  await read(120);
  expect(notes).toMatchObject([{ level: "warn", data: { target_time: 120, factor_head_after: 60 } }]);
  expect(notes[0]?.data?.error).toEqual(typeof error === "string" ? error : expect.stringMatching(error));
});

test("a stop waits for what is under way", async () => {
  const { asked, warmup, read } = world();
  await read(120);
  await warmup.stop();
  await read(180);
  expect(asked).toHaveLength(1);
});
