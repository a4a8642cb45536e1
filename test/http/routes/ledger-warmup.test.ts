/** What a read of candles does for the ledgers when its answer is out. */
import { expect, test } from "vitest";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { debugEvents } from "../debug-events.js";
import { candles, ingest } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_READ_LEDGER_WARMUP: "1" };

/** Two candles, of which the ledgers have taken in the first. */
async function lagging(env: Readonly<Record<string, string>>): Promise<TestDaemon> {
  const daemon = await startTestDaemon({ env });
  await ingest(daemon.url, SERIES, 60);
  await daemon.app.store.commit({ series: SERIES, upsert: [candleAt(120)] });
  return daemon;
}

const heads = ({ app }: TestDaemon) => app.ledgers.reader.heads(SERIES);
const warmups = async (daemon: TestDaemon) =>
  (await debugEvents(daemon)).filter(({ event }) => event === "read.http.market_candles_ledger_warmup");

test("a read with `since`, and one without, has the ledgers brought up to the head", async () => {
  for (const query of ["", "&since=60"]) {
    const daemon = await lagging(OPEN);
    expect(heads(daemon)).toEqual({ factor: 60, overlay: 60 });
    expect((await candles(daemon.url, SERIES, query)).status).toBe(200);
    await untilTrue("the warm-up", async () => (await warmups(daemon)).length > 0);
    expect(heads(daemon)).toEqual({ factor: 120, overlay: 120 });
    expect(await warmups(daemon)).toMatchObject([
      {
        pipe: "read",
        level: "info",
        series_id: SERIES,
        data: {
          target_time: 120,
          factor_head_before: 60,
          overlay_head_before: 60,
          factor_head_after: 120,
          overlay_head_after: 120,
          steps: [`factor.ingest_closed:${SERIES}`, `overlay.ingest_closed:${SERIES}`],
        },
      },
    ]);
  }
});

test("a read that was refused, or of nothing, warms nothing up", async () => {
  const daemon = await lagging(OPEN);
  expect((await candles(daemon.url, SERIES, "&limit=0")).status).toBe(422);
  expect((await candles(daemon.url, "binance:spot:NONE/USDT:1m")).status).toBe(200);
  expect((await candles(daemon.url, "nonsense")).status).toBe(200);
  await candles(daemon.url, SERIES);
  await untilTrue("the warm-up of the series", async () => (await warmups(daemon)).length > 0);
  expect((await warmups(daemon)).map(({ series_id }) => series_id)).toEqual([SERIES]);
});

test("switched off, which it is by itself, reads leave the ledgers alone; it follows tail coverage", async () => {
  const plain = await lagging({ TRADE_CANVAS_ENABLE_DEBUG_API: "1" });
  await candles(plain.url, SERIES);
  await candles(plain.url, SERIES);
  expect([heads(plain), await warmups(plain)]).toEqual([{ factor: 60, overlay: 60 }, []]);
  const covering = await lagging({
    TRADE_CANVAS_ENABLE_DEBUG_API: "1",
    TRADE_CANVAS_ENABLE_MARKET_AUTO_TAIL_BACKFILL: "1",
  });
  await candles(covering.url, SERIES);
  await untilTrue("the warm-up", async () => (await warmups(covering)).length > 0);
  expect(heads(covering)).toEqual({ factor: 120, overlay: 120 });
});
