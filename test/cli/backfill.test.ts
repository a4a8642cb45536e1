import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BackfillReport, BackfillState } from "../../src/actors/feed/backfill-job.js";
import { readBackfillRequest } from "../../src/actors/feed/backfill-request.js";
import { backfillCommand } from "../../src/cli/backfill.js";
import { readBackfillPlan } from "../../src/cli/backfill-plan.js";
import { progressLine, summary, waitLine } from "../../src/cli/backfill-text.js";
import { BackfillWatch } from "../../src/cli/backfill-watch.js";
import { isoText, parseUtcTime } from "../../src/cli/utc-time.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { nowhereEnv } from "../support/world.js";

const BTC = "binance:futures:BTC/USDT:1m";

function listening() {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    env: { TRADE_CANVAS_LOG_LEVEL: "info" },
    stop: new AbortController().signal,
  };
  return { io, out, err };
}

const report = (state: BackfillState, change: Partial<BackfillReport> = {}): BackfillReport => ({
  state,
  range: { fromS: 0, toS: 5_999_940 },
  upToS: 2_999_940,
  candles: 100_000,
  candlesDone: 50_000,
  added: 40_000,
  absentCandles: 0,
  absent: [],
  ...change,
});

describe("times", () => {
  test.each([
    ["2025-05-06", 1_746_489_600_000],
    ["2025-05-06T12:30Z", 1_746_534_600_000],
    ["2025-05-06T12:30:05Z", 1_746_534_605_000],
    ["2024-02-29", 1_709_164_800_000],
    ["2025-12-31T23:59:59Z", 1_767_225_599_000],
  ])("%s", (text, ms) => {
    expect(parseUtcTime(text)).toBe(ms);
  });

  test.each([
    "2025-02-29",
    "2025-13-01",
    "2025-00-10",
    "2025-04-31",
    "2025-05-06T24:00Z",
    "2025-05-06T12:00",
    "now",
    "",
  ])("%j is none", (text) => {
    expect(parseUtcTime(text)).toBeUndefined();
  });

  test("what is printed is read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (timeS) => {
        expect(parseUtcTime(isoText(timeS))).toBe(timeS * 1_000);
      }),
    );
  });
});

describe("the plan", () => {
  test("Unix seconds and UTC are the same", () => {
    const { fromS, toS, waits, url } = readBackfillPlan([BTC, "--from", "1746489600", "--to", "2025-05-06"]);
    expect([fromS, toS, waits, url]).toEqual([1_746_489_600, 1_746_489_600, true, undefined]);
    const hasty = readBackfillPlan([BTC, "--from", "0", "--no-wait", "--url", "http://127.0.0.1:8001/", "--bare"]);
    expect(hasty).toMatchObject({ toS: undefined, waits: false, url: "http://127.0.0.1:8001", settings: undefined });
  });

  test.each([
    [["--from", "0"], "no series is given"],
    [[BTC], "--from is missing"],
    [[BTC, "ETH", "--from", "0"], "'ETH' is one series too many"],
    [[BTC, "--from", "yesterday"], "--from yesterday is not a time"],
    [[BTC, "--from", "0", "--to", "2025-02-30"], "--to 2025-02-30 is not a time"],
    [[BTC, "--from", "0", "--url", "localhost"], "--url localhost is not the http address"],
    [[BTC, "--from", "0", "--fast"], "--fast"],
  ])("%j is refused with 2 and the usage", async (args, text) => {
    const { io, err } = listening();
    expect(await backfillCommand.run(args, io)).toBe(2);
    expect(err.join("\n")).toContain(text);
    expect(err.join("\n")).toContain("usage: trade-canvas backfill");
  });

  test("a series or a range that cannot be is refused with 2 before anything is opened", async () => {
    const { io, err } = listening();
    const env = { ...nowhereEnv(), TRADE_CANVAS_DB_PATH: "/dev/null/store" };
    const run = (...args: string[]) => backfillCommand.run([...args, "--bare"], { ...io, env });
    expect(await run("BTC", "--from", "0")).toBe(2);
    expect(await run(BTC, "--from", "120", "--to", "60")).toBe(2);
    expect(err).toEqual([
      expect.stringMatching(/^trade-canvas backfill: 'BTC' cannot be fetched/),
      expect.stringContaining("to 60 is before from 120"),
    ]);
    expect(await run(BTC, "--from", "0")).toBe(1);
    expect(err[2]).toContain("/dev/null/store");
  });

  test("--help tells the exit codes", async () => {
    const { io, out } = listening();
    expect(await backfillCommand.run(["--help"], io)).toBe(0);
    expect(out.join("\n")).toMatch(/Exit code 0: .*1: .*2: .*3: .*130: /s);
  });
});

