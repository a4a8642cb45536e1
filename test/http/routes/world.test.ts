import { describe, expect, test } from "vitest";
import { type CandleRow, loadVector } from "../../factors/model/vectors.js";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import type { DrawBody, FrameBody, PollBody, SlicesBody } from "../../support/ledger-answers.js";
import { debugEvents } from "../debug-events.js";
import { expectQueryIsChecked } from "../query-checks.js";
import { call } from "../request.js";
import { SERIES, startVectorDaemon, type VectorDaemon } from "../vector-daemon.js";

const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
const LIVE = "/api/frame/live";
const AT_TIME = "/api/frame/at_time";
const POLL = "/api/delta/poll";
const WINDOW = { name: "window_candles", min: 1, max: 5_000 };

async function body<Body>(daemon: VectorDaemon, path: string, params: Readonly<Record<string, number>> = {}) {
  return (await daemon.ask(path, params)).json as unknown as Body;
}

test("every query parameter is checked", async () => {
  const daemon = await startTestDaemon();
  await expectQueryIsChecked(daemon, LIVE, [WINDOW]);
  await expectQueryIsChecked(daemon, AT_TIME, [{ name: "at_time", min: 0, required: true }, WINDOW]);
  const limit = { name: "limit", min: 1, max: 5_000 };
  await expectQueryIsChecked(daemon, POLL, [{ name: "after_id", min: 0 }, limit, WINDOW]);
});

test("without candles there is no frame, and nothing to poll", async () => {
  for (const strict of ["0", "1"]) {
    const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_READ_STRICT_MODE: strict } });
    for (const series of [SERIES, "binance:spot:NONE/USDT:1m", "BTC", "a:b:c:1M"]) {
      const query = `?series_id=${encodeURIComponent(series)}`;
      for (const path of [`${LIVE}${query}`, `${AT_TIME}${query}&at_time=9`]) {
        const answer = await call(url, path);
        expect([answer.status, answer.text], path).toEqual([404, '{"detail":"no_data"}']);
      }
      const poll = await call(url, `${POLL}${query}&after_id=3`);
      expect(poll.text).toBe(
        `{"schema_version":1,"series_id":${JSON.stringify(series)},"records":[],"next_cursor":{"id":3}}`,
      );
    }
  }
});

describe("frames", () => {
  test("are put together from the slices and the drawing of one candle, to the letter", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    for (const window_candles of [2_000, 7]) {
      for (const [at_time, aligned] of [
        [2_640, 2_640],
        [777, 720],
        [Number.MAX_SAFE_INTEGER, 2_640],
      ] as const) {
        const slices = await daemon.ask("/api/factor/slices", { at_time, window_candles });
        const drawing = await daemon.ask("/api/draw/delta", { at_time, window_candles });
        const frame = await daemon.ask(AT_TIME, { at_time, window_candles });
        const time = `{"at_time":${at_time},"aligned_time":${aligned},"candle_id":"${SERIES}:${aligned}"}`;
        expect(frame.text).toBe(
          `{"schema_version":1,"series_id":"${SERIES}","time":${time},"factor_slices":${slices.text},"draw_state":${drawing.text}}`,
        );
      }
    }
  });

  test("the live one is that of the newest candle", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    const live = await daemon.ask(LIVE);
    expect(live.status).toBe(200);
    expect(live.text).toBe((await daemon.ask(AT_TIME, { at_time: 2_640 })).text);
  });

  test("the live one is that of the newest candle that is drawn, while the ledgers lag", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 6));
    await daemon.daemon.app.store.commit({ series: SERIES, upsert: [candleAt(420)] });
    const { time } = await body<FrameBody>(daemon, LIVE);
    expect(time).toEqual({ at_time: 420, aligned_time: 360, candle_id: `${SERIES}:360` });
    const answer = await daemon.ask(AT_TIME, { at_time: 420 });
    expect([answer.status, answer.text]).toEqual([409, '{"detail":"ledger_out_of_sync:factor"}']);
  });

  test("before the first candle there is none", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 2));
    const answer = await daemon.ask(AT_TIME, { at_time: 59 });
    expect([answer.status, answer.text]).toEqual([404, '{"detail":"no_data"}']);
  });

  test("with the drawing switched off, the live one is not found and the one of a time is out of sync", async () => {
    for (const strict of ["0", "1"]) {
      const daemon = await startVectorDaemon({
        TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0",
        TRADE_CANVAS_ENABLE_READ_STRICT_MODE: strict,
      });
      await daemon.feed(candles.slice(0, 3));
      const live = await daemon.ask(LIVE);
      expect([live.status, live.text]).toEqual([404, '{"detail":"no_overlay"}']);
      const past = await daemon.ask(AT_TIME, { at_time: 120 });
      expect([past.status, past.text]).toEqual([409, '{"detail":"ledger_out_of_sync:overlay"}']);
    }
  });
});

