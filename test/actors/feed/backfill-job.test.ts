import { describe, expect, test } from "vitest";
import {
  BackfillJob,
  type BackfillJobOptions,
  type BackfillReport,
  MAX_ABSENT_RANGES,
  MAX_FAILURES,
} from "../../../src/actors/feed/backfill-job.js";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { RestError, type RestErrorCode } from "../../../src/exchange/binance/rest-errors.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { candleSeries } from "../../support/candles.js";
import { boom, minute, openable, SERIES, startSeries, T0 } from "../series/world.js";

const { backfill } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const id = parseSeriesId(SERIES);

async function jobOf(minutes: number, change: Partial<BackfillJobOptions> = {}) {
  const world = await startSeries({ startMs: (T0 + 20_000 * 60) * 1000 });
  const { store, exchange, clock, ingest } = world;
  const states: string[] = [];
  const reports: BackfillReport[] = [];
  const job = new BackfillJob({
    request: { series: id, range: { fromS: minute(0), toS: minute(minutes - 1) } },
    store,
    exchange,
    clock,
    random: () => 1,
    fill: async (candles) => {
      await ingest(candles, backfill);
    },
    waits: true,
    onChange: (report) => {
      reports.push(report);
      if (states.at(-1) !== report.state.type) states.push(report.state.type);
    },
    ...change,
  });
  exchange.knows(SERIES, candleSeries(minute(0), minutes));
  return { ...world, job, states, reports };
}

/** Throws an error of the exchange, some number of times. */
const failing = (times: number, code: RestErrorCode, retryAfterMs?: number) => {
  let left = times;
  return (): void => {
    if (left <= 0) return;
    left -= 1;
    throw new RestError(code, "no", retryAfterMs === undefined ? {} : { retryAfterMs });
  };
};

