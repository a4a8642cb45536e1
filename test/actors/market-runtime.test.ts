import { describe, expect, test } from "vitest";
import { runPolicies } from "../../src/actors/ingest/policy.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { candleAt, candleSeries } from "../support/candles.js";
import { startRuntime } from "./market-runtime.world.js";
import { boom, minute, OTHER, SERIES, T0 } from "./series/world.js";

const SPOT = "binance:spot:BTC/USDT:1m";
const { http, batchSilent } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const id = parseSeriesId(SERIES);

describe("wiring", () => {
  test("the snapshot shows how the process was started", async () => {
    const whitelist = [SERIES, SPOT, OTHER];
    const settings = {
      whitelist,
      whitelistIngest: false,
      maxJobs: 7,
      roleGuard: true,
      role: "read",
    };
    const { runtime } = await startRuntime({ jobs: settings, runtime: { guardrail: false } });
    expect(runtime.ingestState()).toEqual({
      jobs: [],
      whitelist_series_ids: [...whitelist].sort(),
      ondemand_max_jobs: 7,
      whitelist_ingest_enabled: false,
      ingest_role_guard_enabled: true,
      ingest_role: "read",
      ingest_jobs_enabled: false,
      loop_guardrail_enabled: false,
    });
    expect([runtime.whitelist, runtime.onDemandIngest]).toEqual([whitelist, true]);
  });

  test("the guardrail switch decides between a breaker per series and a fixed pause", async () => {
    for (const guardrail of [true, false]) {
      const { runtime, futures, job, advance, log } = await startRuntime({ runtime: { guardrail } });
      runtime.hold(SERIES);
      await advance(0);
      futures.lose(SERIES);
      expect(job()?.guardrail).toEqual(guardrail ? expect.objectContaining({ consecutive_failures: 1 }) : null);
      expect(log.of("feed.lost")[0]?.fields.retry_in_s).toBe(guardrail ? 1 : 2);
      expect(runtime.ingestState().loop_guardrail_enabled).toBe(guardrail);
    }
  });

  test("series of a market are fed by that market's exchange", async () => {
    const { runtime, spot, futures, advance } = await startRuntime();
    runtime.hold(SERIES);
    runtime.hold(SPOT);
    await advance(0);
    expect([futures.isAttached(SERIES), futures.isAttached(SPOT)]).toEqual([true, false]);
    expect([spot.isAttached(SERIES), spot.isAttached(SPOT)]).toEqual([false, true]);
  });

  test.each([
    ["kraken:spot:BTC/USDT:1m", "unsupported exchange for realtime ingest: 'kraken'"],
    ["binance:options:BTC/USDT:1m", "unsupported market: 'options'"],
    ["nonsense", "series_id must be"],
    ["binance:spot:BTC/USDT:1w", "unsupported timeframe unit: 'w'"],
  ])("%s cannot be followed, and the reason is said", async (series, reason) => {
    const { runtime, log } = await startRuntime();
    expect(runtime.hold(series)).toBe(false);
    expect(log.of("subscription.refused")[0]?.fields.reason).toContain(reason);
  });
});

describe("a machine whose clock is wrong", () => {
  test.each([-60_000, 60_000])(
    "serves a returning client by the exchange's clock, %i ms away (F24)",
    async (offsetMs) => {
      const { runtime, futures, subscribe } = await startRuntime();
      futures.offsetMs = offsetMs;
      const now = Math.floor((T0 * 1000 + offsetMs) / 60_000) * 60;
      const closed = [now - 180, now - 120, now - 60];
      await runtime.ingest(
        id,
        closed.map((time) => candleAt(time)),
        http,
      );
      expect((await subscribe(SERIES, closed[1])).listener.closedTimes()).toEqual([closed[2]]);
      expect((await subscribe(SERIES, closed[2])).listener.closedTimes()).toEqual([]);
      expect(runtime.clockOf(id).now()).toBe(T0 * 1000 + offsetMs);
    },
  );

  test("has nothing but its own clock for series of no exchange", async () => {
    const { runtime, clock, futures } = await startRuntime();
    futures.offsetMs = 5_000;
    expect(runtime.clockOf(parseSeriesId("kraken:spot:BTC/USDT:1m")).now()).toBe(clock.now());
  });
});

