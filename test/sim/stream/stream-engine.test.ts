import { describe, expect, it } from "vitest";
import { Agenda } from "../../../src/sim/agenda.js";
import type { Fault } from "../../../src/sim/faults/catalogue.js";
import { FaultSwitchboard } from "../../../src/sim/faults/switchboard.js";
import { Journal } from "../../../src/sim/journal.js";
import { type MarketKind, resolveSettings, type StreamSettings } from "../../../src/sim/settings.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { Publisher, type Subscriber } from "../../../src/sim/stream/publisher.js";
import { StreamEngine } from "../../../src/sim/stream/stream-engine.js";
import { CandleBook } from "../../../src/sim/truth/candle-book.js";
import { recordedSource } from "../../../src/sim/truth/recorded-source.js";
import type { CandleSource } from "../../../src/sim/truth/source.js";
import { walkSource } from "../../../src/sim/truth/walk-source.js";
import { MINUTE, PRECISION, rowAt, T0 } from "../support.js";

interface Received {
  readonly atMs: number;
  readonly E: number;
  readonly s: string;
  readonly k: {
    readonly t: number;
    readonly i: string;
    readonly x: boolean;
    readonly n: number;
    readonly L: number;
    readonly o: string;
    readonly h: string;
    readonly l: string;
    readonly c: string;
    readonly v: string;
  };
}

/** An engine without sockets: one subscriber that notes what it is sent and when. */
function engineWith(options: {
  readonly market?: MarketKind;
  readonly source?: CandleSource;
  readonly settings?: Partial<StreamSettings>;
  readonly startMs?: number;
  readonly seed?: number;
}) {
  const market = options.market ?? "futures";
  const clock = new SimulatedClock(options.startMs ?? T0);
  const agenda = new Agenda(clock);
  const faults = new FaultSwitchboard({
    now: () => agenda.now(),
    openConnections: () => [1],
    switched: () => undefined,
  });
  const settings = { ...resolveSettings(market).stream, ...options.settings };
  const source = options.source ?? walkSource({ seed: 4, startPrice: 900, listedMs: T0 });
  const seed = options.seed ?? 1;
  const book = new CandleBook({ symbol: "BTCUSDT", source, seed, path: settings.path, holes: faults });
  const journal = new Journal(
    () => agenda.now(),
    10_000,
    () => [],
  );
  const publisher = new Publisher({ agenda, faults, journal, noteUpdates: true });
  const engine = new StreamEngine({ market, seed, settings, agenda, books: new Map([["BTCUSDT", book]]), publisher });
  const received: Received[] = [];
  let open = true;
  const subscriber: Subscriber = {
    id: 1,
    envelope: { combined: false, microseconds: false },
    isSubscribed: () => open,
    send: (frame) => {
      received.push({ atMs: clock.now(), ...JSON.parse(String(frame.data)) });
      return open;
    },
  };
  const close = (): void => {
    open = false;
  };
  return { clock, agenda, engine, faults, journal, book, source, received, subscriber, close };
}

const finalsOf = (received: readonly Received[]) => received.filter(({ k }) => k.x);
const STREAM = "btcusdt@kline_1m";

