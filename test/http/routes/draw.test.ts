import { describe, expect, test } from "vitest";
import { type CandleRow, loadVector } from "../../factors/model/vectors.js";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import type { DrawBody } from "../../support/ledger-answers.js";
import { debugEvents } from "../debug-events.js";
import { expectQueryIsChecked } from "../query-checks.js";
import { call } from "../request.js";
import { SERIES, startVectorDaemon, type VectorDaemon } from "../vector-daemon.js";

const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
const DELTA = "/api/draw/delta";
const LAGS = { TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "0" };

async function delta(daemon: VectorDaemon, params: Readonly<Record<string, number>> = {}): Promise<DrawBody> {
  return (await daemon.ask(DELTA, params)).json as unknown as DrawBody;
}

/** Candles that are stored while no ledger is told. */
async function storeOnly({ daemon }: VectorDaemon, ...times: number[]): Promise<void> {
  await daemon.app.store.commit({ series: SERIES, upsert: times.map((time) => candleAt(time)) });
}

test("every query parameter is checked", async () => {
  const daemon = await startTestDaemon();
  await expectQueryIsChecked(daemon, DELTA, [
    { name: "cursor_version_id", min: 0 },
    { name: "window_candles", min: 1, max: 5_000 },
    { name: "at_time", min: 0 },
  ]);
});

test("without candles there is nothing to draw, and the cursor is handed back", async () => {
  const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1" } });
  for (const series of [SERIES, "binance:spot:NONE/USDT:1m", "BTC", "a:b:c:1M", 'quo"te:b:c:1m']) {
    for (const [query, cursor] of [
      ["", 0],
      ["&cursor_version_id=7", 7],
      ["&cursor_version_id=7&at_time=5", 7],
    ] as const) {
      const answer = await call(url, `${DELTA}?series_id=${encodeURIComponent(series)}${query}`);
      expect([answer.status, answer.text], series).toEqual([
        200,
        `{"schema_version":1,"series_id":${JSON.stringify(series)},"to_candle_id":null,"to_candle_time":null,"active_ids":[],` +
          `"instruction_catalog_patch":[],"series_points":{},"next_cursor":{"version_id":${cursor},"point_time":null}}`,
      ]);
    }
  }
});

describe("cursors", () => {
  test("the same cursor gives the same answer; the one that was returned gives an empty one and itself", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    const whole = await delta(daemon);
    expect(await delta(daemon)).toEqual(whole);
    const cursor_version_id = whole.next_cursor.version_id;
    const rest = await delta(daemon, { cursor_version_id });
    expect(rest).toEqual({ ...whole, instruction_catalog_patch: [] });
    await daemon.feed([[2_700, 48, 49, 47, 48, 1]]);
    const next = await delta(daemon, { cursor_version_id });
    expect(next.instruction_catalog_patch.map(({ version_id }) => version_id)).not.toEqual([]);
    for (const { version_id } of next.instruction_catalog_patch) expect(version_id).toBeGreaterThan(cursor_version_id);
  });

  test("one that is larger than any version gives nothing, and leads back to the newest", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    const whole = await delta(daemon);
    const beyond = await delta(daemon, { cursor_version_id: Number.MAX_SAFE_INTEGER });
    expect(beyond).toEqual({ ...whole, instruction_catalog_patch: [] });
  });

  test("an answer for the past speaks of the candle at or before its time, and of nothing later", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    const newest = (await delta(daemon)).next_cursor.version_id;
    for (const at_time of [60, 119, 1_500, 1_559]) {
      const past = await delta(daemon, { at_time });
      expect(past).toMatchObject({
        to_candle_time: at_time - (at_time % 60),
        to_candle_id: `${SERIES}:${at_time - (at_time % 60)}`,
      });
      for (const { visible_time } of past.instruction_catalog_patch) expect(visible_time).toBeLessThanOrEqual(at_time);
      expect(past.next_cursor.version_id).toBeLessThan(newest);
    }
    expect(await delta(daemon, { at_time: 59 })).toMatchObject({ to_candle_time: null, active_ids: [] });
    expect(await delta(daemon, { at_time: Number.MAX_SAFE_INTEGER })).toEqual(await delta(daemon));
  });
});

