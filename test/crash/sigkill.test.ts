/**
 * The daemon is killed with SIGKILL at random moments while candles come in over HTTP, in batches and from the exchange.
 * After every kill its store is opened and looked at: everything that was acknowledged or announced is there, nothing is
 * torn, and the next daemon goes on from it. Feed bound B17.
 */
import { expect, test } from "vitest";
import { type Random, seededRandom } from "../../src/clock/random.js";
import { loadSettings } from "../../src/config/load.js";
import { createEngines } from "../../src/engines.js";
import { fromWireCandle, type WireCandle } from "../../src/market/candle.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { StoreReader } from "../../src/storage/store.js";
import { FeedClient } from "../support/feed-client.js";
import { candles, flat, post } from "../support/http.js";
import { LedgerCheck } from "../support/ledger-check.js";
import { type DaemonProcess, startProcess } from "../support/process.js";
import { tempFolder } from "../support/temp.js";
import { until, untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, ETH, startWorld, truth, WORLD_START_MS } from "../support/world.js";

const KILLS = 50;
const SEED = 20_250_505;

/** A daemon lives until this many requests at most were acknowledged, and a moment longer: it dies at work, on any machine. */
const LONGEST_LIFE_REQUESTS = 80;
const LAST_MOMENT_MS = 8;

/** Not listed by the exchange: fed over HTTP alone. */
const SINGLE = ["binance:spot:HTTPA/USDT:1m", "binance:spot:HTTPB/USDT:1m"] as const;
const BATCHED = "binance:spot:HTTPC/USDT:1m";
const BATCH = 50;
const FIRST_TIME = 1_600_000_000;

/** What the world was told: candles that were acknowledged over HTTP or announced over the feed, by series and time. */
type Told = Map<string, Map<number, WireCandle>>;

function note(told: Told, series: string, list: readonly WireCandle[]): void {
  const known = told.get(series) ?? new Map<number, WireCandle>();
  for (const candle of list) known.set(candle.candle_time, candle);
  told.set(series, known);
}

/** Posts candle after candle until the daemon no longer answers. */
async function feed(url: string, series: string, told: Told, next: Map<string, number>): Promise<void> {
  const step = series === BATCHED ? BATCH : 1;
  for (;;) {
    const index = next.get(series) ?? 0;
    const list = Array.from({ length: step }, (_, i) => flat(FIRST_TIME + (index + i) * 60, index + i + 1));
    const answer = await (step === 1
      ? post(`${url}/api/market/ingest/candle_closed`, { series_id: series, candle: list[0] })
      : post(`${url}/api/dev/market/ingest/candles_closed_batch`, {
          series_id: series,
          candles: list,
          publish_ws: true,
        })
    ).catch(() => undefined);
    if (answer === undefined) return;
    expect(answer.status).toBe(200);
    note(told, series, list);
    next.set(series, index + step);
  }
}

/** Requests that were acknowledged so far. */
function acknowledged(next: ReadonlyMap<string, number>): number {
  return [...next].reduce((sum, [series, count]) => sum + (series === BATCHED ? count / BATCH : count), 0);
}

/** Lets a daemon take in candles from everywhere, kills it at a random moment, and returns when it is dead. */
async function liveAndDie(daemon: DaemonProcess, random: Random, told: Told, next: Map<string, number>): Promise<void> {
  const client = await FeedClient.connect(daemon.url);
  const followed = [BTC, ETH, ...SINGLE, BATCHED];
  for (const series of followed) client.subscribe(series, null, true);
  const feeding = [...SINGLE, BATCHED].map((series) => feed(daemon.url, series, told, next));
  const end = acknowledged(next) + random() * LONGEST_LIFE_REQUESTS;
  await untilTrue("its last request", () => acknowledged(next) >= end);
  await new Promise((resolve) => setTimeout(resolve, random() * LAST_MOMENT_MS));
  expect(await daemon.end("SIGKILL")).toBe("SIGKILL");
  await Promise.all(feeding);
  await untilTrue("the feed's end", () => client.closed !== undefined);
  for (const series of followed) note(told, series, client.closedCandles(series));
  expect(client.ofType("error")).toEqual([]);
}

/** Those of the daemon, whose settings are the built-in ones. */
const { factors: factor, overlays: overlay } = createEngines(loadSettings({}).settings);
const ENGINES = { factor, overlay };

/** Reads the whole store and checks that it is of one piece, its ledgers included, and holds what was told. */
function inspect(store: StoreReader, told: Told): void {
  for (const series of store.seriesIds()) {
    const head = store.head(series);
    const run = store.read(series, { limit: 1_000_000 });
    const stored = run.candles();
    expect([series, stored.length, stored[0]?.time ?? null, stored.at(-1)?.time ?? null]).toEqual([
      series,
      head.count,
      head.firstTime,
      head.lastTime,
    ]);
    for (const ledger of ["factor", "overlay"] as const) {
      const { fingerprint } = ENGINES[ledger];
      expect({ series, ledger, head: store.ledger(series, ledger).head }).toMatchObject({
        head: { time: head.lastTime, fingerprint },
      });
    }
    if (series === BATCHED) expect(stored.length % BATCH).toBe(0);
    new LedgerCheck(store, parseSeriesId(series), ENGINES).everythingHolds();
  }
  for (const [series, known] of told) {
    const stored = new Map(
      store
        .read(series, { limit: 1_000_000 })
        .candles()
        .map((candle) => [candle.time, candle]),
    );
    const lost = [...known.values()].filter((candle) => {
      const found = stored.get(candle.candle_time);
      return JSON.stringify(found) !== JSON.stringify(fromWireCandle(candle));
    });
    expect([series, lost]).toEqual([series, []]);
  }
}

test(`F40, B17: ${KILLS} kills at random moments lose nothing that was acknowledged, and tear nothing`, {
  timeout: 400_000,
}, async () => {
  const world = await startWorld({ speed: 240 });
  const folder = tempFolder();
  const env = {
    ...world.env,
    TRADE_CANVAS_DB_PATH: folder,
    TRADE_CANVAS_ENABLE_DEV_API: "1",
    TRADE_CANVAS_LOG_LEVEL: "info",
    TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC, ETH]),
    TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: "100",
  };
  const random = seededRandom(SEED);
  const told: Told = new Map();
  const next = new Map<string, number>();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const daemon = await startProcess(["start"], env);
    await liveAndDie(daemon, random, told, next);
    const store = openLmdbStore(folder);
    inspect(store, told);
    await store.close();
  }

  const daemon = await startProcess(["start"], env);
  for (const series of [BTC, ETH]) {
    const head = await until(`${series} to catch up`, async () => {
      const time = (await candles(daemon.url, series, "&limit=1")).body.server_head_time ?? 0;
      return time >= world.clock.now() / 1000 - 240 ? time : undefined;
    });
    const { body } = await candles(daemon.url, series, "&limit=5000");
    const first = body.candles[0]?.candle_time ?? 0;
    expect(first).toBeLessThan(WORLD_START_MS / 1000);
    expect(body.candles.filter((candle) => candle.candle_time <= head)).toEqual(
      truth(world.exchange, series, first, head + 60),
    );
  }
  expect([...told.keys()].sort()).toEqual([BTC, ETH, ...SINGLE, BATCHED].sort());
  expect(acknowledged(next)).toBeGreaterThan((KILLS * LONGEST_LIFE_REQUESTS) / 4);
  expect(await daemon.end("SIGTERM")).toBe(0);
});