describe("a stream", () => {
  it("sends no snapshot: its first message is the next trade's", () => {
    const { clock, book, engine, received, subscriber } = engineWith({ startMs: T0 + 20_000 });
    engine.subscribe(STREAM, subscriber);
    expect(received).toEqual([]);
    const tradeMs = book.nextTrade(T0 + 20_000, T0 + MINUTE)!;
    clock.advance(tradeMs - clock.now() - 1);
    expect(received).toEqual([]);
    clock.advance(1);
    expect(received).toMatchObject([{ E: tradeMs, s: "BTCUSDT", k: { t: T0, x: false } }]);
  });

  it("tells every candle's growth and ends it with the true values, once, 200 to 2,100 ms after its close", () => {
    const { clock, engine, received, source, subscriber } = engineWith({});
    engine.subscribe(STREAM, subscriber);
    clock.advance(30 * MINUTE);
    for (let openMs = T0; openMs < T0 + 29 * MINUTE; openMs += MINUTE) {
      const candle = received.filter(({ k }) => k.t === openMs);
      const truth = source.minute(openMs)!;
      expect(candle.length).toBeGreaterThanOrEqual(4);
      expect(candle.map(({ k }) => k.x)).toEqual([...candle.slice(1).map(() => false), true]);
      const final = candle.at(-1)!;
      expect(final.E - openMs - MINUTE).toBeGreaterThanOrEqual(200);
      expect(final.E - openMs - MINUTE).toBeLessThanOrEqual(2_100);
      expect([final.k.o, final.k.h, final.k.l, final.k.c, final.k.v].map(Number)).toEqual([
        truth.open,
        truth.high,
        truth.low,
        truth.close,
        truth.volume,
      ]);
      expect(final.k).toMatchObject({ n: truth.trades, L: truth.lastTradeId });
      for (const [index, { k, E, atMs }] of candle.entries()) {
        expect(E).toBe(atMs);
        const before = candle[index - 1]?.k ?? k;
        expect(Number(k.h)).toBeGreaterThanOrEqual(Number(before.h));
        expect(Number(k.l)).toBeLessThanOrEqual(Number(before.l));
        expect(Number(k.v)).toBeGreaterThanOrEqual(Number(before.v));
        expect(k.L).toBeGreaterThanOrEqual(before.L);
      }
    }
  });

  it("never goes on to the next candle before the final, nor faster than its cadence", () => {
    for (const [market, cadenceMs] of [
      ["futures", 250],
      ["spot", 2_000],
    ] as const) {
      const { clock, engine, received, subscriber } = engineWith({ market });
      engine.subscribe(STREAM, subscriber);
      clock.advance(20 * MINUTE);
      const opens = received.map(({ k }) => k.t);
      expect(opens).toEqual(opens.toSorted((a, b) => a - b));
      for (const [index, { E, k }] of received.entries()) {
        const before = received[index - 1];
        if (before !== undefined && !k.x) expect(E - before.E).toBeGreaterThanOrEqual(cadenceMs);
      }
    }
  });

  it("delays its finals as seed, symbol, interval and candle say, whoever is subscribed", () => {
    const finalTimes = (seed: number, startMs: number): number[] => {
      const { clock, engine, received, subscriber } = engineWith({ seed, startMs });
      engine.subscribe(STREAM, subscriber);
      clock.advance(T0 + 20 * MINUTE - startMs);
      return finalsOf(received)
        .filter(({ k }) => k.t >= T0 + 10 * MINUTE)
        .map(({ E }) => E);
    };
    expect(finalTimes(1, T0)).toEqual(finalTimes(1, T0 + 7 * MINUTE + 123));
    expect(finalTimes(1, T0)).not.toEqual(finalTimes(2, T0));
    expect(new Set(finalTimes(1, T0).map((time) => time % MINUTE)).size).toBeGreaterThan(5);
  });

  it("still sends the final of the candle before to whom subscribes between its close and its final", () => {
    const startMs = T0 + MINUTE + 50;
    const { clock, engine, received, subscriber } = engineWith({ startMs });
    engine.subscribe(STREAM, subscriber);
    clock.advance(3_000);
    expect(finalsOf(received)).toMatchObject([{ k: { t: T0 } }]);
  });

  it("serves several intervals of one symbol, which agree with each other", () => {
    const { clock, engine, received, subscriber, source } = engineWith({});
    for (const interval of ["1m", "5m", "1h"]) engine.subscribe(`btcusdt@kline_${interval}`, subscriber);
    clock.advance(61 * MINUTE);
    const finals = finalsOf(received);
    expect(["1m", "5m", "1h"].map((interval) => finals.filter(({ k }) => k.i === interval).length)).toEqual([
      60, 12, 1,
    ]);
    const hour = finals.find(({ k }) => k.i === "1h")!.k;
    const highs = Array.from({ length: 60 }, (_, index) => source.minute(T0 + index * MINUTE)!.high);
    expect(Number(hour.h)).toBe(Math.max(...highs));
    const forming = received.filter(({ k }) => k.i === "5m" && !k.x && k.t === T0);
    expect(forming.length).toBeGreaterThan(20);
  });
});

