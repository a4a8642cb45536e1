/** Subscriptions that start and end feeds. Spec: ws-api §2.1, §2.7, W11; ingest §4.1–4.4. */
import { expect, test } from "vitest";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { untilTrue } from "../../support/until.js";
import { call, ingest, wire } from "../request.js";

const A = "binance:futures:BTC/USDT:1m";
const B = "binance:futures:ETH/USDT:1m";
const ON_DEMAND = { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_ONDEMAND_INGEST: "1" };

interface Job {
  readonly series_id: string;
  readonly refcount: number;
  readonly last_zero_at: number | null;
}

async function state({ url }: TestDaemon): Promise<Record<string, unknown> & { readonly jobs: readonly Job[] }> {
  const answer = await call(url, "/api/market/debug/ingest_state");
  return answer.json as unknown as { jobs: readonly Job[] };
}

async function refcounts(daemon: TestDaemon): Promise<Record<string, number>> {
  return Object.fromEntries((await state(daemon)).jobs.map(({ series_id, refcount }) => [series_id, refcount]));
}

/** Waits until the server has seen the end of a connection. */
async function untilRefcounts(daemon: TestDaemon, expected: Record<string, number>): Promise<void> {
  const holds = async () => JSON.stringify(await refcounts(daemon)) === JSON.stringify(expected);
  await untilTrue(`refcounts ${JSON.stringify(expected)}`, holds, 5_000, () => refcounts(daemon));
}

const capacity = (series: string) =>
  `{"type":"error","code":"capacity","message":"ondemand_ingest_capacity","series_id":"${series}"}`;

test("the state without jobs", async () => {
  const daemon = await startTestDaemon({ env: ON_DEMAND, whitelist: [B, A] });
  expect(await state(daemon)).toEqual({
    jobs: [],
    whitelist_series_ids: [A, B],
    ondemand_max_jobs: 0,
    whitelist_ingest_enabled: false,
    ingest_role_guard_enabled: false,
    ingest_role: "hybrid",
    ingest_jobs_enabled: true,
    loop_guardrail_enabled: false,
  });
});

