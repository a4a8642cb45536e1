import { expect, test, vi } from "vitest";
import { INGEST_MAILBOX } from "../../../src/actors/ingest/protocol.js";
import { TooManySeriesError } from "../../../src/actors/series/registry.js";
import { type LogFields, silentLog } from "../../../src/observability/event-log.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { StoreError } from "../../../src/storage/errors.js";
import { DAEMON_NOW_MS, startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { type Fault, failingFactor, failingOverlay, failingPublication, type Parts } from "../failing.js";
import { BATCH, candles, type HttpAnswer, ingest, post, timesOf, wire } from "../request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const DEBUG = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_DEV_API: "1" };
const PIPELINE = { ...DEBUG, TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1" };
const LEGACY = { ...DEBUG, TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "0" };

const LEDGERS: [string, (fault: Fault) => Parts][] = [
  ["factor.ingest_closed", failingFactor],
  ["overlay.ingest_closed", failingOverlay],
];

async function errorEvent(daemon: TestDaemon, event: string): Promise<unknown> {
  const debug = await daemon.connect("/ws/debug");
  const snapshots = (await debug.atLeast(1)) as readonly { readonly events?: readonly { readonly event: string }[] }[];
  return snapshots[0]?.events?.find((entry) => entry.event === event);
}

test("pipeline on: a failing ledger fails the request, the candle stays, nothing is published", async () => {
  for (const [step, failing] of LEDGERS) {
    const daemon = await startTestDaemon({ env: PIPELINE, parts: failing({ message: "boom" }) });
    const feed = await daemon.connect();
    feed.subscribe(SERIES);
    await feed.settled();
    const answer = await ingest(daemon.url, SERIES, 100);
    expect([answer.status, answer.json]).toEqual([500, { detail: `ingest_pipeline_failed:${step}:${SERIES}` }]);
    expect(timesOf(await candles(daemon.url, SERIES))).toEqual([100]);
    expect((await feed.quiet()).filter(({ type }) => type === "candle_closed")).toEqual([]);
    expect(await errorEvent(daemon, "write.http.ingest_candle_closed_error")).toEqual({
      ts_ms: DAEMON_NOW_MS,
      source: "backend",
      pipe: "write",
      event: "write.http.ingest_candle_closed_error",
      series_id: SERIES,
      level: "error",
      message: "write.http.ingest_candle_closed_error",
      data: {
        step,
        series_id: SERIES,
        error: "boom",
        compensated: false,
        overlay_compensated: false,
        candle_compensated_rows: 0,
        compensation_error: null,
      },
    });
  }
});

test("pipeline off: a failing ledger is swallowed, the candle is stored and published", async () => {
  for (const [step, failing] of LEDGERS) {
    const daemon = await startTestDaemon({ env: LEGACY, parts: failing({ message: "boom" }) });
    const feed = await daemon.connect();
    feed.subscribe(SERIES);
    await feed.settled();
    expect((await ingest(daemon.url, SERIES, 100)).status).toBe(200);
    expect(timesOf(await candles(daemon.url, SERIES))).toEqual([100]);
    expect((await feed.settled())[0]).toEqual({ type: "candle_closed", series_id: SERIES, candle: wire(100) });
    const done = (await errorEvent(daemon, "write.http.ingest_candle_closed_done")) as { data: { steps: unknown[] } };
    expect(done.data.steps).toContainEqual({ name: step, ok: false, duration_ms: expect.any(Number) });
  }
});

test("the step names carry the series only while the pipeline is on", async () => {
  const steps = async (env: Readonly<Record<string, string>>) => {
    const daemon = await startTestDaemon({ env });
    await ingest(daemon.url, SERIES, 100);
    const done = (await errorEvent(daemon, "write.http.ingest_candle_closed_done")) as { data: { steps: unknown[] } };
    return done.data.steps.map((step) => (step as { name: string }).name);
  };
  const names = ["store.upsert_many_closed", "factor.ingest_closed", "overlay.ingest_closed"];
  expect(await steps(LEGACY)).toEqual(names);
  expect(await steps(PIPELINE)).toEqual(names.map((name) => `${name}:${SERIES}`));
});

test("a ledger that keeps failing is left alone for half a minute, and then catches up by itself", async () => {
  const fault: Fault = { message: undefined };
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const daemon = await startTestDaemon({ env: PIPELINE, clock, parts: failingFactor(fault) });
  await ingest(daemon.url, SERIES, 100);
  fault.message = "boom";
  expect((await ingest(daemon.url, SERIES, 160)).status).toBe(500);
  fault.message = undefined;
  await clock.advanceSettled(31_000);
  const { store } = daemon.app;
  await untilTrue("the ledgers at 160", () => store.ledger(SERIES, "overlay").head?.time === 160);
  expect(store.ledger(SERIES, "factor").head?.time).toBe(160);
  expect((await ingest(daemon.url, SERIES, 220)).status).toBe(200);
});

test("compensation on: new candles of the failed run are not kept, replaced ones stay replaced", async () => {
  for (const [step, failing] of LEDGERS) {
    const fault: Fault = { message: undefined };
    const env = { ...PIPELINE, TRADE_CANVAS_ENABLE_INGEST_COMPENSATE_NEW_CANDLES: "1" };
    const clock = new SimulatedClock(DAEMON_NOW_MS);
    const daemon = await startTestDaemon({ env, clock, parts: failing(fault) });
    await ingest(daemon.url, SERIES, 100, 1);
    fault.message = "boom";
    const body = { series_id: SERIES, candles: [wire(100, 7), wire(160), wire(220)] };
    const answer = await post(daemon.url, BATCH, body);
    expect([answer.status, answer.json]).toEqual([500, { detail: `ingest_pipeline_failed:${step}:${SERIES}` }]);
    const { store } = daemon.app;
    const factorTime = (): number | undefined => store.ledger(SERIES, "factor").head?.time;
    expect(
      store
        .read(SERIES, { limit: 10 })
        .candles()
        .map(({ time, close }) => [time, close]),
    ).toEqual([[100, 7]]);
    expect(await errorEvent(daemon, "write.http.ingest_candles_closed_batch_error")).toMatchObject({
      data: { compensated: true, overlay_compensated: false, candle_compensated_rows: 2, compensation_error: null },
    });
    // What it had folded was replaced: the ledger falls back at once, and takes the replacement in by itself.
    expect(factorTime()).toBeUndefined();
    fault.message = undefined;
    await clock.advanceSettled(1_000);
    await untilTrue("the ledger at 100", () => factorTime() === 100);
  }
});

test("compensation of the drawing: an overlay failure resets it, a factor failure does not", async () => {
  const env = { ...PIPELINE, TRADE_CANVAS_ENABLE_INGEST_COMPENSATE_OVERLAY_ERROR: "1" };
  for (const [step, failing] of LEDGERS) {
    const fault: Fault = { message: undefined };
    const daemon = await startTestDaemon({ env, parts: failing(fault) });
    await ingest(daemon.url, SERIES, 100);
    fault.message = "boom";
    await ingest(daemon.url, SERIES, 160);
    const isOverlay = step === "overlay.ingest_closed";
    expect(daemon.app.store.ledger(SERIES, "overlay").head?.time ?? null).toBe(isOverlay ? null : 100);
    expect(daemon.app.store.head(SERIES).count).toBe(2);
    expect(await errorEvent(daemon, "write.http.ingest_candle_closed_error")).toMatchObject({
      data: { compensated: isOverlay, overlay_compensated: isOverlay, candle_compensated_rows: 0 },
    });
  }
});

test("A-3.4: a publication that fails fails the request in every state; the candle is stored, and published by the next try", async () => {
  const ofStreams = { TRADE_CANVAS_ENABLE_INGEST_WS_PIPELINE_PUBLISH: "1" };
  for (const env of [LEGACY, PIPELINE, { ...LEGACY, ...ofStreams }, { ...PIPELINE, ...ofStreams }]) {
    const fault: Fault = { message: undefined };
    const daemon = await startTestDaemon({ env, parts: failingPublication(fault) });
    const feed = await daemon.connect();
    feed.subscribe(SERIES);
    await feed.settled();
    await ingest(daemon.url, SERIES, 100);
    fault.message = "no wire";
    const answer = await ingest(daemon.url, SERIES, 160);
    expect([answer.status, answer.json]).toEqual([500, { detail: `ingest_publish_failed:${SERIES}` }]);
    expect(timesOf(await candles(daemon.url, SERIES))).toEqual([100, 160]);
    expect(await errorEvent(daemon, "write.http.ingest_candle_closed_error")).toMatchObject({
      data: { step: "publish", error: "no wire", compensated: false },
    });
    fault.message = undefined;
    expect((await ingest(daemon.url, SERIES, 220)).status).toBe(200);
    const closed = (await feed.settled()).filter(({ type }) => type === "candle_closed");
    expect(closed.map(({ candle }) => candle)).toEqual([wire(100), wire(160), wire(220)]);
  }
});

test("a batch that is not to be published does not mind that nothing can be", async () => {
  const { url } = await startTestDaemon({ env: PIPELINE, parts: failingPublication({ message: "no wire" }) });
  const body = { series_id: SERIES, candles: [wire(100)] };
  expect((await post(url, BATCH, body)).status).toBe(200);
  expect((await post(url, BATCH, { ...body, publish_ws: true })).status).toBe(500);
});

test("a store that refuses fails the request at the first step, and stores nothing", async () => {
  for (const env of [LEGACY, PIPELINE]) {
    const daemon = await startTestDaemon({ env });
    vi.spyOn(daemon.app.store, "commit").mockRejectedValueOnce(new StoreError("commit_failed", "disk full"));
    const answer = await ingest(daemon.url, SERIES, 100);
    const detail = `ingest_pipeline_failed:store.upsert_many_closed:${SERIES}`;
    expect([answer.status, answer.json]).toEqual([500, { detail }]);
    expect(timesOf(await candles(daemon.url, SERIES))).toEqual([]);
    expect((await ingest(daemon.url, SERIES, 100)).status).toBe(200);
  }
});

test("beyond the runs that may wait, a request is told to come back; nothing of it is stored", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const daemon = await startTestDaemon({ parts: { sinkFor: () => ({ publish: () => held }) } });
  const waiting: Promise<number>[] = [];
  const receipt = { head: daemon.app.store.head(SERIES), insertedTimes: [], deleted: 0 };
  const commit = vi.spyOn(daemon.app.store, "commit").mockResolvedValue(receipt);
  const refused: HttpAnswer[] = [];
  const allRefused = new Promise<void>((resolve) => {
    for (let time = 1; time <= INGEST_MAILBOX + 6; time += 1) {
      waiting.push(
        ingest(daemon.url, SERIES, time).then((answer) => {
          if (answer.status === 503) refused.push(answer);
          if (refused.length === 5) resolve();
          return answer.status;
        }),
      );
    }
  });
  await allRefused;
  release();
  const statuses = await Promise.all(waiting);
  expect(statuses.filter((status) => status === 200)).toHaveLength(INGEST_MAILBOX + 1);
  expect(refused.map(({ json }) => json)).toEqual(Array(5).fill({ detail: "ingest_busy" }));
  expect(commit).toHaveBeenCalledTimes(INGEST_MAILBOX + 1);
});

test("a series whose writer keeps crashing is refused for a while, others go on, and it recovers", async () => {
  const clock = new SimulatedClock(DAEMON_NOW_MS);
  const { url, app } = await startTestDaemon({ clock });
  const other = "binance:spot:ETH/USDT:1m";
  const head = app.store.head.bind(app.store);
  const broken = vi.spyOn(app.store, "head").mockImplementation((series) => {
    if (series === SERIES) throw new Error("head unreadable");
    return head(series);
  });
  const statuses = new Set<number>();
  for (let tries = 0; tries < 60 && !statuses.has(503); tries += 1)
    statuses.add((await ingest(url, SERIES, 100)).status);
  expect([...statuses]).toEqual([500, 503]);
  expect((await ingest(url, other, 100)).status).toBe(200);
  broken.mockRestore();
  await clock.advanceSettled(31_000);
  expect((await ingest(url, SERIES, 100)).status).toBe(200);
});

test("faults of this program are answered without their details, which are in the log", async () => {
  const logged: [string, LogFields | undefined][] = [];
  const log = {
    ...silentLog,
    error: (event: string, fields?: LogFields) => void logged.push([event, fields]),
    with: () => log,
  };
  const { url, app } = await startTestDaemon({ log });
  const cases: [unknown, number, string][] = [
    [new Error("secret detail"), 500, "Internal Server Error"],
    [new TooManySeriesError("10000 series are active already"), 503, "too_many_series"],
  ];
  for (const [error, status, detail] of cases) {
    vi.spyOn(app.runtime, "ingest").mockRejectedValueOnce(error);
    const answer = await ingest(url, SERIES, 100);
    expect([answer.status, answer.json]).toEqual([status, { detail }]);
  }
  vi.spyOn(app.store, "read").mockImplementationOnce(() => {
    throw new StoreError("store_damaged", "chunk 3 fails its checksum");
  });
  const damaged = await candles(url, SERIES);
  expect([damaged.status, damaged.json]).toEqual([500, { detail: "store_damaged" }]);
  expect(logged.map(([event, fields]) => [event, fields?.code, fields?.error])).toEqual([
    ["request.failed", "http.internal", "secret detail"],
    ["request.failed", "market.too_many_series", "10000 series are active already"],
    ["request.failed", "market.store_damaged", "chunk 3 fails its checksum"],
  ]);
  expect(logged[0]?.[1]).toMatchObject({ method: "POST", stack: expect.stringContaining("secret detail") });
});