describe("a drawing that lags", () => {
  test("is 409 for strict reads, with and without a time, whatever the cursor", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 6));
    await storeOnly(daemon, 420);
    for (const params of [{}, { cursor_version_id: 1 }, { at_time: 420 }, { at_time: 500, cursor_version_id: 1 }]) {
      const answer = await daemon.ask(DELTA, params);
      expect([answer.status, answer.text]).toEqual([409, '{"detail":"ledger_out_of_sync:overlay"}']);
    }
    expect((await daemon.ask(DELTA, { at_time: 419 })).status).toBe(200);
  });

  test("is shown as far as it goes by plain reads, unless a time is asked for", async () => {
    const daemon = await startVectorDaemon(LAGS);
    await daemon.feed(candles.slice(0, 10));
    const before = await delta(daemon);
    await storeOnly(daemon, 660);
    const lagging = await delta(daemon);
    expect(lagging).toEqual({ ...before, to_candle_time: 660, to_candle_id: `${SERIES}:660` });
    const answer = await daemon.ask(DELTA, { at_time: 660 });
    expect([answer.status, answer.text]).toEqual([409, '{"detail":"ledger_out_of_sync:overlay"}']);
  });

  test("is 409 also for plain reads when it does not show what the factors say, and a cursor is not asked about it", async () => {
    const daemon = await startVectorDaemon(LAGS);
    await daemon.feed(candles);
    await daemon.daemon.app.store.commit({ series: SERIES, ledgers: { overlay: { type: "reset" } } });
    const answer = await daemon.ask(DELTA);
    expect([answer.status, answer.text]).toEqual([409, '{"detail":"ledger_out_of_sync:overlay"}']);
    const increment = await daemon.ask(DELTA, { cursor_version_id: 3 });
    expect([increment.status, increment.json.instruction_catalog_patch]).toEqual([200, []]);
  });
});

describe("debug events", () => {
  const OPEN = { TRADE_CANVAS_ENABLE_DEBUG_API: "1" };
  const reads = async ({ daemon }: VectorDaemon) =>
    (await debugEvents(daemon)).filter(({ event }) => event.startsWith("read."));

  test("tell of a read that gave something, or moved the cursor on", async () => {
    const daemon = await startVectorDaemon(OPEN);
    await daemon.feedBatch(candles);
    const { active_ids, instruction_catalog_patch, next_cursor } = await delta(daemon);
    const cursor = next_cursor.version_id;
    await delta(daemon, { cursor_version_id: cursor });
    await delta(daemon, { cursor_version_id: cursor, at_time: 900 });
    await delta(daemon, { at_time: 59 });
    const past = await delta(daemon, { cursor_version_id: 1, at_time: 720, window_candles: 3 });
    const common = { pipe: "read", event: "read.http.draw_delta", series_id: SERIES, level: "info", source: "backend" };
    expect(await reads(daemon)).toMatchObject([
      {
        ...common,
        data: {
          cursor_version_id: 0,
          next_version_id: cursor,
          to_time: 2_640,
          patch_len: instruction_catalog_patch.length,
          active_len: active_ids.length,
          at_time: null,
        },
      },
      {
        ...common,
        data: {
          cursor_version_id: 1,
          next_version_id: past.next_cursor.version_id,
          to_time: 720,
          patch_len: past.instruction_catalog_patch.length,
          active_len: past.active_ids.length,
          at_time: 720,
        },
      },
    ]);
  });

  test("tell why a drawing was refused", async () => {
    const daemon = await startVectorDaemon({ ...OPEN, ...LAGS });
    await daemon.feed(candles);
    await daemon.ask(DELTA, { at_time: 2_640 });
    await daemon.daemon.app.store.commit({ series: SERIES, ledgers: { overlay: { type: "reset" } } });
    await daemon.ask(DELTA);
    await daemon.ask(DELTA, { at_time: 2_640 });
    const refused = (await reads(daemon)).filter(({ event }) => event === "read.http.draw_delta.overlay_out_of_sync");
    const reason = expect.stringMatching(/^the (drawing|overlay ledger) /);
    expect(refused.map(({ data }) => data)).toEqual([
      { at_time: null, strict_mode: false, checks: [{ plugin: "overlay", should_rebuild: true, reason }] },
      { at_time: 2_640, strict_mode: false, checks: [{ plugin: "overlay", should_rebuild: false, reason }] },
    ]);
  });

  test("a lagging factor ledger is no matter of the drawing", async () => {
    const daemon = await startVectorDaemon({ ...OPEN, TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" });
    await daemon.feed(candles.slice(0, 2));
    expect((await daemon.ask(DELTA)).json).toEqual({ detail: "ledger_out_of_sync:factor" });
    expect(await reads(daemon)).toEqual([]);
  });
});
