/** What a supervisor of the process asks of it. */
import { expect, test, vi } from "vitest";
import type { FeedState } from "../../../src/actors/feed/feed-state.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { RecordingLog } from "../../actors/series/world.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { call } from "../request.js";

const BASE = "binance:futures:BTC/USDT:1m";
const DERIVED = "binance:futures:BTC/USDT:5m";

const answer = async ({ url }: TestDaemon, path: string) => {
  const { status, json } = await call(url, path);
  return [status, json];
};

/** Has the feeds stand like this. */
function feeds({ app }: TestDaemon, states: Readonly<Record<string, FeedState["state"]>>): void {
  const { markets } = app.runtime.feedStates();
  const rest = { reason: null, since: 0, verified_at: null, message_age_s: null, final_age_s: null, lag_ms: null };
  const series = Object.entries(states).map(([series_id, state]) => ({ series_id, state, ...rest, connection: null }));
  vi.spyOn(app.runtime, "feedStates").mockReturnValue({ series, markets });
}

test("a running daemon is alive and ready", async () => {
  const daemon = await startTestDaemon();
  expect(await answer(daemon, "/healthz")).toEqual([200, { status: "alive" }]);
  expect(await answer(daemon, "/readyz")).toEqual([200, { status: "ready" }]);
});

test("one that stops is alive, and not ready", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ clock });
  // A client that does not answer the close delays the end.
  const silent = await daemon.connect();
  await silent.settled();
  silent.socket.pause();
  const stopped = daemon.app.stop();
  expect(await answer(daemon, "/healthz")).toEqual([200, { status: "alive" }]);
  expect(await answer(daemon, "/readyz")).toEqual([503, { detail: "server_shutting_down" }]);
  await clock.advanceSettled(1_000);
  await stopped;
});

test("one of whose parts one does not run is not ready, and says which", async () => {
  const daemon = await startTestDaemon();
  const [spot, futures, series] = daemon.app.runtime.parts();
  if (spot === undefined || futures === undefined || series === undefined) throw new Error("parts are missing");
  vi.spyOn(daemon.app.runtime, "parts").mockReturnValue([
    { ...spot, state: "crashed" },
    futures,
    { ...series, state: "suspended" },
  ]);
  expect(await answer(daemon, "/readyz")).toEqual([
    503,
    { detail: "not_ready:exchange/spot=crashed, series=suspended" },
  ]);
});

test("fresh is a daemon without a whitelist, and one whose series are live, quiet, or derived of such", async () => {
  expect(await answer(await startTestDaemon(), "/freshz")).toEqual([200, { status: "fresh", series: 0 }]);
  const quiet = "binance:spot:ETH/USDT:1m";
  const daemon = await startTestDaemon({
    env: { TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: "1" },
    whitelist: [BASE, DERIVED, quiet],
  });
  feeds(daemon, { [BASE]: "live", [quiet]: "quiet" });
  expect(await answer(daemon, "/freshz")).toEqual([200, { status: "fresh", series: 3 }]);
  feeds(daemon, { [BASE]: "stalled", [quiet]: "quiet" });
  expect(await answer(daemon, "/freshz")).toEqual([503, { detail: `not_fresh:${BASE}=stalled, ${DERIVED}=stalled` }]);
  feeds(daemon, { [BASE]: "repairing" });
  expect(await answer(daemon, "/freshz")).toEqual([
    503,
    { detail: `not_fresh:${BASE}=repairing, ${DERIVED}=repairing, ${quiet}=not_followed` },
  ]);
});

test("twenty series are named at most, and nothing of it is logged", async () => {
  const log = new RecordingLog();
  const whitelist = Array.from({ length: 23 }, (_, n) => `binance:spot:C${n}/USDT:1m`);
  const daemon = await startTestDaemon({ whitelist, log });
  const { json } = await call(daemon.url, "/freshz");
  expect(json.detail).toMatch(
    /^not_fresh:binance:spot:C0\/USDT:1m=not_followed, .*C19\/USDT:1m=not_followed, and 3 more$/,
  );
  expect(log.lines.filter(({ event }) => event === "request.failed")).toEqual([]);
});
