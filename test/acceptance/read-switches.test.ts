/**
 * Scenario A-2, and the table of the two read switches: what every read of the ledgers answers, strict or not, with or
 * without implicit recompute, while the ledgers are current, behind, switched off or forgotten; and whether it wrote.
 */
import { describe, expect, test } from "vitest";
import { loadSettings } from "../../src/config/load.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { type CandleRow, candlesOf, loadVector } from "../factors/model/vectors.js";
import { debugEvents } from "../http/debug-events.js";
import { call } from "../http/request.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { flat, ingest } from "../support/http.js";
import { tempFolder } from "../support/temp.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const ID = parseSeriesId(SERIES);
const QUERY = `?series_id=${encodeURIComponent(SERIES)}`;

const switches = (strict: boolean, implicit: boolean) => ({
  TRADE_CANVAS_ENABLE_READ_STRICT_MODE: strict ? "1" : "0",
  TRADE_CANVAS_ENABLE_READ_IMPLICIT_RECOMPUTE: implicit ? "1" : "0",
});

/** What shows that something was computed: ledgers, their generations, and events of writes. */
async function traces(daemon: TestDaemon) {
  const { store } = daemon.app;
  const writes = (await debugEvents(daemon)).filter(({ pipe }) => pipe === "write").length;
  return { factor: store.ledger(SERIES, "factor"), overlay: store.ledger(SERIES, "overlay"), writes };
}

describe("A-2: two candles, the factor ledger at the first or nowhere", () => {
  const HEAD = 1_700_000_060;

  async function stale(env: Readonly<Record<string, string>>, known: 0 | 1): Promise<TestDaemon> {
    const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1", ...env } });
    if (known === 1) expect((await ingest(daemon.url, SERIES, flat(1_700_000_000, 1))).status).toBe(200);
    const stored = [flat(1_700_000_000, 1), flat(HEAD, 2)].slice(known);
    await daemon.app.store.commit({
      series: SERIES,
      upsert: stored.map(({ candle_time: time, ...prices }) => ({ time, ...prices })),
    });
    return daemon;
  }
  const slices = ({ url }: TestDaemon) => call(url, `/api/factor/slices${QUERY}&at_time=${HEAD}`);

  test.each([0, 1] as const)("1: plain reads read what is there, and write nothing (%s known)", async (known) => {
    const daemon = await stale(switches(false, false), known);
    const before = await traces(daemon);
    const answer = await slices(daemon);
    expect([answer.status, answer.json.candle_id]).toEqual([200, `${SERIES}:${HEAD}`]);
    expect(await traces(daemon)).toEqual(before);
  });

  test.each([0, 1] as const)("2: with implicit recompute the ledger is brought up first (%s known)", async (known) => {
    const daemon = await stale(switches(false, true), known);
    const answer = await slices(daemon);
    expect([answer.status, answer.json.candle_id]).toEqual([200, `${SERIES}:${HEAD}`]);
    expect(daemon.app.store.ledger(SERIES, "factor").head?.time).toBe(HEAD);
    const after = await traces(daemon);
    await slices(daemon);
    expect(await traces(daemon)).toEqual(after);
  });

  test.each([false, true])("3: the switch has one value in settings, wiring and reads (%s)", async (value) => {
    const env = switches(false, value);
    const { ledgers } = (await startTestDaemon({ env })).app;
    expect(loadSettings(env).settings.enableReadImplicitRecompute).toBe(value);
    expect(ledgers.implicitRecompute).toBe(value);
  });

  test.each([false, true])("4: strict reads refuse, whatever implicit recompute is (%s)", async (implicit) => {
    for (const known of [0, 1] as const) {
      const daemon = await stale(switches(true, implicit), known);
      const before = await traces(daemon);
      const answer = await slices(daemon);
      expect([answer.status, answer.json]).toEqual([409, { detail: "ledger_out_of_sync:factor" }]);
      expect(await traces(daemon)).toEqual(before);
    }
  });

  test("6: with current ledgers, factor, draw and world answers carry the same candle id", async () => {
    for (const [strict, implicit] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const daemon = await startTestDaemon({ env: switches(strict, implicit) });
      for (const candle of [flat(1_700_000_000, 1), flat(HEAD, 2)]) await ingest(daemon.url, SERIES, candle);
      const id = `${SERIES}:${HEAD}`;
      expect((await slices(daemon)).json.candle_id).toBe(id);
      expect((await call(daemon.url, `/api/draw/delta${QUERY}&at_time=${HEAD}`)).json.to_candle_id).toBe(id);
      const frame = await call(daemon.url, `/api/frame/at_time${QUERY}&at_time=${HEAD}`);
      expect(frame.json).toMatchObject({
        time: { candle_id: id },
        factor_slices: { candle_id: id },
        draw_state: { to_candle_id: id },
      });
    }
  });
});

