/** Renewal of connections, make before break. F10, F13; feed bounds B3, B14, B23. */
import { describe, expect, test } from "vitest";
import { MAX_STREAMS_PER_CONNECTION } from "../../../src/actors/endpoint/market-endpoint.js";
import { FIRST_PAUSE_MS, HAND_OVER_LIMIT_MS } from "../../../src/actors/endpoint/renewal.machine.js";
import { candleAt } from "../../support/candles.js";
import type { ServerSide } from "./socket-server.js";
import { until } from "./socket-server.js";
import { type Ear, startEndpoint, streamName } from "./world.js";

const AGE_MS = 600_000;

/** An endpoint with a number of streams on a connection that is about to be renewed. */
async function aging(count: number, random = 0) {
  const world = await startEndpoint({ renewAfterMs: AGE_MS, random: () => random });
  const parts = world.attachMany(count);
  await world.acknowledged(parts);
  const { server, clock } = world;
  const side = (n: number): ServerSide => {
    const found = server.sides[n];
    if (found === undefined) throw new Error(`connection ${n} was not made`);
    return found;
  };
  /** Sends a candle of each of the streams, and waits until it has been heard. */
  const brings = async (n: number, streams: readonly number[]): Promise<void> => {
    for (const stream of streams) {
      const { ear } = parts[stream] as { ear: Ear };
      const heard = ear.klines.length;
      side(n).kline(streamName(stream), candleAt(60));
      await until(`stream ${stream} on connection ${n}`, () => ear.klines.length > heard);
    }
  };
  /** Waits for a connection with all streams subscribed. */
  const handedOver = (n: number) =>
    until(`connection ${n} to be subscribed`, () => server.sides[n]?.streams("SUBSCRIBE").length === count);
  /** Lets the connection get old, up to where both carry all streams. */
  const begin = async (): Promise<void> => {
    await world.advance(AGE_MS);
    await handedOver(1);
    await world.turns();
  };
  const losses = () => parts.flatMap(({ ear }) => ear.losses);
  const subscriptions = () => parts.map(({ ear }) => ear.subscriptions);
  return { ...world, parts, side, brings, begin, handedOver, losses, subscriptions, clock };
}

