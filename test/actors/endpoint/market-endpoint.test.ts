/** Many streams on few connections. Feed bounds: B3, B4, B19, B20; Spec: binance-protocol §2.1, §2.3. */
import { describe, expect, test } from "vitest";
import { MAX_STREAMS_PER_CONNECTION } from "../../../src/actors/endpoint/market-endpoint.js";
import { candleAt } from "../../support/candles.js";
import { until } from "./socket-server.js";
import { Ear, startEndpoint, streamName } from "./world.js";

describe("streams on a connection", () => {
  test("RS-E1 one connection carries them all, with one SUBSCRIBE for those of one turn (B3)", async () => {
    const { server, attachMany, acknowledged, endpoint } = await startEndpoint();
    const parts = attachMany(15);
    await acknowledged(parts);
    expect([server.attempts, endpoint.size]).toEqual([["/market/stream"], { connections: 1, streams: 15 }]);
    expect(server.side.controls).toHaveLength(1);
    expect(server.side.streams("SUBSCRIBE")).toEqual(Array.from({ length: 15 }, (_, n) => streamName(n)));
    expect(parts.map(({ ear }) => ear.subscriptions)).toEqual(Array(15).fill(1));
  });

  test("RS-E2 later changes are gathered in rounds of two seconds", async () => {
    const { server, attachMany, acknowledged, advance, attach, clock, turns } = await startEndpoint();
    const first = attachMany(5);
    await acknowledged(first);
    for (let n = 5; n < 15; n += 1) {
      attach(streamName(n));
      clock.advance(150);
      await turns();
    }
    first[0]?.detach();
    expect(server.side.controls).toHaveLength(1);
    await advance(2_000);
    expect(server.side.controls.map(({ method, params }) => [method, params.length])).toEqual([
      ["SUBSCRIBE", 5],
      ["UNSUBSCRIBE", 1],
      ["SUBSCRIBE", 10],
    ]);
  });

  test("RS-E3 a stream that nobody wants any longer is ended at the exchange (B19), and can be had again", async () => {
    const { server, attach, acknowledged, advance } = await startEndpoint();
    const kept = attach(streamName(0));
    const left = attach(streamName(1));
    await acknowledged([kept, left]);
    left.detach();
    left.detach();
    await advance(2_000);
    expect(server.side.streams("UNSUBSCRIBE")).toEqual([streamName(1)]);
    server.side.kline(streamName(1), candleAt(60));
    const again = attach(streamName(1));
    await advance(2_000);
    await acknowledged([again]);
    expect(server.side.streams("SUBSCRIBE")).toEqual([0, 1, 1].map(streamName));
    expect(left.ear.klines).toEqual([]);
  });

  test("one that is left and wanted again within a round costs no message, and is known to stand", async () => {
    const { server, attach, acknowledged, advance } = await startEndpoint();
    const first = attach(streamName(0));
    await acknowledged([first]);
    first.detach();
    const again = attach(streamName(0));
    await acknowledged([again]);
    await advance(5_000);
    expect(server.side.controls).toHaveLength(1);
    server.side.kline(streamName(0), candleAt(60));
    await until("the candle", () => again.ear.klines.length === 1);
    expect(first.ear.klines).toEqual([]);
  });

  test("RS-E4 several who want the same share it: each hears everything, and the last to leave ends it", async () => {
    const { server, attach, acknowledged, advance } = await startEndpoint();
    const one = attach(streamName(0));
    await acknowledged([one]);
    const two = attach(streamName(0));
    await acknowledged([two]);
    expect(server.side.controls).toHaveLength(1);
    server.side.kline(streamName(0), candleAt(60), true, 5_000);
    await until("both", () => one.ear.klines.length + two.ear.klines.length === 2);
    expect(two.ear.klines).toEqual([{ candle: candleAt(60), final: true, eventTimeMs: 5_000 }]);
    one.detach();
    await advance(2_000);
    expect(server.side.streams("UNSUBSCRIBE")).toEqual([]);
    two.detach();
    await advance(2_000);
    expect(server.side.streams("UNSUBSCRIBE")).toEqual([streamName(0)]);
  });

  test("a second one is told of the subscription when the exchange has acknowledged it, not before", async () => {
    const { server, attach, acknowledged, turns } = await startEndpoint();
    server.answer = () => undefined;
    const one = attach(streamName(0));
    await until("the request", () => server.sides.length === 1 && server.side.controls.length === 1);
    const two = attach(streamName(0));
    await turns();
    expect([one.ear.subscriptions, two.ear.subscriptions]).toEqual([0, 0]);
    server.side.reply(1);
    await acknowledged([one, two]);
  });

  test("RS-E5 data is as good as an acknowledgement, and better than one that never comes", async () => {
    const { server, attach, acknowledged, told } = await startEndpoint();
    server.answer = () => undefined;
    const { ear } = attach(streamName(0));
    await until("the request", () => server.sides.length === 1 && server.side.controls.length === 1);
    expect(told).toEqual([]);
    server.side.kline(streamName(0), candleAt(60));
    server.side.kline(streamName(0), candleAt(60));
    await acknowledged([{ ear }]);
    await until("the candles", () => ear.klines.length === 2);
    expect([ear.subscriptions, told]).toEqual([1, ["succeeded"]]);
  });

  test("RS-E6 more streams than one connection takes get another", async () => {
    const { server, attachMany, acknowledged, advance, endpoint } = await startEndpoint();
    const parts = attachMany(MAX_STREAMS_PER_CONNECTION + 3);
    await until("both connections", () => server.sides.length === 2);
    for (let n = 0; n < 10; n += 1) await advance(1_250);
    await acknowledged(parts);
    const [first, second] = server.sides;
    expect(first?.streams("SUBSCRIBE")).toHaveLength(MAX_STREAMS_PER_CONNECTION);
    expect(second?.streams("SUBSCRIBE")).toHaveLength(3);
    expect(endpoint.size).toEqual({ connections: 2, streams: MAX_STREAMS_PER_CONNECTION + 3 });
    // Room that is made on the first one is used before another connection is made.
    parts[0]?.detach();
    parts.push(...attachMany(1, 9_000));
    await advance(2_000);
    expect([server.sides.length, first?.streams("SUBSCRIBE").at(-1)]).toEqual([2, streamName(9_000)]);
  });
});

