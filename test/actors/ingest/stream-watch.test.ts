/** When there is proof against a stream, and when there is none. F01-F03, F33; feed bounds B11, B12. */
import { describe, expect, test } from "vitest";
import { FIRST_SILENCE_MS, LONGEST_SILENCE_MS } from "../../../src/actors/ingest/stream-watch.js";
import { RestError } from "../../../src/exchange/binance/rest-errors.js";
import type { Candle } from "../../../src/market/candle.js";
import { candleAt } from "../../support/candles.js";
import { boom, minute, openable, SERIES, startSeries, T0 } from "../series/world.js";
import { liveSeries, minutes } from "./live-series.js";

const HOURLY = "binance:futures:BTC/USDT:1h";

const flat = (time: number): Candle => ({ ...candleAt(time), volume: 0 });

type Exchange = Awaited<ReturnType<typeof startSeries>>["exchange"];
const suspected = (exchange: Exchange): readonly string[] =>
  exchange.calls.filter((call) => call.startsWith("suspect"));

describe("a final that REST has and the stream did not bring", () => {
  test("RS-F24 is proof against the stream, and so is each further one", async () => {
    const { at, exchange, stored } = await liveSeries();
    exchange.knows(
      SERIES,
      [1, 2, 3].map((n) => candleAt(minute(n))),
    );
    await at(129);
    expect(suspected(exchange)).toEqual([]);
    await at(131);
    expect(suspected(exchange)).toEqual([`suspect ${SERIES}: no final of ${minute(1)}, of which REST has trades`]);
    await at(255);
    expect(suspected(exchange)).toHaveLength(3);
    expect(stored()).toEqual(minutes(0, 3));
  });

  test("is proof when the grace is over, if REST delivered it before", async () => {
    const { at, exchange, stored } = await liveSeries();
    exchange.knows(
      SERIES,
      [1, 2].map((n) => candleAt(minute(n))),
    );
    const gate = openable();
    exchange.rest = () => gate.promise;
    await at(184);
    gate.open();
    await at(189);
    // Both have been fetched, and only the first is overdue.
    expect([stored(), suspected(exchange).length]).toEqual([minutes(0, 2), 1]);
    await at(191);
    expect(suspected(exchange)[1]).toContain(`${minute(2)}`);
    await at(250);
    expect(suspected(exchange)).toHaveLength(2);
  });

  test("RS-F25 is none when it is flat, and none when the exchange has no candle: quiet or halted (F32, F33, B12)", async () => {
    const { at, exchange, stored } = await liveSeries();
    exchange.knows(
      SERIES,
      [1, 2].map((n) => flat(minute(n))),
    );
    await at(5 * 60 + 40);
    expect([suspected(exchange), stored()]).toEqual([[], minutes(0, 2)]);
  });

  test("is none when the stream brought it in time, and it only waits behind a hole", async () => {
    const { at, final, exchange, stored } = await liveSeries();
    exchange.knows(SERIES, [candleAt(minute(1))]);
    exchange.rest = boom;
    await at(181);
    final(2);
    exchange.rest = () => undefined;
    await at(230);
    // Its stream went on without it: one final was lost, the stream is not.
    expect([suspected(exchange), stored()]).toEqual([[], minutes(0, 2)]);
  });

  test("is none when it closed before there was a subscription, or as it began", async () => {
    const { exchange, follow, advance, stored, ingest, parts } = await startSeries();
    await ingest([candleAt(minute(-3))], parts.policies.http);
    exchange.knows(
      SERIES,
      [-2, -1, 0].map((n) => candleAt(minute(n))),
    );
    exchange.acknowledges = false;
    await follow();
    await advance(59_500);
    exchange.acknowledge(SERIES);
    await advance(40_000);
    expect([suspected(exchange), stored()]).toEqual([[], minutes(-3, 0)]);
  });

  test("is none while the stream is lost", async () => {
    const { at, exchange, stored } = await liveSeries();
    exchange.verdict = () => new Promise(() => undefined);
    exchange.lose(SERIES);
    exchange.knows(SERIES, [candleAt(minute(1))]);
    await at(140);
    expect([suspected(exchange), stored()]).toEqual([[], minutes(0, 1)]);
  });
});

