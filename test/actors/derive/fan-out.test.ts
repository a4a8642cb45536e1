import { describe, expect, test } from "vitest";
import { DERIVE_RETRY_MS } from "../../../src/actors/derive/derived-series.js";
import { DERIVED_WAIT_MS } from "../../../src/actors/derive/fan-out.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { StoreError } from "../../../src/storage/errors.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { tempFolder } from "../../support/temp.js";
import { minute, openable, SERIES } from "../series/world.js";
import { derived, FIVE, startDerived, TIMEFRAMES } from "./world.js";

const FIFTEEN = derived("15m");

describe("closed buckets", () => {
  test("RS-V1 a bucket is stored, folded and published when its last base candle is, in every derived series", async () => {
    const world = await startDerived();
    await world.follow();
    await world.closeAll(0, 59);
    for (const { text } of TIMEFRAMES.targets) {
      const made = world.expected(text);
      expect(made.length, text).toBe({ "5m": 12, "15m": 4, "1h": 1 }[text] ?? 0);
      expect(world.read(derived(text)), text).toEqual(made);
      expect(world.published.closed(derived(text)), text).toEqual(made);
      for (const ledger of ["factor", "overlay"] as const) {
        expect(world.store.ledger(derived(text), ledger).head?.time, text).toBe(made.at(-1)?.time);
      }
    }
  });

  test("RS-V2 a bucket that lacks a base candle is never made", async () => {
    const world = await startDerived();
    const isLost = (time: number): boolean => time === minute(7);
    world.futures.withheld = ({ time }) => isLost(time);
    await world.follow();
    await world.closeAll(0, 6);
    await world.closeAll(8, 14);
    await world.at(16 * 60);
    expect(world.stored(SERIES)).not.toContain(minute(7));
    expect(world.stored(FIVE)).toEqual([minute(0), minute(10)]);
    expect(world.published.closedTimes(FIVE)).toEqual([minute(0), minute(10)]);
  });

  test("RS-V3 a base candle that comes late makes its bucket, in silence; no other bucket is written", async () => {
    const world = await startDerived();
    world.futures.withheld = ({ time }) => time === minute(7);
    await world.follow();
    await world.closeAll(0, 6);
    await world.closeAll(8, 14);
    await world.at(16 * 60);
    world.store.commits.length = 0;
    world.futures.final(SERIES, candleAt(minute(7)));
    await world.advance(0);
    expect(world.read(FIVE)).toEqual(world.expected("5m"));
    expect(world.stored(FIVE)).toEqual([minute(0), minute(5), minute(10)]);
    expect(world.published.closedTimes(FIVE)).toEqual([minute(0), minute(10)]);
    const written = world.store.commits.filter(({ series }) => series === FIVE).flatMap(({ upsert }) => upsert ?? []);
    expect(written.map(({ time }) => time)).toEqual([minute(5)]);
  });

  test("RS-V4 a corrected base candle corrects the buckets that it touches, and nothing is published as closed", async () => {
    const world = await startDerived();
    await world.follow();
    await world.closeAll(0, 16);
    const before = world.published.closedTimes(FIVE);
    world.futures.final(SERIES, { ...candleAt(minute(3)), high: 5_000 });
    await world.advance(0);
    expect(world.read(FIVE)).toEqual(world.expected("5m"));
    expect(world.read(FIVE)[0]?.high).toBe(5_000);
    expect(world.read(FIFTEEN)[0]?.high).toBe(5_000);
    expect(world.published.closedTimes(FIVE)).toEqual(before);
  });

  test("a bucket that the series has not come to is not made in silence: it is published in its turn", async () => {
    const world = await startDerived();
    await world.store.commit({ series: SERIES, upsert: candleSeries(minute(-5), 5) });
    await world.follow();
    const { runtime } = world;
    const filled = candleSeries(minute(0), 5);
    await runtime.ingest(parseSeriesId(SERIES), filled, runtime.policies.backfill);
    await world.advance(0);
    expect(world.stored(FIVE)).toEqual([minute(-5)]);
    world.futures.knows(SERIES, filled);
    await world.closeAll(5, 9);
    expect(world.published.closedTimes(FIVE)).toEqual([minute(-5), minute(0), minute(5)]);
  });

  test("RS-V5 candles of a base that HTTP posts are not derived", async () => {
    const world = await startDerived();
    await world.follow();
    const { runtime } = world;
    await runtime.ingest(parseSeriesId(SERIES), candleSeries(minute(0), 5), runtime.policies.http);
    await world.advance(0);
    expect(world.stored(FIVE)).toEqual([]);
  });
});