describe("minutes without trades", () => {
  const flat = { volume: 0, open: 9, high: 9, low: 9, close: 9 };
  const source = recordedSource(
    [rowAt(T0), rowAt(T0 + MINUTE, flat), rowAt(T0 + 2 * MINUTE), rowAt(T0 + 20 * MINUTE)],
    PRECISION,
  );

  it("are silent by default", () => {
    const { clock, engine, received, subscriber } = engineWith({ source });
    engine.subscribe(STREAM, subscriber);
    clock.advance(25 * MINUTE);
    expect(finalsOf(received).map(({ k }) => (k.t - T0) / MINUTE)).toEqual([0, 2, 20]);
    expect(received.some(({ k }) => k.t === T0 + MINUTE)).toBe(false);
  });

  it("have a final and nothing else when the settings say so; missing minutes have none", () => {
    const { clock, engine, received, subscriber } = engineWith({ source, settings: { zeroTradeInterval: "final" } });
    engine.subscribe(STREAM, subscriber);
    clock.advance(25 * MINUTE);
    expect(finalsOf(received).map(({ k }) => (k.t - T0) / MINUTE)).toEqual([0, 1, 2, 20]);
    expect(received.filter(({ k }) => k.t === T0 + MINUTE)).toMatchObject([{ k: { x: true, n: 0, L: -1, o: "9.00" } }]);
  });
});

describe("subscriptions", () => {
  it("cost nothing once the last subscriber has left", () => {
    const { clock, agenda, engine, received, subscriber } = engineWith({});
    const second = { ...subscriber, id: 2 };
    engine.subscribe(STREAM, subscriber);
    engine.subscribe(STREAM, second);
    engine.unsubscribe(STREAM, subscriber);
    expect([engine.size, agenda.size]).toEqual([1, 1]);
    engine.unsubscribe(STREAM, second);
    engine.unsubscribe(STREAM, second);
    expect([engine.size, agenda.size]).toEqual([0, 0]);
    clock.advance(MINUTE);
    expect(received).toEqual([]);
  });

  it("of unknown names are silent", () => {
    const { clock, agenda, engine, received, subscriber } = engineWith({});
    for (const name of ["BTCUSDT@kline_1m", "xyzusdt@kline_1m", "btcusdt@kline_1s", "nonsense"])
      engine.subscribe(name, subscriber);
    clock.advance(2 * MINUTE);
    expect([received.length, engine.size, agenda.size]).toEqual([0, 0, 0]);
  });

  it("that end while a message goes out leave nothing behind", () => {
    const { clock, agenda, engine, subscriber } = engineWith({});
    const leaving: Subscriber = {
      ...subscriber,
      send: () => {
        engine.unsubscribe(STREAM, leaving);
        return false;
      },
    };
    engine.subscribe(STREAM, leaving);
    clock.advance(2 * MINUTE);
    expect([engine.size, agenda.size]).toEqual([0, 0]);
  });

  it("of a thousand symbols are told of closes in the same instant", () => {
    const clock = new SimulatedClock(T0);
    const agenda = new Agenda(clock);
    const faults = new FaultSwitchboard({
      now: () => agenda.now(),
      openConnections: () => [],
      switched: () => undefined,
    });
    const journal = new Journal(
      () => agenda.now(),
      10_000,
      () => [],
    );
    const settings = {
      ...resolveSettings("futures").stream,
      finalDelayMinMs: 300,
      finalDelayMaxMs: 300,
      updateCadenceMs: 20_000,
    };
    const names = Array.from({ length: 1_000 }, (_, index) => `C${index}USDT`);
    const books = new Map(
      names.map((symbol, index) => {
        const source = walkSource({ seed: index, startPrice: 10 + index, listedMs: T0 });
        return [symbol, new CandleBook({ symbol, source, seed: 1, path: settings.path, holes: faults })] as const;
      }),
    );
    const publisher = new Publisher({ agenda, faults, journal, noteUpdates: false });
    const engine = new StreamEngine({ market: "futures", seed: 1, settings, agenda, books, publisher });
    const envelope = { combined: true, microseconds: false };
    const subscriber: Subscriber = { id: 1, envelope, isSubscribed: () => true, send: () => true };
    for (const name of names) engine.subscribe(`${name.toLowerCase()}@kline_1m`, subscriber);
    clock.advance(MINUTE + 299);
    expect(journal.count("final")).toBe(0);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    expect(journal.count("final")).toBe(1_000);
    expect(new Set(journal.entries("final").map(({ symbol }) => symbol)).size).toBe(1_000);
  });
});