test("the state of jobs: pinned ones and counted ones, with and without breakers", async () => {
  const env = { ...ON_DEMAND, TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1" };
  const plain = await startTestDaemon({ env, whitelist: [B] });
  const feed = await plain.connect();
  feed.subscribe(A);
  feed.subscribe(B);
  await feed.settled();
  const job = { source: "binance_ws", last_zero_at: null, started_at: 1_700_000_400, crashes: 0, last_crash_at: null };
  expect((await state(plain)).jobs).toEqual([
    { series_id: A, ...job, refcount: 1, running: true, guardrail: null },
    { series_id: B, ...job, refcount: -1, running: true, guardrail: null },
  ]);
  const guarded = await startTestDaemon({
    env: { ...env, TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1" },
    whitelist: [B],
  });
  expect(await state(guarded)).toMatchObject({
    loop_guardrail_enabled: true,
    whitelist_ingest_enabled: true,
    jobs: [
      {
        series_id: B,
        guardrail: {
          enabled: true,
          state: expect.stringMatching(/^(closed|open|half_open)$/),
          config: {
            crash_budget: 5,
            budget_window_s: 60,
            backoff_initial_s: 1,
            backoff_max_s: 15,
            open_cooldown_s: 30,
          },
        },
      },
    ],
  });
});

test("subscribe counts once per connection, unsubscribe gives it back, disconnect gives back the rest", async () => {
  const daemon = await startTestDaemon({ env: ON_DEMAND });
  const one = await daemon.connect();
  one.subscribe(A);
  await one.settled();
  expect(await refcounts(daemon)).toEqual({ [A]: 1 });
  one.subscribe(A, { since: 5, supports_batch: true });
  await one.settled();
  expect(await refcounts(daemon)).toEqual({ [A]: 1 });
  const two = await daemon.connect();
  two.subscribe(A);
  two.subscribe(B);
  await two.settled();
  expect(await refcounts(daemon)).toEqual({ [A]: 2, [B]: 1 });
  one.send({ type: "unsubscribe", series_id: B });
  one.send({ type: "unsubscribe", series_id: "binance:spot:NOT/HELD:1m" });
  await one.settled();
  expect(await refcounts(daemon)).toEqual({ [A]: 2, [B]: 1 });
  one.send({ type: "unsubscribe", series_id: A });
  one.send({ type: "unsubscribe", series_id: A });
  await one.settled();
  expect(await refcounts(daemon)).toEqual({ [A]: 1, [B]: 1 });
  await two.end();
  await untilRefcounts(daemon, { [A]: 0, [B]: 0 });
  expect((await state(daemon)).jobs.map(({ last_zero_at }) => last_zero_at)).toEqual([1_700_000_400, 1_700_000_400]);
});

test("a connection that breaks gives back what it held, whatever it was doing", async () => {
  const daemon = await startTestDaemon({ env: ON_DEMAND });
  const feed = await daemon.connect();
  feed.subscribe(A);
  await feed.settled();
  // The last subscriptions are on their way when the connection is torn down.
  for (let index = 0; index < 20; index += 1) feed.subscribe(B, { since: index });
  feed.subscribe(A);
  feed.socket.terminate();
  await untilTrue("the references to be given back", async () =>
    Object.values(await refcounts(daemon)).every((n) => n === 0),
  );
  const again = await daemon.connect();
  again.subscribe(A);
  await again.settled();
  expect((await refcounts(daemon))[A]).toBe(1);
});

test("W11: beyond the capacity a series is refused, and nothing ever comes for it", async () => {
  const daemon = await startTestDaemon({ env: { ...ON_DEMAND, TRADE_CANVAS_ONDEMAND_MAX_JOBS: "1" } });
  const feed = await daemon.connect();
  feed.subscribe(A);
  feed.subscribe(B);
  await feed.settled();
  expect(feed.texts).toEqual([capacity(B)]);
  await ingest(daemon.url, B, 100);
  await ingest(daemon.url, A, 100);
  const messages = await feed.quiet();
  expect(messages.filter(({ series_id }) => series_id === B)).toHaveLength(1);
  expect(messages[1]).toEqual({ type: "candle_closed", series_id: A, candle: wire(100) });
  // Once nobody follows the first series, its place is free.
  feed.send({ type: "unsubscribe", series_id: A });
  feed.subscribe(B);
  await feed.settled();
  expect(await refcounts(daemon)).toEqual({ [B]: 1 });
});

test("a series that no exchange feeds is refused, also one whose id cannot be parsed", async () => {
  const daemon = await startTestDaemon({ env: ON_DEMAND });
  const feed = await daemon.connect();
  const series = ["kraken:spot:BTC/USD:1m", "binance:options:BTC/USDT:1m", "binance:spot:BTC/USDT:1w", "x"];
  for (const one of series) feed.subscribe(one);
  await feed.settled();
  expect(feed.texts).toEqual(series.map(capacity));
  expect(await refcounts(daemon)).toEqual({});
});

test("with on-demand ingest off any series may be followed, and no job is started", async () => {
  const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1" } });
  const feed = await daemon.connect();
  feed.subscribe("kraken:spot:BTC/USD:1m");
  await feed.settled();
  await ingest(daemon.url, "kraken:spot:BTC/USD:1m", 100);
  expect((await feed.settled())[0]).toMatchObject({ type: "candle_closed" });
  expect(await refcounts(daemon)).toEqual({});
});

test("a process that only reads starts no job and refuses nothing but ids that name nothing", async () => {
  const env = { ...ON_DEMAND, TRADE_CANVAS_ENABLE_INGEST_ROLE_GUARD: "1", TRADE_CANVAS_INGEST_ROLE: "read" };
  const daemon = await startTestDaemon({ env });
  const feed = await daemon.connect();
  feed.subscribe(A);
  feed.subscribe("x");
  await feed.settled();
  expect(feed.texts).toEqual(['{"type":"error","code":"bad_request","message":"invalid series_id"}']);
  expect(await state(daemon)).toMatchObject({ jobs: [], ingest_role: "read", ingest_jobs_enabled: false });
});

test("refused subscriptions are counted", async () => {
  const env = { ...ON_DEMAND, TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1" };
  const daemon = await startTestDaemon({ env });
  const feed = await daemon.connect();
  feed.subscribe("kraken:spot:BTC/USD:1m");
  await feed.settled();
  const { counters, gauges, timers } = (await call(daemon.url, "/api/market/debug/metrics")).json as Record<
    string,
    object
  >;
  expect(counters).toEqual({ "market_ws_subscribe_total{result=capacity}": 1 });
  expect(timers).toMatchObject({ "market_ws_subscribe_duration_ms{result=capacity}": { count: 1 } });
  expect(gauges).toEqual({});
});
