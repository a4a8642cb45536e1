/** Data that flow, but are old. F22, F23. */
import { describe, expect, test } from "vitest";
import { LAG_LASTS_MS, LAG_LIMIT_MS, LagMeter } from "../../../src/actors/endpoint/lag-meter.js";
import { CONNECTION_WAITS_MS } from "../../../src/actors/endpoint/suspicions.js";
import { candleAt } from "../../support/candles.js";
import { until } from "./socket-server.js";
import { startEndpoint, streamName } from "./world.js";

describe("a lag meter", () => {
  test("tells a connection all of whose messages have been over the limit for long enough", () => {
    const meter = new LagMeter();
    expect(meter.lagMs).toBeNull();
    expect(meter.heard(LAG_LIMIT_MS + 1, 0)).toBe(false);
    expect(meter.heard(LAG_LIMIT_MS + 1, LAG_LASTS_MS - 1)).toBe(false);
    expect(meter.heard(60_000, LAG_LASTS_MS)).toBe(true);
    expect(meter.lagMs).toBe(60_000);
  });

  test("begins anew with one message that is in time, and when this process was late itself", () => {
    const meter = new LagMeter();
    meter.heard(60_000, 0);
    meter.heard(LAG_LIMIT_MS, 10_000);
    expect(meter.heard(60_000, LAG_LASTS_MS + 9_999)).toBe(false);
    meter.excuse();
    expect(meter.heard(60_000, 1_000_000)).toBe(false);
    expect(meter.heard(60_000, 1_000_000 + LAG_LASTS_MS)).toBe(true);
  });
});

/** A connection whose messages are `lagMs` behind; one comes every five seconds. */
async function lagging(lagMs: number, isKnown = true) {
  const time: { earliestNowMs: () => number | undefined } = { earliestNowMs: () => undefined };
  const world = await startEndpoint({ earliestNowMs: () => time.earliestNowMs() });
  const { server, attach, acknowledged, advance, clock } = world;
  if (isKnown) time.earliestNowMs = () => clock.now();
  const part = attach(streamName(0));
  await acknowledged([part]);
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) {
      await advance(5_000);
      const heard = part.ear.klines.length;
      const open = server.sides.filter(({ closed }) => closed === undefined);
      for (const side of open) side.kline(streamName(0), candleAt(60), false, clock.now() - lagMs);
      await until("the messages", () => part.ear.klines.length === heard + open.length);
      await world.turns();
    }
  };
  return { ...world, part, pass };
}

describe("a connection that brings old data", () => {
  test("RS-E28 is renewed when all of it has been 10 s old for 30 s", async () => {
    const { pass, server, log, part } = await lagging(LAG_LIMIT_MS + 1_000);
    await pass(30);
    expect(server.attempts).toHaveLength(1);
    await pass(5);
    await until("the successor", () => server.sides.length === 2);
    expect(log.of("connection.lagging")[0]?.fields).toMatchObject({ connection: 1, lag_ms: 11_000 });
    expect(log.of("renewal.started")[0]?.fields).toMatchObject({ cause: "lag" });
    expect(part.ear.losses).toEqual([]);
  });

  test("again only after a while, when that does not help", async () => {
    const { pass, server } = await lagging(60_000);
    await pass(35 + (CONNECTION_WAITS_MS[0] ?? 0) / 1000 - 5);
    expect(server.attempts).toHaveLength(2);
    await pass(10);
    await until("the second successor", () => server.sides.length === 3);
  });

  test("not when it is less, when the exchange's time is not known, or when this process was late itself", async () => {
    const [less, unknown, busy] = [await lagging(LAG_LIMIT_MS), await lagging(60_000, false), await lagging(60_000)];
    await less.pass(60);
    await unknown.pass(60);
    for (let n = 0; n < 3; n += 1) {
      await busy.pass(20);
      busy.endpoint.excuseLag();
    }
    for (const { server } of [less, unknown, busy]) expect(server.attempts).toHaveLength(1);
  });
});
