/**
 * Clients of the live feed that come and go while the daemon is stopped cleanly and killed, in turn, and started again on
 * the same store: of a series that is fed over HTTP and of one that is fed by the exchange each has in the end every stored
 * candle after its first cursor, once and in order. How a client does that is told in docs/api/ws-market.md.
 */
import { expect, test } from "vitest";
import { type Random, seededRandom } from "../../src/clock/random.js";
import type { WireCandle } from "../../src/market/candle.js";
import { candles, flat, ingest, post } from "../support/http.js";
import { type DaemonProcess, startProcess } from "../support/process.js";
import { ReconnectingClient } from "../support/reconnecting-client.js";
import { until, untilTrue } from "../support/until.js";
import { whitelistFile } from "../support/whitelist.js";
import { BTC, startWorld, WORLD_START_MS } from "../support/world.js";

const SEED = 20_250_506;
const LIVES = 3;

/** Requests that a daemon has acknowledged when it ends. */
const REQUESTS_OF_A_LIFE = 25;

/** The smallest there is, so that catch-ups have several pages. */
const CATCH_UP_LIMIT = 100;
const LONG_BATCH = 160;

/** A daemon has ended after this real time, or something is wrong, in milliseconds. */
const LONGEST_LIFE_MS = 60_000;

/** Turns of the event loop after which a client leaves, at most. */
const LONGEST_VISIT_TURNS = 400;

/** Not listed by the exchange: fed over HTTP alone. */
const FED = "binance:spot:HTTPA/USDT:1m";
const FIRST_TIME = 1_600_000_020;
const HISTORY_CANDLES = 300;

/** Posts candles until its daemon no longer answers; what was not acknowledged is posted again to the next one. */
class Producer {
  readonly #random: Random;
  readonly acknowledged: WireCandle[] = [];
  requests = 0;
  #next: readonly WireCandle[] = [];
  #time = FIRST_TIME;

  constructor(random: Random) {
    this.#random = random;
  }

