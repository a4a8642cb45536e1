/**
 * Whatever connections of the client are cut, and wherever, while candles come in, the daemon is stopped and started again, and
 * its clock is behind: each series that is followed is told every stored candle after its first cursor once and in order, and
 * each hole between them once.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import type { WireCandle } from "../../src/client/answers/market.js";
import { type Followed, TradeCanvasClient } from "../../src/client/client.js";
import type { GapNotice } from "../../src/client/messages.js";
import { BATCH } from "../http/request.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { flat, ingest, post } from "../support/http.js";
import { tempFolder } from "../support/temp.js";
import { untilTrue } from "../support/until.js";

const SERIES = ["binance:spot:BTC/USDT:1m", "binance:spot:ETH/USDT:1m"] as const;
const FIRST_TIME = 1_600_000_020;

/** The smallest there is: what is missed is often longer. */
const CATCH_UP_LIMIT = 100;

const RUNS = 15;

/** Where the client dials while no daemon runs. */
const NOWHERE = "ws://127.0.0.1:1";

/** Pauses and limits of the client pass this much faster. */
const SPEED = 50;

const step = fc.constantFrom(1, 1, 1, 2, 4);
const series = fc.constantFrom(...SERIES);

/** A candle to begin behind, by its minute: none that is ahead of what every series has; null for the newest. */
const slot = fc.option(fc.nat({ max: 3 }));

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("candles" as const),
      series,
      steps: fc.oneof(
        { weight: 4, arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }) },
        { weight: 1, arbitrary: fc.array(step, { minLength: 100, maxLength: 250, size: "max" }) },
      ),
      published: fc.boolean(),
      awaited: fc.boolean(),
    }),
  },
  // After how many messages of a connection it is cut: counted from its beginning, or from now.
  { weight: 4, arbitrary: fc.record({ type: fc.constant("cut" as const), after: fc.nat({ max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("turns" as const), count: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
  // The next messages come twice.
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("twice" as const), messages: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("again" as const), series, since: slot }),
  },
);

const scenario = fc.record({
  since: fc.tuple(slot, slot),
  actions: fc.array(action, { minLength: 8, maxLength: 30, size: "max" }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** WebSockets that end, without a word, after a number of messages: what comes behind is lost. */
class Scissors {
  /** Messages until the next cut; infinite for none. */
  left = Number.POSITIVE_INFINITY;
  /** Messages that still come twice. */
  doubled = 0;
  cuts = 0;
  readonly #open = new Set<WebSocket>();

  /** @param wsUrl of the daemon that runs now. */
  socketClass(wsUrl: () => string) {
    const scissors = this;
    return class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(`${wsUrl()}${new URL(url).pathname}`, protocols);
        scissors.#open.add(this);
        this.on("close", () => scissors.#open.delete(this));
      }

      override emit(event: string | symbol, ...values: unknown[]): boolean {
        if (event === "message" && !scissors.#passes(this)) return false;
        if (event === "message" && scissors.doubled > 0) {
          scissors.doubled -= 1;
          super.emit(event, ...values);
        }
        return super.emit(event, ...values);
      }
    };
  }

  cutAfter(messages: number): void {
    this.left = messages;
    if (messages === 0) this.#cut();
  }

  #passes(socket: WebSocket): boolean {
    if (!this.#open.has(socket)) return false;
    if (this.left > 0) {
      this.left -= 1;
      return true;
    }
    this.#cut();
    return false;
  }

  #cut(): void {
    this.left = Number.POSITIVE_INFINITY;
    this.cuts += 1;
    for (const socket of this.#open) socket.terminate();
    this.#open.clear();
  }
}

/** What was told of one series that is followed. */
class Told {
  readonly candles: WireCandle[] = [];
  readonly gaps: GapNotice[] = [];
  readonly since: number | null;
  readonly followed: Followed;

  constructor(client: TradeCanvasClient, name: string, since: number | null) {
    this.since = since;
    this.followed = client.follow(
      name,
      { since },
      {
        closed: (candles) => this.candles.push(...candles),
        gap: (gap) => this.gaps.push(gap),
      },
    );
  }

  /** @param last time of the last candle that can have been told. */
  expectWhole(stored: readonly WireCandle[], last: number): void {
    const from = this.since ?? (this.candles[0]?.candle_time ?? last + 1) - 1;
    const wanted = stored.filter(({ candle_time: time }) => time > from && time <= last);
    expect(this.candles).toEqual(wanted);
    const times = [...(this.since === null ? [] : [this.since]), ...wanted.map(({ candle_time: time }) => time)];
    const holes = times.slice(1).flatMap((time, index) => {
      const expected_next_time = (times[index] as number) + 60;
      return time > expected_next_time ? [{ expected_next_time, actual_time: time }] : [];
    });
    expect(this.gaps).toEqual(holes);
  }
}

class Story {
  readonly stored = new Map<string, WireCandle[]>(SERIES.map((name) => [name, []]));
  readonly scissors = new Scissors();
  readonly ended: (readonly [name: string, told: Told])[] = [];
  readonly #folder = tempFolder();
  readonly #told = new Map<string, Told>();
  readonly #client: TradeCanvasClient;
  #daemon: TestDaemon | undefined;
  #producing: Promise<void> = Promise.resolve();

  private constructor(daemon: TestDaemon, folder: string) {
    this.#daemon = daemon;
    this.#folder = folder;
    this.#client = new TradeCanvasClient({
      url: "http://daemon",
      platform: {
        WebSocket: this.scissors.socketClass(() => this.#daemon?.wsUrl ?? NOWHERE),
        fetch: () => Promise.reject(new Error("not asked here")),
        setTimeout: (callback, ms) => setTimeout(callback, ms / SPEED),
      },
    });
  }

  static async begin({ since }: Scenario): Promise<Story> {
    const folder = tempFolder();
    const story = new Story(await daemonAt(folder), folder);
    for (const name of SERIES) await story.produce(name, [1, 1, 1], true, true);
    for (const [index, name] of SERIES.entries()) {
      story.#told.set(name, new Told(story.#client, name, timeOfSlot(since[index])));
    }
    return story;
  }

  #timeOf(name: string): number {
    return this.#storedOf(name).at(-1)?.candle_time ?? FIRST_TIME;
  }

  #storedOf(name: string): WireCandle[] {
    return this.stored.get(name) ?? [];
  }

  async produce(name: string, steps: readonly number[], published: boolean, awaited: boolean): Promise<void> {
    let time = this.#timeOf(name);
    const candles = steps.map((by) => {
      time += by * 60;
      return flat(time, 1 + (time % 1_000));
    });
    this.#storedOf(name).push(...candles);
    this.#producing = this.#producing.then(async () => {
      const [first] = candles;
      const url = this.#daemon?.url ?? "";
      const { status } =
        first !== undefined && candles.length === 1 && published
          ? await ingest(url, name, first)
          : await post(`${url}${BATCH}`, { series_id: name, candles, publish_ws: published });
      expect(status).toBe(200);
    });
    if (awaited) await this.#producing;
  }

  /** The daemon stops, and comes back on the same store. */
  async restart(): Promise<void> {
    await this.#producing;
    await this.#daemon?.app.stop();
    this.#daemon = undefined;
    this.#daemon = await daemonAt(this.#folder);
  }

  /** The series is left in the midst of whatever comes for it, and followed again from another candle. */
  again(name: string, since: number | null): void {
    const told = this.#told.get(name);
    if (told === undefined) return;
    told.followed.end();
    this.ended.push([name, told]);
    this.#told.set(name, new Told(this.#client, name, since));
  }

  /** One more candle brings out what was stored in silence. */
  async end(): Promise<void> {
    for (const [name, told] of this.#told) {
      // What a follower without a cursor begins with is the newest: it has to be there before the last one comes.
      await this.produce(name, [1], true, true);
      const last = this.#timeOf(name);
      await untilTrue(
        "the last candle",
        () => told.followed.cursor === last,
        15_000,
        () => [name, told.followed.cursor, last],
      );
    }
    for (const [name, told] of this.#told) told.expectWhole(this.#storedOf(name), this.#timeOf(name));
    for (const [name, told] of this.ended) {
      if (told.followed.cursor !== null) told.expectWhole(this.#storedOf(name), told.followed.cursor);
    }
    this.#client.close();
    await this.#daemon?.app.stop();
  }
}

function timeOfSlot(slot: number | null | undefined): number | null {
  return slot === null || slot === undefined ? null : FIRST_TIME + slot * 60;
}

function daemonAt(folder: string): Promise<TestDaemon> {
  return startTestDaemon({
    env: {
      TRADE_CANVAS_DB_PATH: folder,
      TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT: String(CATCH_UP_LIMIT),
      TRADE_CANVAS_ENABLE_DEV_API: "1",
    },
  });
}

test("whatever is cut, and wherever: every candle once, in order, every hole once", { timeout: 90_000 }, async () => {
  let cuts = 0;
  let ended = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const story = await Story.begin(given);
      for (const one of given.actions) {
        if (one.type === "candles") await story.produce(one.series, one.steps, one.published, one.awaited);
        else if (one.type === "cut") story.scissors.cutAfter(one.after);
        else if (one.type === "restart") await story.restart();
        else if (one.type === "again") story.again(one.series, timeOfSlot(one.since));
        else if (one.type === "twice") story.scissors.doubled = one.messages;
        else for (let turn = 0; turn < one.count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      await story.end();
      cuts += story.scissors.cuts;
      ended += story.ended.length;
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(cuts).toBeGreaterThan(RUNS);
  expect(ended).toBeGreaterThan(0);
});
