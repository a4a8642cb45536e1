/** Prepare over HTTP. Spec: replay §1, §9 R1, R2, R12; scenario A-1.R1. */
import { describe, expect, test } from "vitest";
import { candleAt } from "../../support/candles.js";
import { tempFolder } from "../../support/temp.js";
import { debugEvents } from "../debug-events.js";
import { failingFactor } from "../failing.js";
import { ingest } from "../request.js";
import { LAST, PREPARE, SERIES, startFilledDaemon, startReplayDaemon } from "./replay-daemon.js";

const NO_DATA = [404, '{"detail":"no_data"}'];

describe("prepare", () => {
  test("R1 hands back the point, the clamped window and both heads, and computes nothing that is there", async () => {
    const { tell } = await startFilledDaemon();
    const answer = await tell(PREPARE, { to_time: 6_605, window_candles: 1 });
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        ok: true,
        series_id: SERIES,
        requested_time: 6_605,
        aligned_time: LAST,
        window_candles: 100,
        factor_head_time: LAST,
        overlay_head_time: LAST,
        computed: false,
      },
    ]);
  });

  test("means the newest candle and 2,000 candles when it is not told", async () => {
    const { tell } = await startFilledDaemon();
    const expected = { requested_time: LAST, aligned_time: LAST, window_candles: 2_000 };
    expect((await tell(PREPARE)).json).toMatchObject(expected);
    expect((await tell(PREPARE, { to_time: null, window_candles: null })).json).toMatchObject(expected);
    expect((await tell(PREPARE, { window_candles: 5_000 })).json).toMatchObject({ window_candles: 5_000 });
  });

  test("R2 has nothing to prepare before the first candle, nor of a series without candles", async () => {
    const { tell } = await startFilledDaemon();
    const { tell: tellEmpty } = await startReplayDaemon();
    const answers = [
      await tell(PREPARE, { to_time: 5 }),
      await tell(PREPARE, { series_id: "binance:spot:NONE/USDT:1m" }),
      await tell(PREPARE, { series_id: "nonsense", to_time: 5 }),
      await tellEmpty(PREPARE),
    ];
    for (const { status, text } of answers) expect([status, text]).toEqual(NO_DATA);
  });

  test("R12 brings up ledgers that are behind, to the newest candle and never beyond it", async () => {
    const { daemon, tell } = await startReplayDaemon();
    await daemon.app.store.commit({ series: SERIES, upsert: [candleAt(1_700_000_060)] });
    const ahead = await tell(PREPARE, { to_time: 1_800_000_000 });
    expect(ahead.json).toMatchObject({
      requested_time: 1_800_000_000,
      aligned_time: 1_700_000_060,
      factor_head_time: 1_700_000_060,
      overlay_head_time: 1_700_000_060,
      computed: true,
    });
    expect((await tell(PREPARE, { to_time: 1_700_000_060 })).json).toMatchObject({ computed: false });
    expect(daemon.app.ledgers.reader.heads(SERIES)).toEqual({ factor: 1_700_000_060, overlay: 1_700_000_060 });
  });

  test("RS-R7 tells followers nothing, and leaves what is to be told to the next run", async () => {
    const TRADE_CANVAS_DB_PATH = tempFolder();
    const before = await startReplayDaemon({ TRADE_CANVAS_DB_PATH });
    await before.feed(60, 240);
    await before.daemon.app.stop();
    // Ledgers of other settings are to be computed anew.
    const { daemon, tell } = await startReplayDaemon({
      TRADE_CANVAS_DB_PATH,
      TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "3",
    });
    const feed = await daemon.connect();
    feed.subscribe(SERIES, { since: 240 });
    await feed.settled();
    expect((await tell(PREPARE)).json).toMatchObject({ computed: true, factor_head_time: 240 });
    expect(await feed.settled()).toEqual([]);
    await ingest(daemon.url, SERIES, 300);
    expect((await feed.settled()).map(({ type, event }) => event ?? type)).toEqual(["candle_closed", "factor.rebuild"]);
  });

  test.each([
    ["FACTOR", "ledger_out_of_sync:factor"],
    ["OVERLAY", "ledger_out_of_sync:overlay"],
  ])("says which ledger cannot be brought up: without %s ingest", async (name, detail) => {
    const { feed, tell } = await startReplayDaemon({ [`TRADE_CANVAS_ENABLE_${name}_INGEST`]: "0" });
    await feed(60, 240);
    const answer = await tell(PREPARE);
    expect([answer.status, answer.json]).toEqual([409, { detail }]);
  });

  test("is told to the debug feed, if it succeeded", async () => {
    const { daemon, tell } = await startFilledDaemon({ TRADE_CANVAS_ENABLE_DEBUG_API: "1" });
    await tell(PREPARE, { to_time: 5 });
    await tell(PREPARE, { to_time: 6_605, window_candles: 200 });
    const told = (await debugEvents(daemon)).filter(({ pipe }) => pipe === "read");
    expect(told).toMatchObject([
      {
        event: "read.http.replay_prepare",
        series_id: SERIES,
        data: {
          requested_time: 6_605,
          aligned_time: LAST,
          window_candles: 200,
          factor_head_time: LAST,
          overlay_head_time: LAST,
          computed: false,
        },
      },
    ]);
  });
});

test("a ledger that fails while it is brought up shows as one that lags", async () => {
  const fault = { message: undefined as string | undefined };
  const { daemon, tell } = await startReplayDaemon({}, { parts: failingFactor(fault) });
  await daemon.app.store.commit({ series: SERIES, upsert: [candleAt(60)] });
  fault.message = "boom";
  const answer = await tell(PREPARE);
  expect([answer.status, answer.json]).toEqual([409, { detail: "ledger_out_of_sync:factor" }]);
});