const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
const LAST = 2_640;

/** Each read of the table, by what it is called there. */
const READS = {
  slices: `/api/factor/slices${QUERY}&at_time=${LAST}`,
  draw: `/api/draw/delta${QUERY}`,
  "draw at": `/api/draw/delta${QUERY}&at_time=${LAST}`,
  "draw since": `/api/draw/delta${QUERY}&cursor_version_id=9`,
  "draw since, at": `/api/draw/delta${QUERY}&cursor_version_id=9&at_time=${LAST}`,
  live: `/api/frame/live${QUERY}`,
  "frame at": `/api/frame/at_time${QUERY}&at_time=${LAST}`,
  poll: `/api/delta/poll${QUERY}`,
  "poll since": `/api/delta/poll${QUERY}&after_id=9`,
} as const;
type Read = keyof typeof READS;

/** `200` answered as it is, `200+` after something was computed, `404 …` and `409 …` with their `detail`. */
type Outcome = "200" | "200+" | "404 no_overlay" | "409 factor" | "409 overlay" | "409+ overlay";

interface Situation {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Brings the series of 44 candles into the situation. */
  readonly arrange: (daemon: TestDaemon) => Promise<void>;
  /** In the order of the reads; per combination of strict and implicit. Strict reads are the same with both. */
  readonly plain: readonly Outcome[];
  readonly computing: readonly Outcome[];
  readonly strict: readonly Outcome[];
}

async function ingestBatch(daemon: TestDaemon, rows: readonly CandleRow[]): Promise<void> {
  const { runtime } = daemon.app;
  await runtime.ingest(ID, candlesOf([...rows]), runtime.policies.batchSilent);
}

const all = (outcome: Outcome): Outcome[] => Object.keys(READS).map(() => outcome);