describe("a silence of a long timeframe", () => {
  /** An hourly series that has shown a volume of 5 at minute 1, and what its stream and REST do from then on. */
  async function hourly() {
    const world = await startSeries();
    const { exchange, clock, advance } = world;
    const forming = (volume: number): Candle => ({ ...candleAt(T0), volume });
    const rest: { row: Candle | undefined } = { row: forming(5) };
    exchange.newestRow = () => rest.row;
    await world.follow({ series: HOURLY });
    await advance(50_000);
    exchange.forming(HOURLY, forming(5));
    const heardMs = clock.now();
    const askedAfter = () => exchange.newestAskedMs.map((atMs) => (atMs - heardMs) / 1000);
    return { ...world, forming, rest, askedAfter };
  }

  test("RS-F26 is looked into after a minute, and while REST agrees after twice the time, up to ten minutes", async () => {
    const { advance, askedAfter, exchange } = await hourly();
    await advance(FIRST_SILENCE_MS - 1);
    expect(askedAfter()).toEqual([]);
    await advance(3_000_000);
    expect(askedAfter().slice(0, 6)).toEqual([60, 180, 420, 900, 1_500, 2_100]);
    expect(askedAfter()[5]).toBe((askedAfter()[4] ?? 0) + LONGEST_SILENCE_MS / 1000);
    expect(suspected(exchange)).toEqual([]);
  });

  test("RS-F27 of which REST has more trades is proof, unless the stream brings them just then", async () => {
    const { advance, rest, forming, exchange } = await hourly();
    rest.row = forming(6);
    await advance(61_000);
    exchange.forming(HOURLY, forming(6));
    await advance(10_000);
    expect(suspected(exchange)).toEqual([]);
    rest.row = forming(7);
    await advance(60_000);
    expect(suspected(exchange)).toEqual([`suspect ${HOURLY}: silent, and REST has a volume of 7 at ${T0}`]);
    // It is not proof twice; what comes on top of it is.
    await advance(120_000);
    expect(suspected(exchange)).toHaveLength(1);
    rest.row = forming(8);
    await advance(240_000);
    expect(suspected(exchange)).toHaveLength(2);
  });

  test("of a candle that the stream has not begun is proof if it has trades", async () => {
    const { advance, rest, exchange } = await hourly();
    rest.row = { ...candleAt(T0 + 3_600), volume: 0 };
    await advance(70_000);
    expect(suspected(exchange)).toEqual([]);
    rest.row = { ...candleAt(T0 + 3_600), volume: 0.1 };
    await advance(120_000);
    expect(suspected(exchange)).toHaveLength(1);
  });

  test("from its start on is measured against what REST had first (F03, B11)", async () => {
    const { exchange, follow, advance } = await startSeries();
    let volume = 5;
    exchange.newestRow = () => ({ ...candleAt(T0), volume });
    await follow({ series: HOURLY });
    await advance(61_000);
    expect(suspected(exchange)).toEqual([]);
    volume = 6;
    await advance(65_000);
    expect(suspected(exchange)).toHaveLength(1);
  });

  test("is over with the first message: the next one is looked into after a minute again", async () => {
    const { advance, askedAfter, exchange, forming } = await hourly();
    await advance(1_000_000);
    expect(askedAfter()).toEqual([60, 180, 420, 900]);
    exchange.forming(HOURLY, forming(9));
    await advance(60_000);
    expect(askedAfter().at(-1)).toBe(1_060);
  });

  test("is asked about again when REST does not answer, and not after the end", async () => {
    const { advance, askedAfter, exchange, current } = await hourly();
    exchange.rest = () => {
      throw new RestError("network", "away");
    };
    await advance(200_000);
    expect(askedAfter()).toEqual([60, 120, 180]);
    await current.registry.stop("shutdown");
    await advance(600_000);
    expect(askedAfter()).toHaveLength(3);
  });

  test("of a minute is not looked into: its finals tell", async () => {
    const { at, exchange } = await liveSeries();
    await at(119);
    expect(exchange.newestAskedMs).toEqual([]);
  });
});

describe("candles that neither the stream nor REST brings", () => {
  test("RS-F29 are reason to ask whether the series still trades; one that does not is left alone (F36, B13)", async () => {
    const { at, exchange, log } = await liveSeries();
    const doubts = () => exchange.calls.filter((call) => call.startsWith("doubt")).length;
    await at(179);
    expect(doubts()).toBe(0);
    await at(191);
    expect(doubts()).toBe(1);
    exchange.standing = () => ({ type: "unusable", reason: "BTC/USDT does not trade" });
    await at(251);
    expect(log.of("feed.refused")[0]?.fields).toMatchObject({ reason: "BTC/USDT does not trade" });
    const asked = exchange.asked.length;
    await at(600);
    expect([exchange.asked.length, exchange.isAttached(SERIES), doubts()]).toEqual([asked, false, 2]);
  });

  test("are none while they come, nor when REST cannot be asked what trades", async () => {
    const { at, exchange, log } = await liveSeries();
    exchange.knows(
      SERIES,
      [1, 2, 3, 4].map((n) => flat(minute(n))),
    );
    await at(310);
    expect(exchange.calls.filter((call) => call.startsWith("doubt"))).toEqual([]);
    exchange.standing = () => undefined;
    await at(560);
    expect([log.of("feed.refused"), exchange.isAttached(SERIES)]).toEqual([[], true]);
  });
});
