/** The simulator against itself: whatever it says on one side must agree with what it says on the others. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candle } from "../../src/market/candle.js";
import type { Fault } from "../../src/sim/faults/catalogue.js";
import { walkSource } from "../../src/sim/truth/walk-source.js";
import { advance, getJson, type KlineMessage, startExchange, TestClient } from "./exchange-support.js";
import { MINUTE, symbolOf, T0 } from "./support.js";

type Row = [number, string, string, string, string, string, ...unknown[]];

const ofMessage = ({ k }: KlineMessage): Candle => candleOf(k.t, [k.o, k.h, k.l, k.c, k.v]);
const ofRow = ([openMs, ...values]: Row): Candle => candleOf(openMs, values.slice(0, 5));

function candleOf(openMs: number, values: readonly unknown[]): Candle {
  const [open = 0, high = 0, low = 0, close = 0, volume = 0] = values.map(Number);
  return { time: openMs / 1_000, open, high, low, close, volume };
}

const LISTED = { listedMs: T0 - 600 * MINUTE };

describe("REST and streams", () => {
  it("show the same forming candle at the moment of an update, in every interval", async () => {
    const { clock, futures } = await startExchange({ startMs: T0 + 17 * MINUTE });
    const intervals = ["1m", "5m", "1h", "1d"];
    const streams = intervals.map((interval) => `btcusdt@kline_${interval}`).join("/");
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws/${streams}`);
    const compared = new Set<string>();
    for (let step = 0; step < 100; step += 1) {
      const before = client.klines().length;
      await advance(clock, (clock.nextDueMs ?? clock.now()) - clock.now(), client);
      for (const message of client.klines().slice(before)) {
        if (message.k.x) continue;
        const path = `/fapi/v1/klines?symbol=BTCUSDT&interval=${message.k.i}&limit=1`;
        const { body } = await getJson(futures.restUrl + path);
        expect(ofRow((body as Row[])[0]!)).toEqual(ofMessage(message));
        compared.add(String(message.k.i));
      }
    }
    expect([...compared].sort()).toEqual(intervals.toSorted());
  });

  it("together hold the truth, whatever is lost on the way", async () => {
    const minute = (index: number): number => T0 + index * MINUTE;
    const anyFault: fc.Arbitrary<Fault> = fc.oneof(
      fc.record({ kind: fc.constant("drop-finals" as const), times: fc.integer({ min: 1, max: 5 }) }),
      fc.record({
        kind: fc.constant("silence" as const),
        fromMs: fc.integer({ min: minute(1), max: minute(6) }),
        untilMs: fc.constant(minute(9)),
      }),
      fc.record({
        kind: fc.constant("delay" as const),
        delayMs: fc.integer({ min: 1, max: 50_000 }),
        messages: fc.constant("finals" as const),
      }),
      fc.record({ kind: fc.constant("duplicate" as const), copies: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant("stale-updates" as const) }),
      fc.record({
        kind: fc.constant("garble" as const),
        shape: fc.constantFrom("not-json" as const, "truncated" as const),
        times: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({
        kind: fc.constant("halt" as const),
        haltFromMs: fc.constantFrom(minute(3), minute(4)),
        haltToMs: fc.constantFrom(minute(5), minute(7)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(anyFault, { maxLength: 3 }),
        fc.constantFrom(0, 0.3),
        async (seed, faults, quietShare) => {
          const source = walkSource({ seed, startPrice: 50, quietShare, ...LISTED });
          const { clock, exchange, futures } = await startExchange({ seed, symbols: [symbolOf("BTCUSDT", source)] });
          for (const fault of faults) futures.faults.switchOn(fault);
          const client = await TestClient.connect(`${futures.wsUrl}/market/ws/btcusdt@kline_1m`);
          await advance(clock, 12 * MINUTE, client);
          const query = `symbol=BTCUSDT&interval=1m&startTime=${T0}&endTime=${minute(11)}`;
          const { body } = await getJson(`${futures.restUrl}/fapi/v1/klines?${query}`);
          const truth = futures.journal.truth("BTCUSDT", "1m", T0, minute(12));
          expect((body as Row[]).map(ofRow)).toEqual(truth);
          const finals = client.texts
            .filter((text) => text.startsWith('{"e":"kline"') && text.endsWith("}}"))
            .map((text) => JSON.parse(text) as KlineMessage)
            .filter(({ k }) => k.x && k.t >= T0);
          for (const final of finals) expect(truth).toContainEqual(ofMessage(final));
          const noted = futures.journal.entries("final").filter(({ intact, openMs }) => intact && openMs >= T0);
          expect(finals.map(ofMessage)).toEqual(noted.map(({ candle }) => candle));
          await exchange.stop();
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("two connections", () => {
  it("get the same finals at the same time, whenever they subscribed", async () => {
    const { clock, spot } = await startExchange();
    const early = await TestClient.connect(`${spot.wsUrl}/ws/btcusdt@kline_1m`);
    await advance(clock, 90_000, early);
    const late = await TestClient.connect(`${spot.wsUrl}/stream?streams=btcusdt@kline_1m`);
    await advance(clock, 3 * MINUTE, early, late);
    const times = (client: TestClient) =>
      client
        .finals()
        .filter(({ k }) => k.t >= T0 + MINUTE)
        .map(({ E, k }) => [E, k.t]);
    expect(times(late)).toHaveLength(3);
    expect(times(early)).toEqual(times(late));
  });
});
