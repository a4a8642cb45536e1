/**
 * Clients that come and go in every way while candles come in and the daemon is stopped and started again: in the end each
 * has every stored candle after its first cursor, once and in order. What is killed is in the acceptance test of the same name.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { WireCandle } from "../../../src/market/candle.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { flat, ingest, post } from "../../support/http.js";
import { ReconnectingClient } from "../../support/reconnecting-client.js";
import { tempFolder } from "../../support/temp.js";
import { untilTrue } from "../../support/until.js";
import { BATCH } from "../request.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const FIRST_TIME = 1_600_000_020;

/** The smallest there is: what is missed is often longer. */
const CATCH_UP_LIMIT = 100;

const RUNS = 12;

/** Minutes from one candle to the next; 1 leaves no hole. */
const step = fc.constantFrom(1, 1, 1, 2, 4);

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("candles" as const),
      steps: fc.oneof(
        { weight: 4, arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }) },
        {
          weight: 2,
          arbitrary: fc.array(step, { minLength: CATCH_UP_LIMIT, maxLength: 3 * CATCH_UP_LIMIT, size: "max" }),
        },
      ),
      published: fc.boolean(),
      awaited: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("connect" as const), client: fc.nat({ max: 2 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("drop" as const),
      client: fc.nat({ max: 2 }),
      how: fc.constantFrom("close" as const, "terminate" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("turns" as const), count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
);

const clientOptions = fc.record({
  since: fc.option(fc.nat({ max: 5 }).map((slot) => FIRST_TIME + slot * 60)),
  batches: fc.boolean(),
  gaps: fc.boolean(),
});

const scenario = fc.record({
  clients: fc.tuple(clientOptions, clientOptions, clientOptions),
  actions: fc.array(action, { minLength: 8, maxLength: 30, size: "max" }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

class Story {
  readonly stored: WireCandle[] = [];
  readonly clients: readonly ReconnectingClient[];
  readonly #folder = tempFolder();
  #daemon: Promise<TestDaemon> | undefined;
  #producing: Promise<void> = Promise.resolve();
  #time = FIRST_TIME;
  /** Connections after which more than one page had to be caught up with. */
  longCatchUps = 0;

  constructor(clients: Scenario["clients"]) {
    this.clients = clients.map((options) => new ReconnectingClient({ series: SERIES, timeframeS: 60, ...options }));
  }

  /** The daemon that runs, started when there is none. */
  daemon(): Promise<TestDaemon> {
    this.#daemon ??= startTestDaemon({
      env: {
        TRADE_CANVAS_DB_PATH: this.#folder,
        TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT: String(CATCH_UP_LIMIT),
        TRADE_CANVAS_ENABLE_DEV_API: "1",
      },
    });
    return this.#daemon;
  }

  /** Candles that follow the last ones; ingested one request after the other, beside what clients do. */
  async produce(steps: readonly number[], published: boolean, awaited: boolean): Promise<void> {
    const candles = steps.map((by) => {
      this.#time += by * 60;
      return flat(this.#time, 1 + (this.#time % 1_000));
    });
    this.stored.push(...candles);
    this.#producing = this.#producing.then(async () => {
      const { url } = await this.daemon();
      const [first] = candles;
      const { status } =
        first !== undefined && candles.length === 1 && published
          ? await ingest(url, SERIES, first)
          : await post(`${url}${BATCH}`, { series_id: SERIES, candles, publish_ws: published });
      expect(status).toBe(200);
    });
    if (awaited) await this.#producing;
  }

  async restart(): Promise<void> {
    await this.#producing;
    await (await this.#daemon)?.app.stop();
    this.#daemon = undefined;
  }

  async connect(index: number): Promise<void> {
    const client = this.clients[index];
    await client?.connect((await this.daemon()).url);
    const cursor = client?.cursor ?? this.#time;
    const missed = this.stored.filter(({ candle_time: time }) => time > cursor);
    if (missed.length > CATCH_UP_LIMIT) this.longCatchUps += 1;
  }

  /** Everybody comes back, and one more candle brings out what was stored in silence. */
  async end(): Promise<void> {
    for (const [index, client] of this.clients.entries()) if (!client.isConnected) await this.connect(index);
    await this.produce([1], true, true);
    for (const client of this.clients) {
      await untilTrue(
        "the last candle",
        () => client.cursor === this.#time,
        15_000,
        () => client.cursor,
      );
      await client.quiet();
    }
    await (await this.#daemon)?.app.stop();
  }
}

async function tell({ clients, actions }: Scenario): Promise<Story> {
  const story = new Story(clients);
  await story.produce([1, 1, 1], true, true);
  for (const one of actions) {
    if (one.type === "candles") await story.produce(one.steps, one.published, one.awaited);
    else if (one.type === "connect") await story.connect(one.client);
    else if (one.type === "drop") await story.clients[one.client]?.drop(one.how);
    else if (one.type === "restart") await story.restart();
    else for (let turn = 0; turn < one.count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  await story.end();
  return story;
}

test("RS-P9 whenever clients leave and come back, and the daemon too: every candle after the first cursor, once and in order", {
  timeout: 60_000,
}, async () => {
  let longCatchUps = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const story = await tell(given);
      for (const client of story.clients) client.expectWhole(story.stored);
      longCatchUps += story.longCatchUps;
    }),
    { numRuns: RUNS },
  );
  expect(longCatchUps).toBeGreaterThan(RUNS);
});
