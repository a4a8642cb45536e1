/** From the wish to a package, against a daemon; and a session that plays it. */
import { describe, expect, test } from "vitest";
import { TradeCanvasClient } from "../../../src/client/client.js";
import type { Env } from "../../../src/config/env-file.js";
import { toWireCandle } from "../../../src/market/candle.js";
import type { Picture } from "../../../web/src/model/picture.js";
import { type OpenedReplay, openReplay, type Progress, type ReplayOrder } from "../../../web/src/replay/open-replay.js";
import { ReplaySession, type SessionStanding } from "../../../web/src/replay/session.js";
import { BATCH, post } from "../../http/request.js";
import { startTestDaemon } from "../../support/daemon.js";
import { recordedCandles } from "../../support/recorded.js";
import { until, untilTrue } from "../../support/until.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const STORED = recordedCandles("BTCUSDT").slice(0, 900).map(toWireCandle);
const LAST = STORED[799]?.candle_time ?? 0;

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

/** A daemon with 900 candles, and what becomes of a wish there. */
async function wished(order: Partial<ReplayOrder>, env: Env = {}) {
  const { url } = await startTestDaemon({
    env: { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "1", ...env },
  });
  await post(url, BATCH, { series_id: SERIES, candles: STORED });
  const client = new TradeCanvasClient({ url });
  const told: Progress[] = [];
  const opening = {
    client,
    tell: (progress: Progress) => told.push(progress),
    pause,
    signal: AbortSignal.timeout(15_000),
  };
  const opened = openReplay({ series: SERIES, toTime: LAST, candles: 600, ...order }, opening);
  return { opened, told };
}

describe("a wish", () => {
  test("becomes the candles that end where it was asked for, with progress", async () => {
    const { opened, told } = await wished({ toTime: LAST + 59 });
    const { candles, holes, windowSize } = await opened;
    expect([candles.length, candles.at(-1), holes, windowSize]).toEqual([600, STORED[799], [], 250]);
    expect([...new Set(told.map(({ stage }) => stage))]).toEqual(["covering", "preparing", "building", "loading"]);
    expect(told).toContainEqual({ stage: "covering", ready: 600, required: 600 });
  });

  test("for more than can be had becomes what is there", async () => {
    const { opened } = await wished({ candles: 2_000 });
    expect((await opened).candles.length).toBe(800);
  });

  test("needs no coverage routes", async () => {
    const { opened } = await wished({ toTime: null }, { TRADE_CANVAS_ENABLE_REPLAY_ENSURE_COVERAGE: "0" });
    expect((await opened).candles.at(-1)).toEqual(STORED.at(-1));
  });

  test("is refused with the setting when replay is closed, before anything is fetched", async () => {
    const { opened, told } = await wished({}, { TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "0" });
    await expect(opened).rejects.toThrow("it opens with TRADE_CANVAS_ENABLE_REPLAY_PACKAGE=1");
    expect(told).toEqual([]);
  });

  test("for a time before the first candle is refused in words", async () => {
    const { opened } = await wished({ toTime: 60 });
    await expect(opened).rejects.toThrow("There is no candle at or before that time.");
  });
});

/** A session whose frames are 100 ms, made by hand. */
function sessionOf(opened: OpenedReplay) {
  const pictures: Picture[] = [];
  const standings: SessionStanding[] = [];
  const frames: ((nowMs: number) => void)[] = [];
  let nowMs = 0;
  const session = new ReplaySession({
    opened,
    show: (picture) => pictures.push(picture),
    moved: (_, standing) => standings.push(standing),
    nextFrame: (callback) => frames.push(callback),
  });
  const frame = () => {
    nowMs += 100;
    for (const callback of frames.splice(0)) callback(nowMs);
  };
  const shownIndex = () => (pictures.at(-1)?.candles.length ?? 0) - 1;
  return { session, pictures, standings, frame, shownIndex };
}

describe("a session", () => {
  test("plays every candle in order, over the edge of a window, and stands still at the end", async () => {
    const { session, pictures, frame, shownIndex } = sessionOf(await (await wished({})).opened);
    session.begin();
    await untilTrue("the first picture", () => pictures.length > 0);
    expect(shownIndex()).toBe(299);
    session.seek(240);
    session.setSpeed(10);
    await untilTrue("the window before", () => shownIndex() === 240);
    const before = pictures.length;
    session.toggle();
    await untilTrue("candle 260", async () => {
      frame();
      await pause();
      return shownIndex() >= 260;
    });
    const played = pictures.slice(before).map(({ candles }) => candles.length - 1);
    expect([...new Set(played)]).toEqual(Array.from({ length: 20 }, (_, at) => 241 + at));
    for (const { candles, drawnTime } of pictures) expect(drawnTime).toBe(candles.at(-1)?.candle_time);
    session.setSpeed(50);
    session.seek(590);
    await untilTrue("the end", async () => {
      frame();
      await pause();
      return shownIndex() === 599;
    });
    session.step(-1);
    expect(shownIndex()).toBe(598);
    session.end();
  });

  test("says when a window does not come, and comes again when it is sought", async () => {
    const opened = await (await wished({})).opened;
    let fails = true;
    const load = (index: number) => (fails ? Promise.reject(new Error("away")) : opened.load(index));
    const { session, standings, shownIndex } = sessionOf({ ...opened, load });
    session.begin();
    await until("the error", () => standings.find(({ error }) => error === "away"));
    fails = false;
    session.seek(10);
    await untilTrue("candle 10", () => shownIndex() === 10);
    expect(standings.at(-1)).toEqual({ waiting: false, error: null, shownTime: STORED[210]?.candle_time });
  });
});