describe("the whitelist", () => {
  test("RS-J12 is followed from the start; entries that cannot be are logged and skipped (B16)", async () => {
    const whitelist = ["kraken:spot:BTC/USDT:1m", SPOT, SERIES];
    const { runtime, log, spot, futures } = await startRuntime({ jobs: { whitelist } });
    expect(runtime.ingestState().jobs.map(({ series_id, refcount }) => [series_id, refcount])).toEqual([
      [SERIES, -1],
      [SPOT, -1],
    ]);
    expect([spot.isAttached(SPOT), futures.isAttached(SERIES)]).toEqual([true, true]);
    expect(log.of("whitelist.skipped")).toHaveLength(1);
    expect(runtime.whitelist).toEqual(whitelist);
  });

  test("is not followed when its ingest is off, or the role is read", async () => {
    const off = await startRuntime({ jobs: { whitelist: [SERIES], whitelistIngest: false } });
    const read = await startRuntime({ jobs: { whitelist: [SERIES], roleGuard: true, role: "read" } });
    const hybrid = await startRuntime({ jobs: { whitelist: [SERIES], roleGuard: true, role: "hybrid" } });
    expect([off, read, hybrid].map(({ runtime }) => runtime.ingestState().jobs.length)).toEqual([0, 0, 1]);
    expect(read.runtime.hold(SERIES)).toBe(true);
  });

  test("gets its history at the start", async () => {
    const { futures, stored, advance } = await startRuntime({
      startMs: (T0 + 3_600) * 1000,
      jobs: { whitelist: [SERIES], pinnedHistoryCandles: 20 },
    });
    futures.knows(SERIES, candleSeries(minute(0), 60));
    await advance(30_000);
    expect(stored()).toEqual(candleSeries(minute(40), 20).map(({ time }) => time));
  });
});

describe("a job on demand", () => {
  test("RS-J13 ends the subscription at the exchange after its idle time, checked every second (B19)", async () => {
    const { runtime, futures, advance, job } = await startRuntime();
    runtime.hold(SERIES);
    await advance(5_000);
    runtime.release(SERIES);
    await advance(59_000);
    expect(futures.isAttached(SERIES)).toBe(true);
    await advance(2_000);
    expect([futures.isAttached(SERIES), job()]).toEqual([false, undefined]);
  });

  test("that is evicted and asked for again in one turn is followed on behalf of its newest job", async () => {
    const { runtime, futures, advance, job } = await startRuntime({ jobs: { maxJobs: 1 } });
    for (const series of [SERIES, OTHER, SERIES]) {
      expect(runtime.hold(series)).toBe(true);
      runtime.release(series);
    }
    await advance(0);
    expect([futures.isAttached(SERIES), futures.isAttached(OTHER)]).toEqual([true, false]);
    futures.lose(SERIES);
    expect(job()?.guardrail?.consecutive_failures).toBe(1);
  });

  test("a stored series is not followed for having been written to", async () => {
    const { runtime, futures, advance } = await startRuntime();
    await runtime.ingest(id, [candleAt(minute(0))], http);
    await advance(60_000);
    expect(futures.calls).toEqual(["start"]);
  });
});