describe("poll", () => {
  test("has one record of the newest candle, made of the draw delta and the slices, to the letter", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    for (const [after_id, window_candles] of [
      [0, 2_000],
      [5, 2_000],
      [30, 4],
    ] as const) {
      const drawing = await daemon.ask("/api/draw/delta", { cursor_version_id: after_id, window_candles });
      const slices = await daemon.ask("/api/factor/slices", { at_time: 2_640, window_candles });
      const id = (drawing.json as unknown as DrawBody).next_cursor.version_id;
      const poll = await daemon.ask(POLL, { after_id, window_candles });
      expect(poll.text).toBe(
        `{"schema_version":1,"series_id":"${SERIES}","records":[{"id":${id},"series_id":"${SERIES}",` +
          `"to_candle_id":"${SERIES}:2640","to_candle_time":2640,"draw_delta":${drawing.text},` +
          `"factor_slices":${slices.text}}],"next_cursor":{"id":${id}}}`,
      );
    }
  });

  test("has no record when nothing was drawn since, and keeps the cursor that was given", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 5));
    expect(await body<PollBody>(daemon, POLL)).toMatchObject({ records: [], next_cursor: { id: 0 } });
    await daemon.feed(candles.slice(5, 10));
    const { next_cursor } = await body<PollBody>(daemon, POLL);
    expect(next_cursor.id).toBeGreaterThan(0);
    for (const after_id of [next_cursor.id, next_cursor.id + 1_000]) {
      expect(await body<PollBody>(daemon, POLL, { after_id })).toMatchObject({
        records: [],
        next_cursor: { id: after_id },
      });
    }
  });

  test("limit is checked, and has no effect", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    const [one, many] = [await daemon.ask(POLL, { limit: 1 }), await daemon.ask(POLL, { limit: 5_000 })];
    expect(one.text).toBe(many.text);
    expect((one.json as unknown as PollBody).records).toHaveLength(1);
  });

  test("several candles between two polls are one record, of the last of them", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles.slice(0, 20));
    const { next_cursor } = await body<PollBody>(daemon, POLL);
    await daemon.feed(candles.slice(20, 25));
    const { records } = await body<PollBody>(daemon, POLL, { after_id: next_cursor.id });
    expect(records.map(({ to_candle_time }) => to_candle_time)).toEqual([1_500]);
  });

  test("passes on what the reads in it refuse", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 8));
    await daemon.daemon.app.store.commit({ series: SERIES, upsert: [candleAt(540)] });
    for (const after_id of [0, 1]) {
      const answer = await daemon.ask(POLL, { after_id });
      expect([answer.status, answer.text]).toEqual([409, '{"detail":"ledger_out_of_sync:overlay"}']);
    }
  });
});

describe("debug events", () => {
  test("tell of frames, and of polls that have a record", async () => {
    const daemon = await startVectorDaemon({ TRADE_CANVAS_ENABLE_DEBUG_API: "1" });
    await daemon.feedBatch(candles);
    await daemon.ask(LIVE);
    await daemon.ask(AT_TIME, { at_time: 777 });
    await daemon.ask(AT_TIME, { at_time: 5 });
    const { next_cursor } = await body<PollBody>(daemon, POLL, { after_id: 4 });
    await daemon.ask(POLL, { after_id: next_cursor.id });
    const reads = (await debugEvents(daemon.daemon)).filter(({ pipe }) => pipe === "read");
    const common = { pipe: "read", series_id: SERIES, level: "info", source: "backend" };
    expect(reads).toMatchObject([
      {
        ...common,
        event: "read.http.world_frame_live",
        data: { at_time: 2_640, aligned_time: 2_640, candle_id: `${SERIES}:2640` },
      },
      {
        ...common,
        event: "read.http.world_frame_at_time",
        data: { at_time: 777, aligned_time: 720, candle_id: `${SERIES}:720` },
      },
      {
        ...common,
        event: "read.http.world_delta_poll",
        data: { after_id: 4, next_id: next_cursor.id, to_candle_time: 2_640, has_record: true },
      },
    ]);
    expect(reads).toHaveLength(3);
  });
});

test("the slices of a frame are those that are asked for by themselves", async () => {
  const daemon = await startVectorDaemon();
  await daemon.feedBatch(candles);
  const frame = await body<FrameBody>(daemon, LIVE, { window_candles: 12 });
  const slices = await body<SlicesBody>(daemon, "/api/factor/slices", { at_time: 2_640, window_candles: 12 });
  expect(frame.factor_slices).toEqual(slices);
});