describe("a job", () => {
  test("goes through its range and reports what it has done after every step", async () => {
    const { job, exchange, stored, reports, states } = await jobOf(2_500);
    expect(job.report()).toMatchObject({ state: { type: "queued" }, candles: 2_500, candlesDone: 0, upToS: null });
    await job.run();
    expect(stored()).toHaveLength(2_500);
    expect(states).toEqual(["running", "done"]);
    expect([...new Set(reports.map(({ candlesDone }) => candlesDone))]).toEqual([0, 1_000, 2_000, 2_500]);
    expect(job.report()).toMatchObject({ added: 2_500, absentCandles: 0, upToS: minute(2_499) });
    expect(exchange.asked.every(({ priority }) => priority === "bulk")).toBe(true);
    expect(exchange.calls).toContain(`verify ${SERIES}`);
  });

  test("joins what is absent at the source over its steps, and keeps no more ranges than it may", async () => {
    const { job, exchange } = await jobOf(6_000);
    exchange.withheld = ({ time }) => time >= minute(900) && time < minute(1_100);
    await job.run();
    expect(job.report()).toMatchObject({ absentCandles: 200, absent: [{ fromS: minute(900), toS: minute(1_099) }] });

    const many = await jobOf(6_000);
    many.exchange.withheld = ({ time }) => (time / 60) % 2 === 0;
    await many.job.run();
    expect(many.job.report()).toMatchObject({ state: { type: "done" }, absentCandles: 3_000 });
    expect(many.job.report().absent).toHaveLength(MAX_ABSENT_RANGES);
  });

  test.each(["rate_limited", "banned", "blocked", "silenced"] as const)(
    "RS-H3 %s: waits exactly as long as told, then goes on behind the last page",
    async (code) => {
      const { job, exchange, advance, states, stored } = await jobOf(1_500);
      let asked = 0;
      const refuse = failing(1, code, 90_000);
      exchange.rest = () => {
        asked += 1;
        if (asked > 2) refuse();
      };
      const running = job.run();
      await advance(89_000);
      expect(job.report()).toMatchObject({
        state: { type: "waiting", isDemanded: true, error: `${code}: no` },
        candlesDone: 1_000,
      });
      const before = exchange.asked.length;
      await advance(1_000);
      await running;
      expect(exchange.asked[before]).toMatchObject({ afterTimeS: minute(1_000) - 1 });
      expect([states, stored().length]).toEqual([["running", "waiting", "running", "done"], 1_500]);
    },
  );

  test("that may not wait is refused when a wait is demanded, and keeps what it has", async () => {
    const { job, exchange, stored } = await jobOf(1_500, { waits: false });
    let asked = 0;
    exchange.rest = () => {
      asked += 1;
      if (asked > 2) throw new RestError("banned", "no", { retryAfterMs: 90_000 });
    };
    await job.run();
    expect(job.report()).toMatchObject({ state: { type: "refused", error: "banned: no" }, upToS: minute(999) });
    expect(stored()).toHaveLength(1_000);
  });

  test("tries again after an outage with growing pauses, and no step between gives up after a number of them", async () => {
    const { job, exchange, advance, clock } = await jobOf(10);
    exchange.rest = failing(100, "network");
    const running = job.run();
    await advance(600_000);
    await running;
    expect(job.report().state).toEqual({ type: "failed", error: "network: no" });
    const pauses = exchange.asked.map(({ atMs }) => atMs - (T0 + 20_000 * 60) * 1000);
    expect(pauses).toEqual([0, 2_000, 6_000, 14_000, 30_000, 62_000, 122_000, 182_000]);
    expect([exchange.asked.length, clock.pendingTimers]).toEqual([MAX_FAILURES, 0]);
  });

  test("never gives up because it was made to wait", async () => {
    const { job, exchange, advance } = await jobOf(10);
    exchange.rest = failing(2 * MAX_FAILURES, "rate_limited", 60_000);
    const running = job.run();
    await advance(2 * MAX_FAILURES * 60_000);
    await running;
    expect(job.report().state).toEqual({ type: "done" });
  });

  test("forgets failures with every step that succeeds", async () => {
    const { job, exchange, advance } = await jobOf(6_000);
    let asked = 0;
    exchange.rest = () => {
      asked += 1;
      if (asked % 3 !== 0) boom();
    };
    exchange.pageCandles = 2_000;
    const running = job.run();
    await advance(600_000);
    await running;
    expect(job.report().state).toEqual({ type: "done" });
  });

  test.each(["invalid_symbol", "restricted", "bad_request", "unexpected_shape"] as const)(
    "%s: gives up at once, as no waiting helps",
    async (code) => {
      const { job, exchange } = await jobOf(10);
      exchange.rest = failing(1, code);
      await job.run();
      expect(job.report().state).toEqual({ type: "failed", error: `${code}: no` });
    },
  );

  test("does not take a candle that is not final for absent: it asks again", async () => {
    const { job, exchange, advance } = await jobOf(10);
    exchange.offsetMs = -(20_000 - 9) * 60_000;
    const running = job.run();
    await advance(1_000);
    expect(job.report()).toMatchObject({ state: { type: "waiting", isDemanded: false }, absentCandles: 0 });
    exchange.offsetMs = 0;
    await advance(60_000);
    await running;
    expect(job.report()).toMatchObject({ state: { type: "done" }, added: 10, absentCandles: 0 });
  });
});

describe("a stop", () => {
  test("during a wait ends it at once; before it began nothing is asked; while the market verifies, likewise", async () => {
    const waiting = await jobOf(10);
    waiting.exchange.rest = failing(1, "banned", 3_600_000);
    const running = waiting.job.run();
    await waiting.advance(1_000);
    waiting.job.stop();
    await running;
    expect(waiting.job.report().state).toEqual({ type: "stopped" });

    const early = await jobOf(10);
    early.job.stop();
    await early.job.run();
    expect([early.job.report().state.type, early.exchange.asked]).toEqual(["stopped", []]);

    const verifying = await jobOf(10);
    verifying.exchange.verdict = () => new Promise(() => undefined);
    const held = verifying.job.run();
    verifying.job.stop();
    await held;
    expect(verifying.job.report().state).toEqual({ type: "stopped" });
  });

  test("during a page lets the page be stored whole", async () => {
    const gate = openable();
    const { job, stored, ingest, advance } = await jobOf(1_500, {
      fill: async (candles) => {
        job.stop();
        await gate.promise;
        await ingest(candles, backfill);
      },
    });
    const running = job.run();
    await advance(0);
    gate.open();
    await running;
    expect([job.report().state.type, stored().length]).toEqual(["stopped", 1_000]);
  });
});
