/** `GET /metrics` of a running daemon. */
import { expect, test, vi } from "vitest";
import { METRICS } from "../../../src/http/metrics/metric-table.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { parseExposition, type Scraped } from "../../support/exposition.js";
import { untilTrue } from "../../support/until.js";
import { call, candles, ingest, post } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const OPEN = {
  TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1",
  TRADE_CANVAS_ENABLE_DEV_API: "1",
  TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
  TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
};

async function scraped({ url }: TestDaemon): Promise<Scraped> {
  const { status, text, headers } = await call(url, "/metrics");
  expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  return parseExposition(text);
}

/** The value of the one sample with these labels. */
function value({ samples }: Scraped, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = samples.filter(
    (one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text),
  );
  expect(found.length, `${name} ${JSON.stringify(labels)}`).toBeLessThan(2);
  return found[0]?.value;
}

/** What only an exchange, a failure or a machine that is late has samples of. */
const NOT_HERE = [
  "trade_canvas_series_lag_seconds",
  "trade_canvas_series_message_age_seconds",
  "trade_canvas_series_final_age_seconds",
  "trade_canvas_connection_lag_seconds",
  "trade_canvas_connection_data_age_seconds",
  "trade_canvas_clock_offset_seconds",
  "trade_canvas_gaps_opened_total",
  "trade_canvas_gaps_closed_total",
  "trade_canvas_gaps_filled_late_total",
  "trade_canvas_actor_suspensions_total",
  "trade_canvas_mailbox_refused_total",
  "trade_canvas_candles_corrected_total",
  "trade_canvas_reconciled_buckets_total",
  "trade_canvas_reads_shed_total",
  "trade_canvas_event_loop_delay_seconds",
];

test("every sample has exactly the labels of its metric, and every metric that can has one", async () => {
  let crashes = 0;
  const daemon = await startTestDaemon({
    env: OPEN,
    whitelist: [SERIES],
    parts: {
      sinkFor: (topic) => ({
        publish: (content) => {
          crashes += 1;
          if (crashes === 1) throw new Error("no sink");
          return topic.publish(content);
        },
      }),
    },
  });
  for (const time of [60, 120]) await ingest(daemon.url, SERIES, time);
  await candles(daemon.url, SERIES);
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.settled();
  const isolated = { kind: "endpoint", name: "binance:futures" };
  expect((await post(daemon.url, "/api/dev/breakers/isolate", isolated)).status).toBe(200);
  const foreign = { headers: { host: "evil.example" } };
  expect((await call(daemon.url, "/healthz", foreign)).status).toBe(403);
  const { families, samples } = await scraped(daemon);
  expect([...families]).toEqual(Object.entries(METRICS).map(([name, { type, help }]) => [name, { type, help }]));
  for (const { family, name, labels } of samples) {
    const known: readonly string[] = METRICS[family as keyof typeof METRICS].labels;
    const expected = name.endsWith("_bucket") ? [...known, "le"] : known;
    expect(Object.keys(labels).sort(), name).toEqual([...expected].sort());
  }
  const sampled = new Set(samples.map(({ family }) => family));
  expect(Object.keys(METRICS).filter((name) => !sampled.has(name))).toEqual(NOT_HERE);
});

