/** A replayed moment is what the live reads said at that candle: nothing later leaks in, and nothing is missing. */
import { expect, test } from "vitest";
import { toWireCandle } from "../../../src/market/candle.js";
import { pictureAt, type ReplayWindow } from "../../../web/src/replay/moment.js";
import { BATCH, call, post } from "../../http/request.js";
import { startTestDaemon } from "../../support/daemon.js";
import type { DrawBody, FrameBody } from "../../support/ledger-answers.js";
import { recordedCandles } from "../../support/recorded.js";
import { until } from "../../support/until.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const STORED = 3_000;
const REPLAYED = 600;
const BASE = "/api/replay/overlay_package";

const recorded = recordedCandles("BTCUSDT").slice(0, STORED).map(toWireCandle);
const candles = recorded.slice(-REPLAYED - 100, -100);

/** A package that ends a hundred candles before the newest one, in windows of 150. */
async function packageOfRecorded() {
  const { url } = await startTestDaemon({
    env: { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "1" },
  });
  await post(url, BATCH, { series_id: SERIES, candles: recorded });
  const order = { series_id: SERIES, to_time: candles.at(-1)?.candle_time, window_candles: REPLAYED, window_size: 150 };
  const { job_id } = (await post(url, `${BASE}/build`, order)).json as { job_id: string };
  await until("the package", async () => {
    const { status } = (await call(url, `${BASE}/status?job_id=${job_id}`)).json;
    return status === "building" ? undefined : status;
  });
  const ask = async <T>(path: string): Promise<T> => (await call(url, path)).json as T;
  const windows = await Promise.all(
    Array.from({ length: REPLAYED / 150 }, async (_, at) => {
      const answer = await ask<{ window: ReplayWindow }>(`${BASE}/window?job_id=${job_id}&target_idx=${at * 150}`);
      return answer.window;
    }),
  );
  const windowOf = (index: number) => windows[Math.floor(index / 150)] as ReplayWindow;
  return { ask, picture: (index: number) => pictureAt({ series: SERIES, candles, holes: [] }, windowOf(index), index) };
}

test("any candle in any order shows what draw/delta and frame/at_time say there", async () => {
  const { ask, picture } = await packageOfRecorded();
  // Edges of windows and checkpoints, and others all over the package; not in order.
  const spread = Array.from({ length: 60 }, (_, at) => 1 + ((at * 7_919) % (REPLAYED - 1)));
  for (const index of [599, 1, 149, 150, 151, 24, 25, 26, 450, 300, 299, ...spread]) {
    const time = candles[index]?.candle_time;
    const query = `series_id=${SERIES}&at_time=${time}&window_candles=${index}`;
    const delta = await ask<DrawBody>(`/api/draw/delta?${query}`);
    const frame = await ask<FrameBody>(`/api/frame/at_time?${query}`);
    const shown = picture(index);
    expect(shown.candles.length).toBe(index + 1);
    expect(shown.candles.at(-1)?.candle_time).toBe(time);
    expect([shown.drawnTime, shown.forming]).toEqual([time, null]);
    for (const live of [delta, frame.draw_state]) {
      const byId = new Map(live.instruction_catalog_patch.map((item) => [item.instruction_id, item.definition]));
      expect(shown.drawn).toEqual(live.active_ids.map((id) => ({ id, definition: byId.get(id) })));
    }
    expect(shown.drawn.length).toBeGreaterThan(0);
  }
}, 60_000);

const window: ReplayWindow = {
  window_index: 1,
  start_idx: 2,
  end_idx: 4,
  catalog_base: [],
  catalog_patch: [],
  checkpoints: [{ at_idx: 2, active_ids: [] }],
  diffs: [],
};
const wire = (candle_time: number) => ({ candle_time, open: 1, high: 1, low: 1, close: 1, volume: 1 });

test("a hole is there when the candle behind it is, and not before", () => {
  const hole = { from_time: 240, to_time: 240, text: "repaired" };
  const open = { from_time: 360, to_time: null, text: "repairing" };
  const replayed = { series: SERIES, candles: [60, 120, 180, 300].map(wire), holes: [hole, open] };
  expect(pictureAt(replayed, window, 2).gaps).toEqual([]);
  expect(pictureAt(replayed, window, 3).gaps).toEqual([hole]);
});

test("a candle of another window is refused", () => {
  const replayed = { series: SERIES, candles: [60, 120, 180, 240].map(wire), holes: [] };
  for (const index of [1, 4, -1]) expect(() => pictureAt(replayed, window, index)).toThrow(`candle ${index} is not in`);
});
