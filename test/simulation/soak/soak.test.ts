/** A small soak: the daemon lives through it, and each thing that could go wrong is seen. */
import { describe, expect, test } from "vitest";
import type { ExchangeNetwork } from "../../../src/actors/endpoint/exchange-market.js";
import { runSoak, type SoakProgress } from "../../../src/simulation/soak/run.js";
import { soakSummary } from "../../../src/simulation/soak/summary.js";
import { droppingTenth } from "../breaking.js";

const LIMIT_MS = 60_000;
const TINY = { seed: 1, series: 4, hours: 0.3, ledgers: false };
/** Candles of a series before the run, which the start fetches, and the share of minutes that must be there. */
const HISTORY = 99;

const checksOf = ({ failures }: Awaited<ReturnType<typeof runSoak>>): readonly string[] => [
  ...new Set(failures.map(({ check }) => check)),
];

test("twenty series live through two hours with all that a day brings", { timeout: LIMIT_MS }, async () => {
  const progress: SoakProgress[] = [];
  const reading = { heapUsed: 50_000_000, arrayBuffers: 0, rss: 0 };
  const result = await runSoak({
    seed: 1,
    series: 20,
    hours: 2,
    ledgers: true,
    probe: () => reading,
    onHour: (hour) => progress.push(hour),
  });
  expect(result.failures).toEqual([]);
  expect(result.lives).toBe(3);
  expect(result.troubles).toEqual(
    expect.arrayContaining(["crash", "halt", "network_reset", "offline", "rest-refusal", "restart"]),
  );
  // Two hours and the calm less the halt and the last two minutes, of all series.
  expect(result.candles).toBeGreaterThan(20 * (HISTORY + 120));
  expect(result.gaps.repaired).toBeGreaterThan(0);
  expect([result.gaps.repairing, result.gaps.unrepairable]).toEqual([0, 0]);
  for (const market of [result.markets.spot, result.markets.futures]) {
    expect(market.attempts).toBeGreaterThan(3);
    expect(market.socketsPeak).toBeGreaterThan(0);
    expect(market.sockets).toBe(0);
    expect(Object.keys(market.refusals)).toEqual(expect.arrayContaining(["418", "429"]));
  }
  expect(progress.map(({ hour, memory }) => [hour, memory?.life])).toEqual([
    [1, 3],
    [2, 3],
  ]);
  const summary = soakSummary(result, { wallMs: 4_000, processorMs: 2_000 });
  expect(summary).toMatchObject({
    series: 20,
    wall_s: 4,
    candles_per_processor_s: Math.round(result.candles * 5) / 10,
  });
  expect(summary.memory).toMatchObject({ samples: [{ hour: 1, heap_mib: 47.7 }, { hour: 2 }] });
});

describe("is found in a soak:", () => {
  test("a candle that is not stored", async () => {
    expect(checksOf(await runSoak({ ...TINY, world: { wrapStore: droppingTenth } }))).toContain("store_complete");
  });

  test("a daemon that holds more sockets than it needs", async () => {
    const wrapNetwork = (network: ExchangeNetwork): ExchangeNetwork => ({
      ...network,
      dial: (url, events) => {
        for (let extra = 0; extra < 3; extra += 1) network.dial(url, { ...events, onOpen: () => undefined });
        return network.dial(url, events);
      },
    });
    expect(checksOf(await runSoak({ ...TINY, world: { wrapNetwork } }))).toContain("few_sockets");
  });

  test("a heap that grows", async () => {
    let heapUsed = 10_000_000;
    const probe = () => {
      heapUsed += 1_000_000;
      return { heapUsed, arrayBuffers: 0, rss: 0 };
    };
    const result = await runSoak({ ...TINY, series: 2, hours: 7, probe });
    expect(checksOf(result)).toEqual(["memory_flat"]);
    expect(soakSummary(result, { wallMs: 1, processorMs: 1 }).memory?.slope_kib_per_hour).toBeCloseTo(976.6, 0);
  });
});