describe("a crash of the ingest actor", () => {
  test("RS-B1 is a failure of the job's breaker; the feed pauses, comes back, and fetches what it missed", async () => {
    const { runtime, futures, store, advance, job, stored, subscribe } = await startRuntime();
    const { listener } = await subscribe();
    runtime.hold(SERIES);
    await advance(61_000);
    futures.final(SERIES, candleAt(minute(0)));
    await advance(60_000);
    store.beforeHead = () => {
      store.beforeHead = () => undefined;
      throw new Error("a page of the store is damaged");
    };
    futures.final(SERIES, candleAt(minute(1)));
    await advance(0);
    expect(job()).toMatchObject({
      crashes: 1,
      last_crash_at: T0 + 121,
      running: true,
      guardrail: { consecutive_failures: 1, last_error: "a page of the store is damaged" },
    });
    expect(futures.isAttached(SERIES)).toBe(false);
    await advance(999);
    expect(futures.isAttached(SERIES)).toBe(false);
    await advance(1);
    expect(futures.isAttached(SERIES)).toBe(true);
    await advance(5_000);
    expect(stored()).toEqual([0, 1].map(minute));
    expect(listener.closedTimes()).toEqual([0, 1].map(minute));
  });

  test("RS-B2 over and over suspends the series alone; the reaper starts it again when its breaker allows", async () => {
    const { runtime, futures, store, advance, job, stored } = await startRuntime();
    for (const series of [SERIES, OTHER]) runtime.hold(series);
    await advance(61_000);
    for (const series of [SERIES, OTHER]) futures.final(series, candleAt(minute(0)));
    await advance(1_000);
    store.beforeHead = (series) => {
      if (series === SERIES) boom();
    };
    await runtime.ingest(id, [candleAt(minute(0))], http).catch(() => undefined);
    await advance(0);
    expect(job()).toMatchObject({ running: false, guardrail: { state: "open" } });
    expect(runtime.hold(SERIES)).toBe(false);
    store.beforeHead = () => undefined;
    await advance(29_000);
    expect(job()?.running).toBe(false);
    futures.final(OTHER, candleAt(minute(1)));
    await advance(40_000);
    expect(job()?.running).toBe(true);
    futures.final(SERIES, candleAt(minute(1)));
    await advance(20_000);
    expect([stored(), stored(OTHER)]).toEqual([[0, 1].map(minute), [0, 1].map(minute)]);
    expect(job()?.crashes).toBeGreaterThan(5);
    expect(job(OTHER)).toMatchObject({ crashes: 0, running: true });
  });
});

test("RS-C1 while the clock stands still nothing happens by itself, however long that takes", async () => {
  const { runtime, futures, settle, advance } = await startRuntime();
  runtime.hold(SERIES);
  await advance(0);
  futures.lose(SERIES);
  for (let round = 0; round < 20; round += 1) await settle();
  expect(futures.isAttached(SERIES)).toBe(false);
  await advance(999);
  expect(futures.isAttached(SERIES)).toBe(false);
  await advance(1);
  expect(futures.isAttached(SERIES)).toBe(true);
});

describe("a market of the exchange that crashes", () => {
  test("RS-S11 is restarted; its series attach again, and the other market goes on", async () => {
    const { runtime, futures, spot, advance } = await startRuntime();
    runtime.hold(SERIES);
    runtime.hold(SPOT);
    await advance(0);
    futures.crash(new Error("bug"));
    await advance(0);
    expect(futures.isAttached(SERIES)).toBe(false);
    await advance(1_000);
    expect(futures.calls.filter((call) => call === "start")).toHaveLength(2);
    expect([futures.isAttached(SERIES), spot.calls.filter((call) => call.startsWith("attach")).length]).toEqual([
      true,
      1,
    ]);
  });

  test("too often is left alone for 30 s", async () => {
    const { futures, advance, log } = await startRuntime();
    for (let n = 0; n < 6; n += 1) {
      futures.crash(new Error("bug"));
      await advance(0);
    }
    const starts = () => futures.calls.filter((call) => call === "start").length;
    expect([starts(), log.of("actor.suspended").length]).toEqual([6, 1]);
    await advance(29_999);
    expect(starts()).toBe(6);
    await advance(1);
    expect(starts()).toBe(7);
  });
});