describe("what the exchange says", () => {
  test("RS-E7 a refused stream costs only itself: of a refused batch each is asked for alone", async () => {
    const { server, attach, acknowledged, endpoint, advance } = await startEndpoint();
    server.answer = ({ id, params }, side) => {
      const refused = params.includes(streamName(1));
      side.reply(id, refused ? { code: 2, msg: "Invalid request: invalid stream" } : undefined);
    };
    const [good, bad, other] = [attach(streamName(0)), attach(streamName(1)), attach(streamName(2))];
    await acknowledged([good, other]);
    await until("the refusal", () => bad.ear.losses.length === 1);
    expect(bad.ear.losses).toEqual(["subscription refused: Invalid request: invalid stream"]);
    expect(server.side.controls.map(({ params }) => params.length)).toEqual([3, 1, 1, 1]);
    await advance(5_000);
    expect([good.ear.losses, other.ear.losses, endpoint.size]).toEqual([[], [], { connections: 1, streams: 2 }]);
    expect(server.side.streams("UNSUBSCRIBE")).toEqual([]);
  });

  test("a stream that was refused is asked for again when it is wanted again, however soon", async () => {
    const { server, attach, acknowledged, advance } = await startEndpoint();
    let refusing = true;
    server.answer = ({ id }, side) => side.reply(id, refusing ? { code: 4, msg: "Too many subscriptions" } : undefined);
    const { ear } = attach(streamName(0));
    await until("the refusal", () => ear.losses.length === 1);
    refusing = false;
    const again = attach(streamName(0));
    await advance(2_000);
    await acknowledged([again]);
  });

  test("an error that names no request and unknown frames change nothing (B20)", async () => {
    const { server, attach, acknowledged, log, endpoint, turns } = await startEndpoint();
    const { ear } = attach(streamName(0));
    await acknowledged([{ ear }]);
    const { socket } = server.side;
    socket.send(JSON.stringify({ code: 3, msg: "Invalid JSON" }));
    socket.send("{");
    socket.send(JSON.stringify({ result: null, id: 99 }));
    server.side.kline("nobodyusdt@kline_1m", candleAt(60));
    server.side.kline(streamName(0), candleAt(60));
    await until("the candle", () => ear.klines.length === 1);
    await turns();
    expect([ear.losses, endpoint.size.connections]).toEqual([[], 1]);
    expect(log.of("exchange.error_received")[0]?.fields).toMatchObject({ code: 3, text: "Invalid JSON" });
    expect(log.of("frame.ignored")).toHaveLength(1);
  });
});