describe("faults on the way", () => {
  function streamUnder(...faults: Fault[]) {
    const parts = engineWith({});
    for (const fault of faults) parts.faults.switchOn(fault);
    parts.engine.subscribe(STREAM, parts.subscriber);
    return parts;
  }

  it("silence", () => {
    const { clock, received, journal } = streamUnder({ kind: "silence" });
    clock.advance(3 * MINUTE);
    expect([received.length, journal.count("final")]).toEqual([0, 0]);
  });

  it("drop a single final by symbol and count", () => {
    const { clock, received } = streamUnder({ kind: "drop-finals", symbols: ["BTCUSDT"], times: 1 });
    clock.advance(3 * MINUTE + 3_000);
    expect(finalsOf(received).map(({ k }) => (k.t - T0) / MINUTE)).toEqual([1, 2]);
  });

  it("send finals late, after updates of the next candle, stamped when sent", () => {
    const { clock, received, journal } = streamUnder({ kind: "delay", delayMs: 30_000, messages: "finals" });
    clock.advance(2 * MINUTE);
    const final = finalsOf(received)[0]!;
    expect(final.E).toBe(final.atMs);
    expect(final.E - T0 - MINUTE).toBeGreaterThan(30_000);
    expect(received.slice(0, received.indexOf(final)).some(({ k }) => k.t === T0 + MINUTE)).toBe(true);
    expect(journal.entries("final")[0]?.eventMs).toBe(final.E);
  });

  it("send old data that says its age", () => {
    const { clock, received } = streamUnder({ kind: "delay", delayMs: 30_000, keepEventTime: true });
    clock.advance(2 * MINUTE);
    expect(received.length).toBeGreaterThan(3);
    for (const { E, atMs } of received) expect(atMs - E).toBe(30_000);
  });

  it("forget delayed messages of whom has left meanwhile", () => {
    const { clock, received, close } = streamUnder({ kind: "delay", delayMs: 30_000 });
    clock.advance(20_000);
    close();
    clock.advance(MINUTE);
    expect(received).toEqual([]);
  });

  it("send duplicates", () => {
    const { clock, received, journal } = streamUnder({ kind: "duplicate", copies: 2, messages: "finals" });
    clock.advance(MINUTE + 3_000);
    expect(finalsOf(received)).toHaveLength(3);
    expect(journal.count("final")).toBe(3);
  });

  it("send an older state after the final", () => {
    const { clock, received } = streamUnder({ kind: "stale-updates" });
    clock.advance(MINUTE + 3_000);
    const at = received.findIndex(({ k }) => k.x);
    const [final, stale] = [received[at]!, received[at + 1]!];
    expect(stale.k).toMatchObject({ t: T0, x: false });
    expect(stale.E).toBeLessThan(final.E);
    expect(stale.k.L).toBeLessThan(final.k.L);
  });

  it("hide the end of candles, so that the final brings trades never shown", () => {
    const { clock, received } = streamUnder({ kind: "hidden-tail", hiddenMs: 30_000 });
    clock.advance(10 * MINUTE);
    for (const final of finalsOf(received)) {
      const last = received.filter(({ k }) => k.t === final.k.t && !k.x).at(-1)!;
      expect(last.E).toBeLessThan(final.k.t + 30_000);
      expect(Number(final.k.v)).toBeGreaterThan(Number(last.k.v));
    }
  });

  it("spoil messages, which the journal does not call intact", () => {
    const { clock, received, journal, faults } = streamUnder({ kind: "garble", shape: "numbers" });
    clock.advance(MINUTE + 3_000);
    const spoilt = finalsOf(received)[0]!;
    expect(typeof spoilt.k.c).toBe("number");
    expect(journal.entries("final").map(({ intact }) => intact)).toEqual([false]);
    faults.clear();
    clock.advance(MINUTE);
    expect(journal.entries("final").map(({ intact }) => intact)).toEqual([false, true]);
  });

  it("halt: nothing trades, and the candle around its beginning is partial", () => {
    const { clock, engine, received, subscriber } = streamUnder({
      kind: "halt",
      haltFromMs: T0 + 7 * MINUTE,
      haltToMs: T0 + 13 * MINUTE,
    });
    engine.subscribe("btcusdt@kline_5m", subscriber);
    clock.advance(16 * MINUTE);
    const opens = (interval: string) =>
      finalsOf(received)
        .filter(({ k }) => k.i === interval)
        .map(({ k }) => (k.t - T0) / MINUTE);
    expect(opens("1m")).toEqual([0, 1, 2, 3, 4, 5, 6, 13, 14]);
    expect(opens("5m")).toEqual([0, 5, 10]);
    const during = received.filter(({ E }) => E > T0 + 7 * MINUTE + 2_100 && E < T0 + 13 * MINUTE);
    expect(during.filter(({ k }) => k.i === "1m")).toEqual([]);
  });
});