test("what happened is counted: commits, publications, crashes, posts, reads, clients", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const before = await scraped(daemon);
  expect(value(before, "trade_canvas_commit_seconds_count")).toBeUndefined();
  for (const time of [60, 120]) await ingest(daemon.url, SERIES, time);
  await candles(daemon.url, SERIES);
  const feed = await daemon.connect();
  feed.subscribe(SERIES);
  await feed.settled();
  const foreign = { headers: { host: "evil.example" } };
  for (const path of ["/healthz", "/metrics"]) expect((await call(daemon.url, path, foreign)).status).toBe(403);
  const after = await scraped(daemon);
  expect(value(after, "trade_canvas_commit_seconds_count")).toBe(2);
  expect(value(after, "trade_canvas_commit_seconds_bucket", { le: "+Inf" })).toBe(2);
  expect(value(after, "trade_canvas_publish_seconds_count")).toBe(2);
  expect(value(after, "trade_canvas_ingest_requests_total", { kind: "single", result: "ok" })).toBe(2);
  expect(value(after, "trade_canvas_candle_reads_seconds_count", { result: "ok" })).toBe(1);
  expect(value(after, "trade_canvas_ws_clients", { path: "/ws/market" })).toBe(1);
  expect(value(after, "trade_canvas_ws_clients", { path: "/ws/debug" })).toBe(0);
  expect(value(after, "trade_canvas_ws_subscriptions")).toBe(1);
  expect(value(after, "trade_canvas_actors", { level: "publisher", state: "running" })).toBe(1);
  expect(value(after, "trade_canvas_mailbox_waiting", { level: "ingest" })).toBe(0);
  expect(value(after, "trade_canvas_store_bytes")).toBeGreaterThan(4096);
  expect(value(after, "trade_canvas_access_refused_total", { code: "http.foreign_host" })).toBe(2);
  expect(value(after, "process_resident_memory_bytes")).toBeGreaterThan(1e7);
  await feed.end();
  await untilTrue(
    "the end of the client",
    async () => value(await scraped(daemon), "trade_canvas_ws_clients", { path: "/ws/market" }) === 0,
  );
  expect(value(await scraped(daemon), "trade_canvas_ws_subscriptions")).toBe(0);
});

test("feeds, budgets and lags are those of the feed's state", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const states = daemon.app.runtime.feedStates();
  const connection = { id: 1, state: "open", age_s: 9, data_age_s: 4, lag_ms: 20, streams: 1 } as const;
  const series = {
    series_id: SERIES,
    state: "live",
    reason: null,
    since: 1_700_000_390,
    verified_at: null,
    message_age_s: 1.5,
    final_age_s: 30,
    lag_ms: 250,
    connection,
  } as const;
  const behind = { ...connection, id: 2, data_age_s: null, lag_ms: 3_000 };
  const markets = states.markets.map((market) => ({
    ...market,
    connections: market.market === "spot" ? [] : [connection, behind],
    clock_offset_ms: -75,
    silence: { cause: "banned", for_s: 90 },
  }));
  vi.spyOn(daemon.app.runtime, "feedStates").mockReturnValue({ series: [series], markets });
  const now = await scraped(daemon);
  const futures = { market: "futures" };
  expect(value(now, "trade_canvas_series", { state: "live" })).toBe(1);
  expect(value(now, "trade_canvas_series", { state: "stalled" })).toBe(0);
  expect(value(now, "trade_canvas_series_state", { series: SERIES, state: "live" })).toBe(1);
  expect(value(now, "trade_canvas_series_state", { series: SERIES, state: "stalled" })).toBeUndefined();
  expect(value(now, "trade_canvas_series_state_seconds")).toBe(10);
  expect(value(now, "trade_canvas_series_lag_seconds")).toBe(0.25);
  expect(value(now, "trade_canvas_series_final_age_seconds")).toBe(30);
  expect(value(now, "trade_canvas_connections", futures)).toBe(2);
  expect(value(now, "trade_canvas_connection_lag_seconds", futures)).toBe(3);
  expect(value(now, "trade_canvas_connection_data_age_seconds", futures)).toBe(9);
  expect(value(now, "trade_canvas_connection_lag_seconds", { market: "spot" })).toBeUndefined();
  expect(value(now, "trade_canvas_clock_offset_seconds", futures)).toBe(-0.075);
  expect(value(now, "trade_canvas_rest_silence_seconds", futures)).toBe(90);
  expect(value(now, "trade_canvas_budget_limit", { ...futures, budget: "request_weight" })).toBe(2_400);
  expect(value(now, "trade_canvas_budget_used", { ...futures, budget: "connection_attempts" })).toBe(0);
});