describe("the renewal of a connection", () => {
  test("RS-E19 makes another first, and closes the old one when the new one has brought every stream (F10, B3, B23)", async () => {
    const { server, advance, handedOver, side, brings, parts, losses, told, endpoint, log, subscriptions } =
      await aging(3);
    await brings(0, [0]);
    await advance(AGE_MS - 1);
    expect(server.attempts).toHaveLength(1);
    await advance(1);
    await handedOver(1);
    await brings(1, [0, 1]);
    await brings(0, [0, 1, 2]);
    expect([endpoint.size, side(0).closed]).toEqual([{ connections: 2, streams: 3 }, undefined]);
    await brings(1, [2]);
    await until("the old one's end", () => side(0).closed !== undefined);
    expect([side(0).closed, endpoint.size]).toEqual([{ code: 1000 }, { connections: 1, streams: 3 }]);
    // Everything that either brought was passed on, nobody was cut off, and it was no failure.
    expect(parts.map(({ ear }) => ear.klines.length)).toEqual([3, 2, 2]);
    expect([losses(), told, subscriptions(), server.attempts.length]).toEqual([
      [],
      ["succeeded", "succeeded"],
      [1, 1, 1],
      2,
    ]);
    expect(log.of("renewal.done")[0]?.fields).toMatchObject({ connection: 1, cause: "age" });
  });

  test("RS-E20 comes up to a tenth earlier than its age, at random, so that those of one age do not end together", async () => {
    const { server, advance } = await aging(1, 1);
    await advance(0.9 * AGE_MS - 1);
    expect(server.attempts).toHaveLength(1);
    await advance(1);
    await until("the successor", () => server.sides.length === 2);
  });

  test("RS-E21 of streams that neither connection brings ends after 110 s (F33)", async () => {
    const { begin, advance, side, brings, losses, endpoint } = await aging(3);
    await begin();
    await brings(1, [0]);
    await advance(HAND_OVER_LIMIT_MS - 1);
    expect(side(0).closed).toBeUndefined();
    await advance(1);
    await until("the old one's end", () => side(0).closed !== undefined);
    expect([losses(), endpoint.size.connections]).toEqual([[], 1]);
  });

  test("RS-E22 whose new connection does not bring what the old one brings is undone, and tried again later", async () => {
    const { begin, advance, side, brings, losses, endpoint, server, handedOver, log } = await aging(3);
    await begin();
    await brings(1, [0]);
    await brings(0, [0, 1]);
    await advance(HAND_OVER_LIMIT_MS);
    await until("the successor's end", () => side(1).closed !== undefined);
    expect([side(0).closed, losses(), endpoint.size.connections]).toEqual([undefined, [], 1]);
    expect(log.of("renewal.handed_back")[0]?.fields).toMatchObject({ behind: 1, stream: streamName(1) });
    await brings(0, [0, 1, 2]);
    await advance(FIRST_PAUSE_MS - 1);
    expect(server.attempts).toHaveLength(2);
    await advance(1);
    await handedOver(2);
    await brings(2, [0, 1, 2]);
    await until("the old one's end", () => side(0).closed !== undefined);
    expect([losses(), endpoint.size.connections]).toEqual([[], 1]);
  });

  test("RS-E23 begins at once when the exchange announces its end, whatever failed before (F13, B14)", async () => {
    const { server, side, advance, brings, handedOver, losses, told } = await aging(2);
    // A failed attempt, after which nobody may dial for two seconds.
    server.handshake = { status: 503 };
    await advance(AGE_MS);
    await until("the failed attempt", () => told.length === 1);
    server.handshake = "accept";
    side(0).socket.send(JSON.stringify({ e: "serverShutdown", E: 1 }));
    await handedOver(1);
    await brings(1, [0, 1]);
    await until("the old one's end", () => side(0).closed !== undefined);
    expect([server.attempts.length, losses()]).toEqual([3, []]);
  });

  test("RS-E24 whose old connection ends too early is no failure, and has everyone look for holes", async () => {
    const { begin, side, brings, losses, told, endpoint, subscriptions, log, acknowledged, parts } = await aging(3);
    await begin();
    await brings(1, [0]);
    side(0).socket.terminate();
    await until("the end", () => endpoint.size.connections === 1);
    await until("all to be told", () => subscriptions().every((count) => count === 2));
    expect([losses(), told]).toEqual([[], ["succeeded"]]);
    expect(log.of("connection.taken_over")[0]?.fields).toMatchObject({ connection: 1, by: 2, streams: 3 });
    await brings(1, [1, 2]);
    await acknowledged(parts);
  });

  test("whose old connection ends before the new one is subscribed: told when it is", async () => {
    const { server, advance, side, subscriptions, endpoint, losses } = await aging(2);
    server.answer = () => undefined;
    await advance(AGE_MS);
    await until("the request", () => server.sides[1]?.controls.length === 1);
    side(0).socket.terminate();
    await until("the end", () => endpoint.size.connections === 1);
    expect(subscriptions()).toEqual([1, 1]);
    side(1).reply(1);
    await until("all to be told", () => subscriptions().every((count) => count === 2));
    expect(losses()).toEqual([]);
  });

  test("whose old connection ends before the new one is open is a loss like any other", async () => {
    const { server, advance, side, losses, told, log } = await aging(2);
    server.handshake = "hang";
    await advance(AGE_MS);
    await until("the attempt", () => server.attempts.length === 2);
    side(0).socket.terminate();
    await until("the loss", () => losses().length === 2);
    expect(told).toEqual(["connection lost (1006)"]);
    expect(log.of("renewal.failed")).toHaveLength(1);
  });

  test("whose new connection ends goes on with the old one, which also gets what was attached since", async () => {
    const { begin, side, losses, endpoint, attach, acknowledged, advance, server, brings } = await aging(2);
    await begin();
    const late = attach(streamName(9));
    await advance(2_000);
    await acknowledged([late]);
    expect([side(1).streams("SUBSCRIBE").at(-1), side(0).streams("SUBSCRIBE").length]).toEqual([streamName(9), 2]);
    side(1).socket.terminate();
    await until("the end", () => endpoint.size.connections === 1);
    await advance(2_000);
    await until("the late one", () => side(0).streams("SUBSCRIBE").length === 3 && late.ear.subscriptions === 2);
    expect([losses(), late.ear.losses, server.attempts.length]).toEqual([[], [], 2]);
    await brings(0, [0, 1]);
  });

  test("a stream that is left meanwhile is ended on both connections, and not waited for", async () => {
    const { begin, side, brings, parts, advance } = await aging(2);
    await begin();
    await brings(1, [0]);
    parts[1]?.detach();
    await until("the old one's end", () => side(0).closed !== undefined);
    await advance(2_000);
    expect(side(1).streams("UNSUBSCRIBE")).toEqual([streamName(1)]);
  });

  test("what the new connection is refused is still brought by the old one, and costs no one the stream", async () => {
    const { server, side, brings, losses, advance } = await aging(2);
    server.answer = ({ id, params }, to) =>
      to.reply(id, params.includes(streamName(1)) ? { code: 4, msg: "Too many subscriptions" } : undefined);
    await advance(AGE_MS);
    await until("the requests", () => server.sides[1]?.controls.length === 3);
    await advance(10_000);
    await brings(0, [1]);
    await brings(1, [0]);
    await advance(HAND_OVER_LIMIT_MS - 10_000);
    await until("the successor's end", () => side(1).closed !== undefined);
    expect(losses()).toEqual([]);
  });

  test("is one at a time", async () => {
    const { server, endpoint, advance, attachMany, acknowledged, log } = await startEndpoint({
      renewAfterMs: AGE_MS,
      random: () => 0,
    });
    const parts = attachMany(MAX_STREAMS_PER_CONNECTION + 1);
    await until("both connections", () => server.sides.length === 2);
    for (let n = 0; n < 10; n += 1) await advance(1_250);
    await acknowledged(parts);
    await advance(AGE_MS);
    await until("the first successor", () => server.sides.length === 3);
    await advance(0);
    expect([endpoint.size.connections, log.of("renewal.started").length]).toEqual([3, 1]);
    await advance(HAND_OVER_LIMIT_MS);
    await until("the second successor", () => server.sides.length === 4);
    expect([log.of("renewal.done").length, log.of("renewal.started").length]).toEqual([1, 2]);
    await advance(HAND_OVER_LIMIT_MS);
    await until("both to be renewed", () => log.of("renewal.done").length === 2);
    expect(parts.flatMap(({ ear }) => ear.losses)).toEqual([]);
  });

  test("ends with a stop, and leaves no timer", async () => {
    const { begin, endpoint, side, clock } = await aging(2);
    await begin();
    endpoint.stop("the end");
    await until("both ends", () => side(0).closed !== undefined && side(1).closed !== undefined);
    await until("the timers' end", () => clock.pendingTimers === 0);
  });
});

test("connections are told with their part in a renewal, their ages and their streams", async () => {
  const { begin, brings, endpoint, parts } = await aging(2);
  await brings(0, [0]);
  expect(parts[1]?.connection()).toMatchObject({ id: 1, state: "open", streams: 2, dataAgeMs: 0 });
  await begin();
  const [old, successor] = endpoint.connections;
  expect([old?.state, old?.ageMs, old?.dataAgeMs]).toEqual(["retiring", AGE_MS, AGE_MS]);
  expect(successor).toMatchObject({ id: 2, state: "successor", ageMs: 0, dataAgeMs: null, lagMs: null, streams: 2 });
  expect(parts[1]?.connection()).toEqual(successor);
});