describe("order of publication", () => {
  /** What is published of one flush of fifteen minutes, in order. */
  const order = async (publishById: boolean): Promise<readonly string[]> => {
    const { runtime, published, advance } = await startDerived({ publishById });
    const flush = candleSeries(minute(0), 15);
    await runtime.ingest(parseSeriesId(SERIES), flush, runtime.policies.stream);
    await advance(0);
    return published.contents.map(({ series, content }) => {
      const count = content.type === "closed" ? content.candles.length : "";
      const what = content.type === "closed" ? content.grouping : content.type;
      return `${series.slice(series.lastIndexOf(":") + 1)} ${what} ${count}`.trim();
    });
  };
  const FIRST_OF = ["15m rebuilt", "5m rebuilt"];

  test("RS-V6 with the switch off the base comes first, then what is derived, in batches, and the base's notice last", async () => {
    const shown = await order(false);
    expect(shown.filter((one) => !FIRST_OF.includes(one))).toEqual([
      "1m batch 15",
      "15m batch 1",
      "5m batch 3",
      "1m rebuilt",
    ]);
    expect(shown).toHaveLength(6);
  });

  test("RS-V7 with the switch on all series come by their ids, and the base's notice last", async () => {
    const shown = await order(true);
    expect(shown.filter((one) => !FIRST_OF.includes(one))).toEqual([
      "15m single 1",
      "1m batch 15",
      "5m batch 3",
      "1m rebuilt",
    ]);
    expect(shown).toHaveLength(6);
  });
});

describe("failures", () => {
  const broken = (world: Awaited<ReturnType<typeof startDerived>>): void => {
    world.store.before = ({ series }) => {
      if (series === FIVE) throw new Error("disk full");
    };
  };

  test("RS-V8 a derived series that cannot be written costs the base nothing, and is made when it can", async () => {
    const world = await startDerived();
    await world.follow();
    broken(world);
    await world.closeAll(0, 6);
    expect(world.published.closedTimes(SERIES)).toEqual([0, 1, 2, 3, 4, 5, 6].map(minute));
    expect(world.stored(FIVE)).toEqual([]);
    expect(world.log.of("derive.failed").filter(({ level }) => level === "warn")).toHaveLength(1);
    world.store.before = () => undefined;
    await world.advance(DERIVE_RETRY_MS);
    expect(world.published.closed(FIVE)).toEqual(world.expected("5m"));
  });

  test("RS-V9 the base waits no longer than 250 ms for a derived series that hangs", async () => {
    const world = await startDerived();
    await world.follow();
    const hung = openable();
    world.store.before = ({ series }) => (series === FIFTEEN ? hung.promise : undefined);
    await world.closeAll(0, 14);
    expect(world.published.closedTimes(SERIES)).not.toContain(minute(14));
    await world.advance(DERIVED_WAIT_MS);
    expect(world.published.closedTimes(SERIES)).toContain(minute(14));
    expect(world.stored(FIVE)).toContain(minute(10));
    hung.open();
    await world.advance(0);
    expect(world.published.closed(FIFTEEN)).toEqual(world.expected("15m"));
  });

  test("a base that cannot be read is no crash of the series that is derived of it", async () => {
    const world = await startDerived();
    await world.follow();
    await world.closeAll(0, 3);
    const read = world.store.readBetween;
    // Only what is derived reads without an end: the base's own reads go on.
    world.store.readBetween = (series, fromS, toS, limit) => {
      if (series === SERIES && !Number.isFinite(toS))
        throw new StoreError("store_damaged", "a chunk fails its checksum");
      return read(series, fromS, toS, limit);
    };
    await world.close(4);
    expect(world.log.of("derive.failed").length).toBeGreaterThan(0);
    expect(world.log.of("actor.crashed")).toEqual([]);
    world.store.readBetween = read;
    await world.advance(DERIVE_RETRY_MS);
    expect(world.published.closed(FIVE)).toEqual(world.expected("5m"));
  });

  test("RS-V10 after a restart in the middle of a bucket the bucket is made of the candles from before and after it", async () => {
    const folder = tempFolder();
    const first = await startDerived({ folder });
    await first.follow();
    await first.closeAll(0, 7);
    await first.stop();
    await first.store.close();
    const second = await startDerived({ folder, startMs: minute(9) * 1000 + 5_000 });
    second.futures.knows(SERIES, candleSeries(minute(0), 9));
    await second.follow();
    await second.advance(40_000);
    await second.closeAll(9, 9);
    expect(second.stored(FIVE)).toEqual([minute(0), minute(5)]);
    expect(second.read(FIVE)).toEqual(second.expected("5m"));
    expect(second.published.closedTimes(FIVE)).toEqual([minute(5)]);
  });

  test("RS-V11 what a crash has kept from being derived is found by the heads when the feed begins", async () => {
    const world = await startDerived();
    const candles = candleSeries(minute(-30), 30);
    await world.store.commit({ series: SERIES, upsert: candles });
    const corrected = { ...(candles[2] as (typeof candles)[0]), low: 0 };
    await world.store.commit({ series: FIVE, upsert: world.expected("5m").slice(0, 3) });
    await world.store.commit({ series: SERIES, upsert: [corrected] });
    await world.follow();
    expect(world.read(FIVE)).toEqual(world.expected("5m"));
    expect(world.read(FIVE)[0]?.low).toBe(0);
    expect(world.published.closedTimes(FIVE)).toEqual([minute(-15), minute(-10), minute(-5)]);
  });
});