describe("a gap that a subscriber meets", () => {
  test.each([
    ["is filled from the exchange when that is switched on", true],
    ["is only told when it is switched off", false],
  ])("%s", async (_what, on) => {
    const gapBackfill = on ? { readLimit: 5_000, timeoutMs: 10_000 } : undefined;
    const start = { startMs: (T0 + 3_600) * 1000, runtime: { gapBackfill } };
    const { runtime, futures, subscribe, settle } = await startRuntime(start);
    await runtime.ingest(id, [candleAt(minute(0))], batchSilent);
    const { listener } = await subscribe();
    futures.knows(SERIES, candleSeries(minute(1), 2));
    await runtime.ingest(id, [candleAt(minute(3))], http);
    await settle();
    expect(listener.closedTimes()).toEqual(on ? [0, 1, 2, 3].map(minute) : [0, 3].map(minute));
    expect(listener.of("gap")).toHaveLength(on ? 0 : 1);
  });
});

describe("a stop", () => {
  test("RS-T4 writes what was received, ends the series before the exchange, and leaves nothing running", async () => {
    const { runtime, futures, advance, stop, stored, clock, job } = await startRuntime({
      parts: { feed: { batchMax: 200, flushMs: 30_000, formingMinIntervalMs: 500 } },
      jobs: { whitelist: [SERIES] },
    });
    await advance(61_000);
    futures.final(SERIES, candleAt(minute(0)));
    await advance(100);
    futures.final(SERIES, candleAt(minute(1)));
    await advance(100);
    await stop();
    expect(stored()).toEqual([0, 1].map(minute));
    expect(futures.calls.slice(-2)).toEqual([`detach ${SERIES}`, "stop"]);
    expect([clock.pendingTimers, job()]).toEqual([0, undefined]);
    await expect(runtime.ingest(id, [candleAt(minute(2))], http)).rejects.toMatchObject({ code: "actor_unavailable" });
  });

  test("ends subscriptions' trees; unsubscribing afterwards is harmless", async () => {
    const { runtime, subscribe, stop } = await startRuntime();
    const { subscription, listener } = await subscribe();
    await runtime.ingest(id, [candleAt(minute(0))], http);
    await stop();
    runtime.unsubscribe(subscription);
    expect(listener.closedTimes()).toEqual([minute(0)]);
  });
});

test("a client that unsubscribed is sent nothing more; others are", async () => {
  const { runtime, subscribe } = await startRuntime();
  const one = await subscribe();
  const two = await subscribe();
  await runtime.ingest(id, [candleAt(minute(0))], http);
  runtime.unsubscribe(one.subscription);
  await runtime.ingest(id, [candleAt(minute(1))], http);
  runtime.publishForming(id, candleAt(minute(2)));
  expect(one.listener.closedTimes()).toEqual([minute(0)]);
  expect(two.listener.messages.map(({ type }) => type)).toEqual([
    "candle_closed",
    "system",
    "candle_closed",
    "candle_forming",
  ]);
});

describe("a clock that was moved", () => {
  test("RS-C4 has the exchange asked for its time, and then every series for what should have closed (F25)", async () => {
    const { runtime, futures, advance, clock, stored, log } = await startRuntime();
    runtime.hold(SERIES);
    await advance(60_000);
    futures.final(SERIES, candleAt(minute(0)));
    await advance(1_000);
    // The machine slept for two minutes: the exchange's clock is that far ahead, and nothing has come.
    clock.wallShiftMs = 120_000;
    futures.knows(SERIES, [candleAt(minute(1)), candleAt(minute(2))]);
    const askedBefore = futures.asked.length;
    // Before the feed would have asked by itself.
    await advance(7_000);
    expect(log.of("clock.moved")[0]?.fields).toEqual({ how: "jumped", by_ms: 120_000 });
    expect(futures.calls).toContain("clock jumped 120000");
    expect(futures.asked.length).toBeGreaterThan(askedBefore);
    expect(stored()).toEqual([minute(0), minute(1), minute(2)]);
  });
});
