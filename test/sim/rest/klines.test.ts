import { describe, expect, it } from "vitest";
import { recordedSource } from "../../../src/sim/truth/recorded-source.js";
import { walkSource } from "../../../src/sim/truth/walk-source.js";
import { getJson, type Started, startExchange } from "../exchange-support.js";
import { MINUTE, PRECISION, rowAt, rows, symbolOf, T0 } from "../support.js";

const NOW = T0 + 120 * MINUTE + 30_000;

async function recorded(change: Parameters<typeof startExchange>[0] = {}): Promise<Started> {
  return startExchange({
    startMs: NOW,
    symbols: [symbolOf("BTCUSDT", recordedSource(rows(200), PRECISION))],
    ...change,
  });
}

type Row = [number, ...(string | number)[]];

async function askKlines(
  base: string,
  path: string,
  query: string,
): Promise<{ status: number; rows: Row[]; body: unknown }> {
  const { status, body } = await getJson(`${base}${path}?${query}`);
  return { status, body, rows: Array.isArray(body) ? (body as Row[]) : [] };
}

const spotKlines = ({ spot }: Started, query: string) =>
  askKlines(spot.restUrl, "/api/v3/klines", `symbol=BTCUSDT&${query}`);
const futuresKlines = ({ futures }: Started, query: string) =>
  askKlines(futures.restUrl, "/fapi/v1/klines", `symbol=BTCUSDT&${query}`);

/** Minutes after T0 of the rows. */
const minutesOf = (found: readonly Row[]): number[] => found.map(([openMs]) => (openMs - T0) / MINUTE);