  async feed(url: string): Promise<void> {
    for (;;) {
      if (this.#next.length === 0) this.#next = this.#candles();
      const answer = await this.#post(url, this.#next).catch(() => undefined);
      // It was killed, or it stops and takes nothing any more.
      if (answer === undefined || answer.status === 503) return;
      expect(answer.status).toBe(200);
      this.acknowledged.push(...this.#next);
      this.requests += 1;
      this.#next = [];
    }
  }

  /** One more candle. */
  async last(url: string): Promise<void> {
    this.#time += 60;
    const candle = flat(this.#time, 1);
    expect((await ingest(url, FED, candle)).status).toBe(200);
    this.acknowledged.push(candle);
  }

  #candles(): readonly WireCandle[] {
    const count = this.requests % 5 === 4 ? LONG_BATCH : this.#random() < 0.5 ? 1 : 3;
    return Array.from({ length: count }, () => {
      // Now and then one is missing, for good.
      this.#time += this.#random() < 0.05 ? 120 : 60;
      return flat(this.#time, 1 + (this.#time % 1_000));
    });
  }

  #post(url: string, list: readonly WireCandle[]): Promise<{ readonly status: number }> {
    const [first] = list;
    if (first !== undefined && list.length === 1) return ingest(url, FED, first);
    const publish_ws = this.#random() < 0.5;
    return post(`${url}/api/dev/market/ingest/candles_closed_batch`, { series_id: FED, candles: list, publish_ws });
  }
}

/** Comes and goes as long as the daemon answers. */
async function visit(client: ReconnectingClient, url: string, random: Random): Promise<void> {
  for (;;) {
    const connected = await client.connect(url).then(
      () => true,
      () => false,
    );
    if (!connected) return;
    if (random() < 0.3) await untilTrue("the daemon's end", () => !client.isConnected, LONGEST_LIFE_MS);
    for (let turns = random() * LONGEST_VISIT_TURNS; turns > 0 && client.isConnected; turns -= 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.drop(random() < 0.5 ? "close" : "terminate");
  }
}

function clientsOf(series: string, since: number): readonly ReconnectingClient[] {
  return [
    { since, batches: false, gaps: false },
    { since, batches: true, gaps: true },
    { since: null, batches: false, gaps: true },
    { since: null, batches: true, gaps: false },
  ].map((options) => new ReconnectingClient({ series, timeframeS: 60, ...options }));
}

/** Everything that is stored of a series. */
async function allCandles({ url }: DaemonProcess, series: string): Promise<readonly WireCandle[]> {
  const all: WireCandle[] = [];
  for (let since = 0; ; since = all.at(-1)?.candle_time ?? 0) {
    const { body } = await candles(url, series, `&since=${since}&limit=5000`);
    if (body.candles.length === 0) return all;
    all.push(...body.candles);
  }
}

test("clients that were away, and whose daemon was, have every candle once and in order in the end", {
  timeout: 120_000,
}, async () => {
  const world = await startWorld({ speed: 240 });
  const env = {
    ...world.env,
    TRADE_CANVAS_ENABLE_DEV_API: "1",
    TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT: String(CATCH_UP_LIMIT),
    TRADE_CANVAS_WHITELIST_PATH: whitelistFile([BTC]),
    TRADE_CANVAS_STARTUP_KLINE_SYNC_TARGET_CANDLES: String(HISTORY_CANDLES),
  };
  const random = seededRandom(SEED);
  const producer = new Producer(random);
  const ofFed = clientsOf(FED, FIRST_TIME + 60);
  const ofBtc = clientsOf(BTC, WORLD_START_MS / 1000 - (HISTORY_CANDLES / 2) * 60);
  const clients = [...ofFed, ...ofBtc];

  for (let life = 1; life <= LIVES; life += 1) {
    const daemon = await startProcess(["start"], env);
    const [feeding, end] = [producer.feed(daemon.url), producer.requests + REQUESTS_OF_A_LIFE];
    // In each life some stay away, and miss more than a page.
    const visitors = clients.filter((_, index) => index % LIVES !== life - 1);
    const visiting = visitors.map((client) => visit(client, daemon.url, random));
    await untilTrue("its last request", () => producer.requests >= end);
    const signal = life % 2 === 0 ? "SIGTERM" : "SIGKILL";
    expect(await daemon.end(signal)).toBe(signal === "SIGTERM" ? 0 : signal);
    await Promise.all([feeding, ...visiting]);
  }

  const daemon = await startProcess(["start"], env);
  // Who stayed away in the last life.
  const away = ofFed[LIVES - 1]?.cursor ?? 0;
  expect(producer.acknowledged.filter(({ candle_time: time }) => time > away).length).toBeGreaterThan(CATCH_UP_LIMIT);
  for (const client of clients) await client.connect(daemon.url);
  await producer.last(daemon.url);
  const fed = await allCandles(daemon, FED);
  const btc = await until("candles of the exchange", async () => {
    const stored = await allCandles(daemon, BTC);
    const newest = stored.at(-1)?.candle_time ?? 0;
    return newest >= world.clock.now() / 1000 - 240 ? stored : undefined;
  });
  expect(fed).toEqual(producer.acknowledged);
  for (const [some, stored] of [
    [ofFed, fed],
    [ofBtc, btc],
  ] as const) {
    const newest = stored.at(-1)?.candle_time ?? Number.POSITIVE_INFINITY;
    for (const client of some) {
      await untilTrue(
        "the newest candle",
        () => (client.cursor ?? 0) >= newest,
        10_000,
        () => client.cursor,
      );
      client.expectWhole(stored, newest);
    }
  }
  // What the exchange has is never missing, whatever happened.
  expect(ofBtc.flatMap(({ gaps }) => gaps)).toEqual([]);
  expect(clients.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThan(5 * clients.length);
  expect(await daemon.end("SIGTERM")).toBe(0);
});