describe("a lost connection", () => {
  test("RS-E8 is one failure of the endpoint and one loss for each series on it", async () => {
    const { server, attachMany, attach, acknowledged, told, log, endpoint } = await startEndpoint();
    const parts = [...attachMany(4), attach(streamName(0))];
    await acknowledged(parts);
    server.side.socket.close(1001, "");
    await until("the loss", () => endpoint.size.connections === 0);
    expect(parts.map(({ ear }) => ear.losses)).toEqual(Array(5).fill(["connection lost (1001)"]));
    expect(told).toEqual(["connection lost (1001)"]);
    expect(log.of("connection.lost")[0]?.fields).toMatchObject({ series: 5 });
    expect(endpoint.size.streams).toBe(0);
    for (const { detach } of parts) detach();
  });

  test("does not touch the series on another connection", async () => {
    const { server, attachMany, acknowledged, advance, endpoint } = await startEndpoint();
    const parts = attachMany(MAX_STREAMS_PER_CONNECTION + 1);
    await until("both connections", () => server.sides.length === 2);
    for (let n = 0; n < 10; n += 1) await advance(1_250);
    await acknowledged(parts);
    server.sides[0]?.socket.terminate();
    await until("the loss", () => endpoint.size.connections === 1);
    expect(parts.filter(({ ear }) => ear.losses.length > 0)).toHaveLength(MAX_STREAMS_PER_CONNECTION);
    expect(parts.at(-1)?.ear.losses).toEqual([]);
  });
});

describe("a connection without streams", () => {
  test("RS-E9 is closed after half a minute, unless it is wanted again before", async () => {
    const { server, attach, acknowledged, advance, endpoint, clock } = await startEndpoint();
    const first = attach(streamName(0));
    await acknowledged([first]);
    first.detach();
    await advance(29_000);
    const second = attach(streamName(1));
    await advance(5_000);
    await acknowledged([second]);
    await advance(30_000);
    expect(endpoint.size.connections).toBe(1);
    second.detach();
    await advance(29_999);
    expect(endpoint.size.connections).toBe(1);
    clock.advance(1);
    await until("the close", () => server.side.closed !== undefined);
    expect([endpoint.size.connections, server.side.closed]).toEqual([0, { code: 1000 }]);
    await until("the timers' end", () => clock.pendingTimers === 0);
  });

  test("because all who waited for it have left, or its only stream was refused, is closed too", async () => {
    const left = await startEndpoint();
    left.attach(streamName(0)).detach();
    await left.advance(31_000);
    expect(left.server.attempts).toEqual([]);
    const waiting = left.attach(streamName(0));
    await until("the attempt", () => left.server.attempts.length === 1);
    waiting.detach();
    await until("the connection", () => left.server.sides.length === 1);
    const refused = await startEndpoint();
    refused.server.answer = ({ id }, side) => side.reply(id, { code: 2, msg: "no" });
    const { ear } = refused.attach(streamName(0));
    await until("the refusal", () => ear.losses.length === 1);
    for (const { turns, clock, server, endpoint } of [left, refused]) {
      await turns();
      clock.advance(30_000);
      await until("the close", () => server.side.closed !== undefined);
      expect(endpoint.size.connections).toBe(0);
    }
  });
});

test("RS-E10 a fault in what listens is told once and ends no process", async () => {
  const { server, attach, acknowledged, faults } = await startEndpoint();
  class Broken extends Ear {
    override kline(): void {
      throw new Error("a bug");
    }
  }
  const broken = attach(streamName(0), new Broken());
  await acknowledged([broken]);
  server.side.kline(streamName(0), candleAt(60));
  await until("the fault", () => faults.length === 1);
  expect(faults).toEqual([new Error("a bug")]);
});

test("RS-T5 a stop closes the connections, tells everyone once, and leaves no timer", async () => {
  const { server, attachMany, acknowledged, endpoint, clock, attach } = await startEndpoint();
  const parts = attachMany(3);
  await acknowledged(parts);
  parts[2]?.detach();
  endpoint.stop("the exchange connection was stopped");
  expect(parts.slice(0, 2).map(({ ear }) => ear.losses)).toEqual(
    Array(2).fill(["the exchange connection was stopped"]),
  );
  expect(parts[2]?.ear.losses).toEqual([]);
  await until("the close", () => server.side.closed !== undefined);
  await until("the timers' end", () => clock.pendingTimers === 0);
  attach(streamName(0));
  clock.advance(60_000);
  expect(server.attempts).toHaveLength(1);
});
