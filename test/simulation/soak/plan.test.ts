import { describe, expect, test } from "vitest";
import { soakPlan } from "../../../src/simulation/soak/plan.js";

const DAY = { seed: 1, series: 1_000, hours: 24, ledgers: true };
const HOUR_MS = 3_600_000;

describe("the plan of a soak", () => {
  const plan = soakPlan(DAY);

  test("follows as many series as are asked for, seven of ten of them futures, each with a symbol of its own", () => {
    const of = (market: string) => plan.series.filter((series) => series.market === market);
    expect([of("futures").length, of("spot").length]).toEqual([700, 300]);
    expect(new Set(plan.series.map(({ id }) => id)).size).toBe(1_000);
    for (const { market, symbol, pinned } of plan.series) {
      expect(pinned).toBe(true);
      expect(plan.markets[market].symbols.some((listed) => listed.symbol === symbol)).toBe(true);
    }
  });

  test("lets a part of the symbols hardly trade", () => {
    const quiet = plan.markets.futures.symbols.filter(({ walk }) => (walk.quietShare ?? 0) > 0);
    expect(quiet.length).toBeGreaterThan(35);
    expect(quiet.length).toBeLessThan(140);
  });

  test("has all that a day brings, in order and within the run", () => {
    const kinds = plan.acts.map((act) => (act.type === "fault" ? act.fault.kind : act.type));
    for (const kind of ["network_reset", "rest-refusal", "offline", "strike", "crash", "restart"]) {
      expect(kinds).toContain(kind);
    }
    expect(kinds.filter((kind) => kind === "crash" || kind === "restart")).toEqual(["crash", "restart"]);
    const times = plan.acts.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.max(...times)).toBeLessThan(24 * HOUR_MS);
    const statuses = plan.acts.flatMap((act) =>
      act.type === "fault" && act.fault.kind === "rest-refusal" ? act.fault.status : [],
    );
    expect([statuses.includes(429), statuses.includes(418)]).toEqual([true, true]);
  });

  test("resets connections about once an hour, so that some of them live to their end", () => {
    for (const market of ["spot", "futures"] as const) {
      const resets = plan.acts.filter((act) => act.type === "network_reset" && act.market === market);
      expect(resets.length).toBeGreaterThan(10);
      expect(resets.length).toBeLessThan(40);
      const times = [0, ...resets.map(({ atMs }) => atMs)];
      const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
      expect(Math.max(...gaps)).toBeGreaterThan(1.5 * HOUR_MS);
    }
  });

  test("is the same for the same seed, and another for another", () => {
    expect(soakPlan(DAY)).toEqual(plan);
    expect(soakPlan({ ...DAY, seed: 2 }).acts).not.toEqual(plan.acts);
  });

  test("derives nothing when it is not to", () => {
    const { env } = soakPlan({ ...DAY, ledgers: false });
    expect(env).toMatchObject({ TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0", TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" });
    expect(plan.env).toMatchObject({ TRADE_CANVAS_ENABLE_FACTOR_INGEST: "1", TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "1" });
  });
});
