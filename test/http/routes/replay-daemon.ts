/** A daemon with a series of 110 candles that can be replayed. */

import type { Env } from "../../../src/config/env-file.js";
import { startTestDaemon, type TestDaemon, type TestDaemonOptions } from "../../support/daemon.js";
import { FakeArchive } from "../../support/fake-archive.js";
import { untilTrue } from "../../support/until.js";
import { BATCH, call, type HttpAnswer, post, wire } from "../request.js";

export const SERIES = "binance:futures:BTC/USDT:1m";

/** Open times of the first and the last candle, in seconds. */
export const FIRST = 60;
export const LAST = 6_600;

export const PREPARE = "/api/replay/prepare";
export const BUILD = "/api/replay/build";
export const STATUS = "/api/replay/status";
export const WINDOW = "/api/replay/window";
export const ENSURE = "/api/replay/ensure_coverage";
export const COVERAGE = "/api/replay/coverage_status";
export const OVERLAY = "/api/replay/overlay_package";

export interface ReplayDaemon {
  readonly daemon: TestDaemon;
  readonly archive: FakeArchive;
  ask(path: string, params: Readonly<Record<string, string | number>>): Promise<HttpAnswer>;
  /** Posts something about the series. */
  tell(path: string, body?: Readonly<Record<string, unknown>>): Promise<HttpAnswer>;
  /** Stores candles a minute apart, all of them folded in. */
  feed(fromS: number, toS: number): Promise<void>;
  /** Waits until a job is over, and answers as its status does then. */
  ended(path: string, jobId: string): Promise<HttpAnswer>;
}

type ReplayOptions = Omit<TestDaemonOptions, "env">;

/** Has packages built by the fake archive, unless another one is given. */
export async function startReplayDaemon(env: Env = {}, options: ReplayOptions = {}): Promise<ReplayDaemon> {
  let archive: FakeArchive | undefined;
  const daemon = await startTestDaemon({
    createArchive: ({ store }) => {
      archive = new FakeArchive(store);
      return archive;
    },
    ...options,
    env: {
      TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "2",
      TRADE_CANVAS_PIVOT_WINDOW_MINOR: "1",
      TRADE_CANVAS_ENABLE_DEV_API: "1",
      TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "1",
      ...env,
    },
  });
  const { url } = daemon;
  const ask: ReplayDaemon["ask"] = (path, params) =>
    call(url, `${path}?${new URLSearchParams(params as Readonly<Record<string, string>>)}`);
  return {
    daemon,
    archive: archive as FakeArchive,
    ask,
    tell: (path, body = {}) => post(url, path, { series_id: SERIES, ...body }),
    feed: async (fromS, toS) => {
      const times = Array.from({ length: (toS - fromS) / 60 + 1 }, (_, at) => fromS + at * 60);
      const candles = times.map((time) => wire(time, 100 + 10 * Math.sin(time / 500)));
      const answer = await post(url, BATCH, { series_id: SERIES, candles });
      if (answer.status !== 200) throw new Error(answer.text);
    },
    ended: async (path, jobId) => {
      let answer = await ask(path, { job_id: jobId });
      await untilTrue(`the end of ${jobId}`, async () => {
        answer = await ask(path, { job_id: jobId });
        return answer.json.status !== "building";
      });
      return answer;
    },
  };
}

/** With the candles of the examples. */
export async function startFilledDaemon(env: Env = {}, options: ReplayOptions = {}): Promise<ReplayDaemon> {
  const replay = await startReplayDaemon(env, options);
  await replay.feed(FIRST, LAST);
  return replay;
}