const SITUATIONS: readonly Situation[] = [
  {
    name: "ledgers are current",
    arrange: (daemon) => ingestBatch(daemon, candles),
    plain: all("200"),
    computing: all("200"),
    strict: all("200"),
  },
  {
    name: "both ledgers lag behind by four candles",
    arrange: async (daemon) => {
      await ingestBatch(daemon, candles.slice(0, -4));
      await daemon.app.store.commit({ series: SERIES, upsert: candlesOf(candles.slice(-4)) });
    },
    // A time that is not drawn yet is refused; without one, what is drawn is shown.
    plain: ["200", "200", "409 overlay", "200", "409 overlay", "200", "409 overlay", "200", "200"],
    computing: ["200+", "200+", "200+", "200", "409 overlay", "200+", "200+", "200+", "200+"],
    strict: [
      ...(["409 factor", "409 overlay", "409 overlay", "409 overlay", "409 overlay"] as const),
      // The live frame is that of the newest candle that both know.
      ...(["200", "409 factor", "409 overlay", "409 overlay"] as const),
    ],
  },
  {
    name: "factor ingest is off",
    env: { TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" },
    arrange: (daemon) => ingestBatch(daemon, candles),
    plain: all("200"),
    // There is nothing to compute with.
    computing: all("200"),
    strict: [
      ...(["409 factor", "409 factor", "409 factor", "200", "200", "409 factor", "409 factor", "409 factor"] as const),
      // No version was ever drawn: nothing is new since the ninth.
      "200",
    ],
  },
  {
    name: "overlay ingest is off",
    env: { TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" },
    arrange: (daemon) => ingestBatch(daemon, candles),
    plain: [
      ...(["200", "409 overlay", "409 overlay", "200", "409 overlay"] as const),
      ...(["404 no_overlay", "409 overlay", "409 overlay", "200"] as const),
    ],
    // What does not show what the factors say is made anew; while that is switched off it stays as it is.
    computing: [
      ...(["200", "409+ overlay", "409 overlay", "200", "409 overlay"] as const),
      ...(["404 no_overlay", "409 overlay", "409+ overlay", "200"] as const),
    ],
    strict: [
      ...(["200", "409 overlay", "409 overlay", "409 overlay", "409 overlay"] as const),
      ...(["404 no_overlay", "409 overlay", "409 overlay", "409 overlay"] as const),
    ],
  },
  {
    name: "the drawing was forgotten",
    arrange: async (daemon) => {
      await ingestBatch(daemon, candles);
      await daemon.app.runtime.resetOverlay(ID);
    },
    plain: [
      ...(["200", "409 overlay", "409 overlay", "200", "409 overlay"] as const),
      ...(["404 no_overlay", "409 overlay", "409 overlay", "200"] as const),
    ],
    computing: [
      ...(["200", "200+", "409 overlay", "200", "409 overlay"] as const),
      ...(["404 no_overlay", "409 overlay", "200+", "200"] as const),
    ],
    strict: [
      ...(["200", "409 overlay", "409 overlay", "409 overlay", "409 overlay"] as const),
      ...(["404 no_overlay", "409 overlay", "409 overlay", "409 overlay"] as const),
    ],
  },
];

const COMBINATIONS = [
  { name: "plain reads", strict: false, implicit: false, outcomes: "plain" },
  { name: "implicit recompute", strict: false, implicit: true, outcomes: "computing" },
  { name: "strict reads", strict: true, implicit: false, outcomes: "strict" },
  { name: "strict reads with implicit recompute", strict: true, implicit: true, outcomes: "strict" },
] as const;

describe.each(SITUATIONS)("$name", ({ env = {}, arrange, ...situation }) => {
  test.each(COMBINATIONS)("$name", async ({ strict, implicit, outcomes }) => {
    const settings = {
      TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "2",
      TRADE_CANVAS_PIVOT_WINDOW_MINOR: "1",
      TRADE_CANVAS_ENABLE_DEBUG_API: "1",
      ...env,
      ...switches(strict, implicit),
    };
    const expected = situation[outcomes];
    const found: Partial<Record<Read, Outcome>> = {};
    let daemon: TestDaemon | undefined;
    for (const [read, path] of Object.entries(READS) as [Read, string][]) {
      if (daemon === undefined) {
        daemon = await startTestDaemon({ env: settings });
        await arrange(daemon);
      }
      const before = await traces(daemon);
      const answer = await call(daemon.url, path);
      const wrote = JSON.stringify(await traces(daemon)) !== JSON.stringify(before);
      const detail = String(answer.json.detail ?? "")
        .replace("ledger_out_of_sync:", " ")
        .trim();
      found[read] = `${answer.status}${wrote ? "+" : ""} ${detail}`.trim() as Outcome;
      // The next read must find the situation as it was.
      if (wrote) {
        await daemon.app.stop();
        daemon = undefined;
      }
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(READS).map((read, at) => [read, expected[at]])));
  });
});

test.each(COMBINATIONS)("factor ingest was switched off in the middle: $name", async ({ strict, implicit }) => {
  const env = {
    TRADE_CANVAS_DB_PATH: tempFolder(),
    TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "2",
    TRADE_CANVAS_PIVOT_WINDOW_MINOR: "1",
    ...switches(strict, implicit),
  };
  const before = await startTestDaemon({ env });
  await ingestBatch(before, candles.slice(0, 30));
  const drawn = await call(before.url, READS.draw);
  await before.app.stop();
  const daemon = await startTestDaemon({ env: { ...env, TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" } });
  await ingestBatch(daemon, candles.slice(30));
  const now = await call(daemon.url, READS.draw);
  const since = await call(daemon.url, READS["draw since"]);
  // The past is there; at the newest candle, strict reads miss the factors.
  expect((await call(daemon.url, `/api/frame/at_time${QUERY}&at_time=1800`)).status).toBe(200);
  expect((await call(daemon.url, READS.live)).status).toBe(strict ? 409 : 200);
  expect([now.status, now.json.detail]).toEqual(strict ? [409, "ledger_out_of_sync:factor"] : [200, undefined]);
  if (!strict) expect(now.json.instruction_catalog_patch).toEqual(drawn.json.instruction_catalog_patch);
  expect([since.status, since.json.next_cursor]).toEqual([200, drawn.json.next_cursor]);
});