describe("klines", () => {
  it("without times are the newest, the last of them forming", async () => {
    const started = await recorded();
    for (const ask of [spotKlines, futuresKlines]) {
      const { rows: found } = await ask(started, "interval=1m&limit=3");
      expect(minutesOf(found)).toEqual([118, 119, 120]);
      const [closed, forming] = [found[1]!, found[2]!];
      expect(closed[8]).toBeGreaterThan(forming[8] as number);
      expect(Number(closed[5])).toBe(12.5);
      expect(Number(forming[5])).toBeLessThan(12.5);
    }
  });

  it("with a start are the oldest from it, with an end the newest up to it, both inclusive", async () => {
    const started = await recorded();
    const ask = async (query: string) => minutesOf((await futuresKlines(started, query)).rows);
    const at = (minute: number, ms = 0): number => T0 + minute * MINUTE + ms;
    expect(await ask(`interval=1m&limit=2&startTime=${at(5)}`)).toEqual([5, 6]);
    expect(await ask(`interval=1m&limit=2&startTime=${at(5, 1)}`)).toEqual([6, 7]);
    expect(await ask(`interval=1m&limit=2&endTime=${at(5)}`)).toEqual([4, 5]);
    expect(await ask(`interval=1m&limit=2&endTime=${at(5, -1)}`)).toEqual([3, 4]);
    expect(await ask(`interval=1m&startTime=${at(5)}&endTime=${at(7)}`)).toEqual([5, 6, 7]);
    expect(await ask(`interval=1m&limit=2&startTime=${at(5)}&endTime=${at(7)}`)).toEqual([5, 6]);
    expect(await ask(`interval=5m&startTime=${at(5)}&endTime=${at(16)}`)).toEqual([5, 10, 15]);
    expect(await ask(`interval=1m&limit=2&startTime=0`)).toEqual([0, 1]);
    expect(await ask(`interval=1m&startTime=${at(119)}&endTime=${at(500)}`)).toEqual([119, 120]);
    expect(await ask(`interval=1m&startTime=${at(-9)}&endTime=${at(-3)}`)).toEqual([]);
  });

  it("have the limits of their market", async () => {
    const listed = walkSource({ seed: 1, startPrice: 9, listedMs: T0 - 3_000 * MINUTE });
    const started = await startExchange({ symbols: [symbolOf("BTCUSDT", listed)] });
    const count = async (ask: typeof spotKlines, query: string) => (await ask(started, query)).rows.length;
    expect(await count(spotKlines, "interval=1m")).toBe(500);
    expect(await count(spotKlines, "interval=1m&limit=1000")).toBe(1_000);
    expect(await count(spotKlines, "interval=1m&limit=5000")).toBe(1_000);
    expect(await count(futuresKlines, "interval=1m&limit=1500")).toBe(1_500);
    expect(await futuresKlines(started, "interval=1m&limit=1501")).toMatchObject({
      status: 400,
      body: { code: -1130, msg: "Data sent for parameter 'limit' is not valid." },
    });
    expect(await spotKlines(started, "interval=1m&limit=0")).toMatchObject({ status: 400, body: { code: -1130 } });
  });

  it("whose start is after their end are an error on futures and nothing on spot", async () => {
    const started = await recorded();
    const query = `interval=1m&startTime=${T0 + MINUTE}&endTime=${T0}`;
    expect(await futuresKlines(started, query)).toMatchObject({ status: 400, body: { code: -1023 } });
    expect(await spotKlines(started, query)).toMatchObject({ status: 200, body: [] });
  });

  it("skip what does not exist; fewer rows than the limit are not the end", async () => {
    const kept = rows(30).filter((_, minute) => minute < 10 || minute >= 20);
    const started = await recorded({ symbols: [symbolOf("BTCUSDT", recordedSource(kept, PRECISION))] });
    const ask = async (query: string) => minutesOf((await futuresKlines(started, query)).rows);
    expect(await ask(`interval=1m&limit=4&startTime=${T0 + 8 * MINUTE}`)).toEqual([8, 9, 20, 21]);
    expect(await ask(`interval=1m&startTime=${T0 + 10 * MINUTE}&endTime=${T0 + 19 * MINUTE}`)).toEqual([]);
    expect(await ask(`interval=5m&startTime=${T0}&endTime=${T0 + 29 * MINUTE}`)).toEqual([0, 5, 20, 25]);
  });

  it("have rows for closed minutes without trades, and none for an interval in which nothing traded yet", async () => {
    const flat = { volume: 0, open: 9, high: 9, low: 9, close: 9 };
    const source = recordedSource([rowAt(T0), rowAt(T0 + MINUTE, flat), rowAt(T0 + 2 * MINUTE, flat)], PRECISION);
    const started = await startExchange({ startMs: T0 + 2 * MINUTE + 1, symbols: [symbolOf("BTCUSDT", source)] });
    const { rows: found } = await spotKlines(started, "interval=1m");
    expect(minutesOf(found)).toEqual([0, 1]);
    expect(found[1]).toEqual([
      T0 + MINUTE,
      ...Array.from({ length: 4 }, () => "9.00000000"),
      "0.00000000",
      T0 + 2 * MINUTE - 1,
      "0.00000000",
      0,
      "0.00000000",
      "0.00000000",
      "0",
    ]);
  });

  it("speak microseconds on spot: times in either unit, answers as the header asks", async () => {
    const started = await recorded();
    const url = `${started.spot.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1&startTime=${T0 * 1_000}`;
    expect(((await getJson(url)).body as Row[])[0]?.[0]).toBe(T0);
    const micro = (await getJson(url, { "X-MBX-TIME-UNIT": "MICROSECOND" })).body as Row[];
    expect([micro[0]?.[0], micro[0]?.[6]]).toEqual([T0 * 1_000, (T0 + MINUTE) * 1_000 - 1]);
  });

  it("of continuous contracts and uiKlines are the same candles", async () => {
    const started = await recorded();
    const { body } = await futuresKlines(started, "interval=5m&limit=5");
    const continuous = await askKlines(
      started.futures.restUrl,
      "/fapi/v1/continuousKlines",
      "pair=BTCUSDT&contractType=PERPETUAL&interval=5m&limit=5",
    );
    expect(continuous.body).toEqual(body);
    const quarter = "pair=BTCUSDT&contractType=CURRENT_QUARTER&interval=5m";
    expect((await askKlines(started.futures.restUrl, "/fapi/v1/continuousKlines", quarter)).body).toMatchObject({
      code: -1130,
    });
    const ui = await askKlines(
      started.spot.restUrl,
      "/api/v3/uiKlines",
      "symbol=BTCUSDT&interval=5m&limit=2&timeZone=0",
    );
    expect(ui.rows).toHaveLength(2);
    expect((await spotKlines(started, "interval=1d&timeZone=8")).body).toMatchObject({ code: -1130 });
  });

  it.each([
    ["interval=1m&symbol=", 400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."],
    ["symbol=BTCUSDT", 400, -1102, "Mandatory parameter 'interval' was not sent, was empty/null, or malformed."],
    ["symbol=DOGEUSDT&interval=1m", 400, -1121, "Invalid symbol."],
    [
      "symbol=btcusdt&interval=1m",
      400,
      -1100,
      "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
    ],
    ["symbol=BTCUSDT&interval=1x", 400, -1120, "Invalid interval."],
    [
      "symbol=BTCUSDT&interval=1m&limit=ten",
      400,
      -1100,
      "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.",
    ],
    [
      "symbol=BTCUSDT&interval=1m&start_time=5",
      400,
      -1104,
      "Not all sent parameters were read; read '2' parameter(s) but was sent '3'.",
    ],
  ])("refuse %s", async (query, status, code, msg) => {
    const { spot, futures } = await recorded();
    expect(await askKlines(spot.restUrl, "/api/v3/klines", query)).toMatchObject({ status, body: { code, msg } });
    expect(await askKlines(futures.restUrl, "/fapi/v1/klines", query)).toMatchObject({ status, body: { code, msg } });
  });

  it.each([
    ["nothing", [117, 118]],
    ["unsettled", [118, 119]],
  ] as const)("that lag show %s of what closed since", async (lagShows, minutes) => {
    const rest = { lagMs: 40_000, lagShows };
    const started = await recorded({ futures: { rest } });
    const { rows: found } = await futuresKlines(started, "interval=1m&limit=2");
    expect(minutesOf(found)).toEqual(minutes);
    const last = found[1]!;
    expect((last[6] as number) < NOW).toBe(true);
    if (lagShows === "unsettled") expect(Number(last[5])).toBeLessThan(12.5);
    else expect(Number(last[5])).toBe(12.5);
    started.clock.advance(10_000);
    expect(minutesOf((await futuresKlines(started, "interval=1m&limit=2")).rows)).toContain(119);
  });

  it("agree with the stream's forming candle and with the truth", async () => {
    const started = await recorded();
    const { rows: found } = await futuresKlines(started, "interval=5m&limit=500");
    const truth = started.futures.journal.truth("BTCUSDT", "5m", T0, NOW);
    expect(found.slice(0, -1).map((row) => [row[0] / 1_000, ...row.slice(1, 6).map(Number)])).toEqual(
      truth.map(({ time, open, high, low, close, volume }) => [time, open, high, low, close, volume]),
    );
    expect(truth).toHaveLength(24);
  });
});
