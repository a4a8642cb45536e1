/**
 * Scenario A-0: candles, slices, drawing and frame speak of the same candle, and a strict read has no side effects. The
 * first five steps against the daemon as a process, under each set of switches; the sixth inside of one, with a store that
 * the test can write to.
 */
import { describe, expect, test } from "vitest";
import { debugEvents } from "../http/debug-events.js";
import { call, type HttpAnswer } from "../http/request.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { candles, flat, get, ingest } from "../support/http.js";
import type { DrawBody, FrameBody, HealthBody, SlicesBody } from "../support/ledger-answers.js";
import { startProcess } from "../support/process.js";
import { nowhereEnv } from "../support/world.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const QUERY = `?series_id=${encodeURIComponent(SERIES)}`;
const CLOSED = [
  [1_700_000_000, 100.0],
  [1_700_000_060, 101.5],
  [1_700_000_120, 99.8],
] as const;
const HEAD = 1_700_000_120;
const CANDLE_ID = `${SERIES}:1700000120`;

const V2 = { TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1" };
const STRICT = { TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1" };

const PUBLISH = { TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH: "1" };

const VARIANTS = [
  { name: "pipeline v2", args: ["start", "--bare"], env: V2 },
  { name: "all five switches off", args: ["start", "--bare"], env: {} },
  { name: "strict reads and pipeline v2", args: ["start", "--bare"], env: { ...V2, ...STRICT } },
  { name: "pipeline v2 and the stream's pipeline publishing", args: ["start", "--bare"], env: { ...V2, ...PUBLISH } },
  { name: "live.env", args: ["start"], env: {} },
] as const;

test.each(VARIANTS)("A-0.1 to A-0.5 under $name", async ({ args, env }) => {
  const { url } = await startProcess(args, { ...nowhereEnv(), ...env });
  for (const [time, close] of CLOSED) {
    const answer = await ingest(url, SERIES, flat(time, close));
    expect(answer).toEqual({ status: 200, body: { ok: true, series_id: SERIES, candle_time: time } });
  }
  const read = await candles(url, SERIES, "&since=1700000000&limit=10");
  expect(read.body.candles.map((candle) => [candle.candle_time, candle.close])).toEqual(CLOSED.slice(1));
  expect(read.body.server_head_time).toBe(HEAD);

  const slices = await get<SlicesBody>(`${url}/api/factor/slices${QUERY}&at_time=${HEAD}&window_candles=2000`);
  expect(slices).toMatchObject({ status: 200, body: { candle_id: CANDLE_ID, at_time: HEAD } });

  const drawing = await get<DrawBody>(`${url}/api/draw/delta${QUERY}&cursor_version_id=0&at_time=${HEAD}`);
  expect(drawing).toMatchObject({ status: 200, body: { to_candle_id: CANDLE_ID, to_candle_time: HEAD } });

  const { status, body } = await get<FrameBody>(`${url}/api/frame/at_time${QUERY}&at_time=${HEAD}`);
  expect(status).toBe(200);
  expect([body.time.candle_id, body.factor_slices.candle_id, body.draw_state.to_candle_id]).toEqual([
    CANDLE_ID,
    CANDLE_ID,
    CANDLE_ID,
  ]);
});

describe("A-0.6: strict reads of ledgers that are behind", () => {
  const FACTOR_409 = [409, '{"detail":"ledger_out_of_sync:factor"}'];
  const OVERLAY_409 = [409, '{"detail":"ledger_out_of_sync:overlay"}'];
  const DRAW = "/api/draw/delta";
  const FRAME = "/api/frame/at_time";
  const SLICES = "/api/factor/slices";

  const start = async (env: Readonly<Record<string, string>>): Promise<TestDaemon> => {
    const daemon = await startTestDaemon({ env: { ...V2, ...STRICT, TRADE_CANVAS_ENABLE_DEBUG_API: "1", ...env } });
    for (const [time, close] of CLOSED) expect((await ingest(daemon.url, SERIES, flat(time, close))).status).toBe(200);
    return daemon;
  };
  const ask = (daemon: TestDaemon, path: string, query = ""): Promise<HttpAnswer> =>
    call(daemon.url, `${path}${QUERY}${query}`);
  const heads = async (daemon: TestDaemon) => {
    const { factor_head_time, overlay_head_time } = (await ask(daemon, "/api/factor/health"))
      .json as unknown as HealthBody;
    return { factor_head_time, overlay_head_time };
  };

  /** Reads again and again: the same answer, the same heads, and nothing written in between. */
  async function expectAnswers(
    daemon: TestDaemon,
    reads: readonly (readonly [path: string, query: string, expected: unknown[]])[],
  ): Promise<void> {
    const before = await heads(daemon);
    const generations = ledgers(daemon);
    const writes = (await debugEvents(daemon)).filter(({ pipe }) => pipe === "write").length;
    for (const round of [1, 2]) {
      for (const [path, query, expected] of reads) {
        const { status, text } = await ask(daemon, path, query);
        expect(status === 200 ? [200] : [status, text], `${path}${query}, ${round}`).toEqual(expected);
      }
    }
    expect(await heads(daemon)).toEqual(before);
    expect(ledgers(daemon)).toEqual(generations);
    expect((await debugEvents(daemon)).filter(({ pipe }) => pipe === "write")).toHaveLength(writes);
  }

  const ledgers = ({ app }: TestDaemon) => [
    app.store.ledger(SERIES, "factor"),
    app.store.ledger(SERIES, "overlay"),
    app.store.head(SERIES),
  ];

  test("6a: factor ingest is off", async () => {
    const daemon = await start({ TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" });
    const at = `&at_time=${HEAD}`;
    await expectAnswers(daemon, [
      [SLICES, at, FACTOR_409],
      [DRAW, at, FACTOR_409],
      [DRAW, "&cursor_version_id=0", FACTOR_409],
      [DRAW, "&cursor_version_id=1", [200]],
      [FRAME, at, FACTOR_409],
      ["/api/frame/live", "", FACTOR_409],
      ["/api/delta/poll", "", FACTOR_409],
    ]);
    expect((await heads(daemon)).factor_head_time).toBeNull();
  });

  test("6b: overlay ingest is off", async () => {
    const daemon = await start({ TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" });
    const at = `&at_time=${HEAD}`;
    await expectAnswers(daemon, [
      [SLICES, at, [200]],
      [DRAW, at, OVERLAY_409],
      [DRAW, "", OVERLAY_409],
      [DRAW, "&cursor_version_id=1", OVERLAY_409],
      [FRAME, at, OVERLAY_409],
      ["/api/frame/live", "", [404, '{"detail":"no_overlay"}']],
      ["/api/delta/poll", "", OVERLAY_409],
    ]);
    expect(await heads(daemon)).toEqual({ factor_head_time: HEAD, overlay_head_time: null });
  });

  test("6c: a candle is written to the store only", async () => {
    const daemon = await start({});
    const { candle_time: time, ...prices } = flat(1_700_000_180, 102);
    await daemon.app.store.commit({ series: SERIES, upsert: [{ time, ...prices }] });
    await expectAnswers(daemon, [
      [SLICES, "&at_time=1700000180", FACTOR_409],
      [SLICES, `&at_time=${HEAD}`, [200]],
      [DRAW, "&at_time=1700000180", OVERLAY_409],
      [DRAW, `&at_time=${HEAD}`, [200]],
      [FRAME, "&at_time=1700000180", FACTOR_409],
      [FRAME, `&at_time=${HEAD}`, [200]],
      ["/api/delta/poll", "", OVERLAY_409],
    ]);
    expect(await heads(daemon)).toEqual({ factor_head_time: HEAD, overlay_head_time: HEAD });
    expect((await ask(daemon, SLICES, `&at_time=${HEAD}`)).json.candle_id).toBe(CANDLE_ID);
  });
});
