/** What was absent at the source is asked for again. Spec: binance-protocol F32; docs/feed.md, "The gap ledger". */
import { expect, test } from "vitest";
import { RECHECK_POLL_MS } from "../../../src/actors/feed/gap-recheck.js";
import { candleAt } from "../../support/candles.js";
import { boom, startSeries, T0 } from "../series/world.js";

const SERIES = "binance:futures:BTC/USDT:1h";
const HOUR_S = 3_600;
const hour = (n: number): number => T0 + n * HOUR_S;

/** A series of hours whose second was absent at the source; at the end of the fourth hour. */
async function absentGap() {
  const world = await startSeries();
  const { exchange, advance, clock, store } = world;
  let next = 0;
  /** Goes on to `seconds` after T0, with the finals of the hours that close meanwhile. */
  const at = async (seconds: number): Promise<void> => {
    for (; (next + 1) * HOUR_S + 1 <= seconds; next += 1) {
      await advance((hour(next + 1) + 1) * 1000 - clock.now());
      if (next !== 1) exchange.final(SERIES, candleAt(hour(next)));
    }
    await advance((T0 + seconds) * 1000 - clock.now());
  };
  await world.follow({ series: SERIES });
  await at(2 * HOUR_S + 60);
  const gap = () => store.gaps(SERIES, { limit: 10 }).gaps[0];
  expect(gap()).toMatchObject({ state: "absent_at_source", fromTime: hour(1), toTime: hour(1), rechecks: 0 });
  const asked = () => exchange.asked.filter(({ afterTimeS }) => afterTimeS === hour(1) - 1).length;
  return { ...world, at, gap, asked };
}

test("after an hour: what the exchange has by then is stored, not published, and the gap is repaired", async () => {
  const { at, exchange, gap, stored, published } = await absentGap();
  exchange.knows(SERIES, [candleAt(hour(1))]);
  await at(3 * HOUR_S);
  expect(gap()).toMatchObject({ state: "absent_at_source" });
  await at(3 * HOUR_S + 600);
  expect(gap()).toMatchObject({ id: 1, state: "repaired" });
  expect(stored(SERIES)).toEqual([0, 1, 2].map(hour));
  expect(published.closedTimes(SERIES)).toEqual([0, 2].map(hour));
});

test("RS-G7 in vain: counted with the time of the check, and asked once more after a day, then never", async () => {
  const { at, gap, asked } = await absentGap();
  await at(3 * HOUR_S + 600);
  expect(gap()).toMatchObject({ state: "absent_at_source", rechecks: 1 });
  expect(asked()).toBe(1);
  await at(25 * HOUR_S);
  expect(asked()).toBe(1);
  await at(26 * HOUR_S + 900);
  expect(gap()).toMatchObject({ state: "absent_at_source", rechecks: 2 });
  await at(60 * HOUR_S);
  expect(asked()).toBe(2);
});

test("when REST fails, or the candles cannot be written, again after a pause", async () => {
  const { at, exchange, gap, store, asked, log } = await absentGap();
  exchange.knows(SERIES, [candleAt(hour(1))]);
  exchange.rest = boom;
  await at(3 * HOUR_S + 600);
  expect(gap()).toMatchObject({ state: "absent_at_source", rechecks: 0 });
  exchange.rest = () => undefined;
  store.before = boom;
  const before = asked();
  await at(3 * HOUR_S + 600 + RECHECK_POLL_MS / 1000);
  expect(asked()).toBe(before + 1);
  expect(gap()).toMatchObject({ state: "absent_at_source", rechecks: 0 });
  expect(log.of("candles.write_failed")).toMatchObject([{ fields: { gap: 1 } }]);
  store.before = () => undefined;
  await at(3 * HOUR_S + 600 + (2 * RECHECK_POLL_MS) / 1000);
  expect(gap()).toMatchObject({ state: "repaired" });
});

test("not by a feed that has been stopped", async () => {
  const { at, tree, gap, asked } = await absentGap();
  (await tree(SERIES)).stopFeed();
  await at(5 * HOUR_S);
  expect([gap(), asked()]).toMatchObject([{ rechecks: 0 }, 0]);
});

test("of a restarted feed too: the record remembers", async () => {
  const { at, restart, follow, exchange, gap } = await absentGap();
  await restart();
  await follow({ series: SERIES });
  exchange.knows(SERIES, [candleAt(hour(1))]);
  await at(3 * HOUR_S + 600);
  expect(gap()).toMatchObject({ id: 1, state: "repaired" });
});
