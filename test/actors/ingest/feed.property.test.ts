/**
 * The promise of the feed, under everything that can go wrong at once: every closed candle of a series is published
 * once, ascending, and what is stored is what the exchange knows, once it is quiet again.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fixedPause, Guardrail } from "../../../src/actors/breaker/retry-policy.js";
import { StoreError } from "../../../src/storage/errors.js";
import { candleAt } from "../../support/candles.js";
import { listen } from "../series/listener.js";
import { minute, SERIES, startSeries } from "../series/world.js";

const OTHER_MARKET = "binance:spot:BTC/USDT:1m";
const WATCHED = [SERIES, OTHER_MARKET] as const;

/** Minutes of trouble, and minutes of quiet after them: longer than every pause of breakers and repairs. */
const TROUBLED = 8;
const QUIET = 3;

/** How the final of one candle comes: after each of these delays, in milliseconds; not at all when there is none. */
const delivery = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 200, max: 2_500 }) },
    { weight: 2, arbitrary: fc.integer({ min: 2_500, max: 130_000 }) },
  ),
  { maxLength: 3 },
);

/** Milliseconds after the start of the trouble. */
const moment = fc.integer({ min: 0, max: TROUBLED * 60_000 });
const outage = fc.record({ fromMs: moment, forMs: fc.integer({ min: 1_000, max: 150_000 }) });

const trouble = fc.record({
  finals: fc.array(fc.tuple(delivery, delivery), { minLength: TROUBLED, maxLength: TROUBLED }),
  losses: fc.array(fc.record({ atMs: moment, series: fc.constantFrom(...WATCHED) }), { maxLength: 4 }),
  restAway: fc.array(outage, { maxLength: 2 }),
  restSlow: fc.array(outage, { maxLength: 1 }),
  diskFull: fc.array(outage, { maxLength: 1 }),
  crashes: fc.array(moment, { maxLength: 2 }),
  pageCandles: fc.integer({ min: 1, max: 4 }),
  guardrail: fc.boolean(),
});

type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

async function runThrough(plan: Trouble) {
  const world = await startSeries();
  const { exchange, store, clock, advance } = world;
  const startMs = clock.now();
  const isDuring = (outages: readonly { fromMs: number; forMs: number }[]) => {
    const atMs = clock.now() - startMs;
    return outages.some(({ fromMs, forMs }) => atMs >= fromMs && atMs < fromMs + forMs);
  };
  exchange.pageCandles = plan.pageCandles;
  exchange.rest = async () => {
    if (isDuring(plan.restSlow)) await new Promise<void>((resolve) => clock.setTimeout(resolve, 20_000));
    if (isDuring(plan.restAway)) throw new Error("REST is away");
  };
  store.before = () => {
    if (isDuring(plan.diskFull)) throw new StoreError("commit_failed", "the disk is full");
  };
  const listeners = new Map<string, Awaited<ReturnType<typeof listen>>>();
  for (const series of WATCHED) {
    const tree = await world.follow({ series }, plan.guardrail ? new Guardrail(clock) : fixedPause);
    listeners.set(series, await listen(tree, store));
  }

  const agenda: { readonly atMs: number; readonly act: () => void }[] = [];
  for (let n = 0; n < TROUBLED + QUIET; n += 1) {
    const closeMs = (n + 1) * 60_000;
    WATCHED.forEach((series, index) => {
      const candle = candleAt(minute(n), n + index / 10);
      agenda.push({ atMs: closeMs - 30_000, act: () => exchange.forming(series, { ...candle, close: -1 }) });
      agenda.push({ atMs: closeMs, act: () => exchange.knows(series, [candle]) });
      for (const delayMs of plan.finals[n]?.[index] ?? [1_000]) {
        agenda.push({ atMs: closeMs + delayMs, act: () => exchange.final(series, candle) });
      }
    });
  }
  for (const { atMs, series } of plan.losses) agenda.push({ atMs, act: () => exchange.lose(series) });
  for (const atMs of plan.crashes) {
    const crash = (): void => {
      store.beforeHead = () => {
        store.beforeHead = () => undefined;
        throw new Error("a page of the store is damaged");
      };
    };
    agenda.push({ atMs, act: crash });
  }
  for (const { atMs, act } of agenda.sort((a, b) => a.atMs - b.atMs)) {
    await advance(startMs + atMs - clock.now());
    act();
  }
  await advance(60_000);
  return { ...world, listeners };
}

test("RS-F22 whatever is lost, repeated, late or away: closed candles are published once, ascending, and none is missing", async () => {
  await fc.assert(
    fc.asyncProperty(trouble, async (plan) => {
      const { exchange, stored, store, published, listeners, stop } = await runThrough(plan);
      const truthTimes = Array.from({ length: TROUBLED + QUIET }, (_, n) => minute(n));
      for (const series of WATCHED) {
        expect(stored(series)).toEqual(truthTimes);
        expect(store.read(series, { limit: 1_000 }).candles()).toEqual(
          exchange.truth(series).slice(0, truthTimes.length),
        );
        expect(published.closedTimes(series)).toEqual(truthTimes);
        expect(store.unfilledGaps(series).gaps).toEqual([]);
        expect(listeners.get(series)?.closedTimes()).toEqual(truthTimes);
        expect(store.ledger(series, "factor").head?.time).toBe(truthTimes.at(-1));
        const forming = published.forming(series).map(({ time }) => time);
        expect(forming).toEqual([...forming].sort((a, b) => a - b));
      }
      await stop();
      await store.close();
    }),
    { numRuns: 25 },
  );
}, 30_000);

test("the plan above really does harm", async () => {
  const everything: Trouble = {
    finals: Array.from({ length: TROUBLED }, (_, n) => [n % 2 === 0 ? [] : [1_000, 1_200], [70_000]]),
    losses: [{ atMs: 100_000, series: SERIES }],
    restAway: [{ fromMs: 130_000, forMs: 60_000 }],
    restSlow: [],
    diskFull: [{ fromMs: 250_000, forMs: 30_000 }],
    crashes: [300_000],
    pageCandles: 2,
    guardrail: true,
  };
  const { log, ingestCrashes, exchange } = await runThrough(everything);
  const events = new Set(log.lines.map(({ event }) => event));
  for (const event of ["feed.lost", "hole.detected", "hole.repair_failed", "hole.repaired", "final.repeated"]) {
    expect(events).toContain(event);
  }
  expect(events.has("candles.write_failed")).toBe(true);
  expect(ingestCrashes.length).toBeGreaterThan(0);
  expect(exchange.asked.length).toBeGreaterThan(5);
});