describe("what is said", () => {
  test("progress: percent, candles, rate, time left, weight", () => {
    expect(progressLine(report({ type: "running" }), { used: 412, limit: 2_400 }, 100_000)).toBe(
      "50.0 %  50,000 of 100,000 candles, 40,000 stored  500/s  1:40 left  weight 412 of 2,400 a minute",
    );
    const slow = report({ type: "running" }, { candlesDone: 5, candles: 100_000 });
    expect(progressLine(slow, null, 1_000)).toBe("0.0 %  5 of 100,000 candles, 40,000 stored  5/s  5:33:19 left");
    expect(progressLine(report({ type: "queued" }, { candlesDone: 0 }), null, 0)).toMatch(
      /\? left {2}waits for another/,
    );
  });

  test("waits", () => {
    expect(waitLine(1_746_489_600_000, "banned: no", true)).toBe(
      "the exchange demands a pause, goes on at 2025-05-06 00:00:00 UTC: banned: no",
    );
    expect(waitLine(1_746_489_600_000, "network: no", false)).toMatch(/^failed, goes on at/);
  });

  test("the summary: what was stored, what is absent and where, what is left and why", () => {
    expect(summary(BTC, 60, report({ type: "failed", error: "network: no" }))).toBe(
      [
        `${BTC} from 1970-01-01T00:00:00Z to 1970-03-11T10:39:00Z: 100,000 candles`,
        "  stored            40,000",
        "  there before      10,000",
        "  absent at source  0",
        "  not finished      1970-02-04T17:20:00Z to 1970-03-11T10:39:00Z (50,000): network: no",
      ].join("\n"),
    );
    const absent = Array.from({ length: 22 }, (_, i) => ({ fromS: i * 600, toS: i * 600 + 60 }));
    const whole = summary(BTC, 60, report({ type: "done" }, { absent, absentCandles: 44 }));
    expect(whole).toContain("    1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (2)\n");
    expect(whole.split("\n").at(-1)).toBe("    and 2 more ranges");
  });
});

test("progress is told every two seconds, a wait once, and the end always, with its exit code", () => {
  const { io, out, err } = listening();
  const clock = new SimulatedClock();
  const request = readBackfillRequest(BTC, 0, 5_999_940, 1_746_489_600_000);
  const watch = new BackfillWatch(io, clock, request);
  const waiting = report({ type: "waiting", untilMs: 5_000, error: "banned: no", isDemanded: true });
  for (let second = 0; second < 4; second += 1) {
    watch.show(report({ type: "running" }), null);
    clock.advance(1_000);
  }
  expect(err).toHaveLength(2);
  watch.show(waiting, null);
  watch.show(waiting, null);
  expect(err.slice(2)).toEqual(["the exchange demands a pause, goes on at 1970-01-01 00:00:05 UTC: banned: no"]);
  const codes = (["done", "stopped"] as const).map((type) => watch.end(report({ type }), null));
  const refused = watch.end(report({ type: "refused", untilMs: 0, error: "banned: no" }), null);
  expect([...codes, refused, watch.end(report({ type: "failed", error: "x" }), null)]).toEqual([0, 130, 3, 1]);
  expect(out).toHaveLength(4);
  expect(err.filter((line) => line.includes("goes on where this one ended"))).toHaveLength(3);
});
