/** `GET /api/feed/gaps`: shape, order, bounds and errors; and the same records over the live feed. */
import { expect, test } from "vitest";
import { openedGap, type RepairingGap, resolvedGap, toWireGap } from "../../../src/market/gap.js";
import { gapKey } from "../../../src/storage/keys.js";
import { openLmdbStore } from "../../../src/storage/lmdb-store.js";
import { RecordingLog } from "../../actors/series/world.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { changed, damageRecords } from "../../support/damage.js";
import { tempFolder } from "../../support/temp.js";
import { expectQueryIsChecked } from "../query-checks.js";
import { call, ingestAll } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const PATH = "/api/feed/gaps";

const opened = (id: number): RepairingGap =>
  openedGap({ id, cause: "reconnect", fromTime: id * 600, toTime: null, nowMs: id * 1_000 });
const absent = (id: number) =>
  resolvedGap(opened(id), id * 600 + 60, [{ from: id * 600, to: id * 600 }], id * 1_000 + 9);

async function gapsOf({ url }: TestDaemon, query = "", series = SERIES) {
  const answer = await call(url, `${PATH}?series_id=${encodeURIComponent(series)}${query}`);
  expect(answer.status).toBe(200);
  return answer.json as { gaps: { id: number }[] };
}

async function daemonWithGaps(count: number): Promise<TestDaemon> {
  const daemon = await startTestDaemon();
  const gaps = Array.from({ length: count }, (_, index) => opened(index + 1));
  await daemon.app.store.commit({ series: SERIES, gaps });
  return daemon;
}

test("an unknown series has none, and asking for it makes none", async () => {
  const daemon = await startTestDaemon();
  for (const series of [SERIES, "no series"]) {
    expect(await gapsOf(daemon, "", series)).toEqual({ schema_version: 1, series_id: series, gaps: [] });
  }
  expect(daemon.app.store.seriesIds()).toEqual([]);
});

test("every gap with all members, the newest last", async () => {
  const daemon = await startTestDaemon();
  await daemon.app.store.commit({ series: SERIES, gaps: [absent(1), opened(2)] });
  expect(await gapsOf(daemon)).toEqual({
    schema_version: 1,
    series_id: SERIES,
    gaps: [
      {
        id: 1,
        state: "absent_at_source",
        cause: "reconnect",
        from_time: 600,
        to_time: 660,
        detected_at_ms: 1_000,
        attempts: 0,
        last_attempt_at_ms: null,
        last_error: null,
        resolved_at_ms: 1_009,
        checked_at_ms: 1_009,
        absent: [{ from_time: 600, to_time: 600 }],
      },
      toWireGap(opened(2)),
    ],
  });
});

test("the newest without a time; with one the first after it, so that a reader gets on page by page", async () => {
  const daemon = await daemonWithGaps(250);
  const ids = async (query: string) => (await gapsOf(daemon, query)).gaps.map(({ id }) => id);
  const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  expect(await ids("")).toEqual(upTo(151, 250));
  expect(await ids("&limit=2")).toEqual([249, 250]);
  expect(await ids("&since=10000&limit=3")).toEqual([11, 12, 13]);
  expect(await ids("&since=0&limit=1000")).toEqual(upTo(1, 250));
  expect(await ids("&since=250000")).toEqual([]);
});

test("what does not fit is 422, and says why", async () => {
  await expectQueryIsChecked(await startTestDaemon(), PATH, [
    { name: "since", min: 0 },
    { name: "limit", min: 1, max: 1_000 },
  ]);
});

test("a damaged record is left out, and named in the log", async () => {
  const folder = tempFolder();
  const store = openLmdbStore(folder);
  await store.commit({ series: SERIES, gaps: [opened(1), opened(2)] });
  await store.close();
  await damageRecords(folder, "gaps", gapKey(1, 1), changed);
  const log = new RecordingLog();
  const daemon = await startTestDaemon({ env: { TRADE_CANVAS_DB_PATH: folder }, log });
  expect((await gapsOf(daemon)).gaps.map(({ id }) => id)).toEqual([2]);
  expect(log.of("gap.record_damaged")).toMatchObject([{ fields: { series_id: SERIES, ids: [1] } }]);
});

test("a client of the live feed that asks for gaps is told of the open ones at once; others get nothing new", async () => {
  const daemon = await startTestDaemon();
  await ingestAll(daemon.url, SERIES, [60]);
  await daemon.app.store.commit({ series: SERIES, gaps: [absent(1), opened(2)] });
  const [asking, plain] = [await daemon.connect(), await daemon.connect()];
  asking.subscribe(SERIES, { since: 60, gaps: true });
  plain.subscribe(SERIES, { since: 60 });
  expect(await asking.settled()).toEqual([{ type: "gap_state", series_id: SERIES, gap: toWireGap(opened(2)) }]);
  expect(await plain.settled()).toEqual([]);
});
