/** What an endpoint does when a stream does not bring what the exchange has. F01-F03; feed bound B11. */
import { describe, expect, test } from "vitest";
import { candleAt } from "../../support/candles.js";
import { until } from "./socket-server.js";
import { startEndpoint, streamName } from "./world.js";

const MINUTE = 60_000;

/** Three streams, of which the first one stops after its first candle, while the others go on. */
async function halfDead() {
  const world = await startEndpoint();
  const { server, attachMany, acknowledged, advance, endpoint, attach } = world;
  const parts = attachMany(3);
  await acknowledged(parts);
  const brings = async (side: number, stream: number): Promise<void> => {
    const ear = parts[stream]?.ear;
    const heard = ear?.klines.length ?? 0;
    server.sides[side]?.kline(streamName(stream), candleAt(60));
    await until(`stream ${stream} on connection ${side}`, () => (ear?.klines.length ?? 0) > heard);
  };
  for (const stream of [0, 1, 2]) await brings(0, stream);
  /** A minute passes in which only the other two bring something. */
  const minute = async (side = 0): Promise<void> => {
    await advance(MINUTE);
    await brings(side, 1);
    await brings(side, 2);
  };
  return { ...world, parts, brings, minute, endpoint, attach };
}

describe("proof against one stream", () => {
  test("RS-E25 has it asked for again, once, and whoever follows it told when it stands again", async () => {
    const { parts, minute, server, advance, log } = await halfDead();
    await minute();
    parts[0]?.suspect("no final");
    await advance(2_000);
    await until("the acknowledgement", () => parts[0]?.ear.subscriptions === 2);
    expect(server.side.controls.map(({ method, params }) => [method, params.length])).toEqual([
      ["SUBSCRIBE", 3],
      ["UNSUBSCRIBE", 1],
      ["SUBSCRIBE", 1],
    ]);
    expect(server.side.streams("UNSUBSCRIBE")).toEqual([streamName(0)]);
    expect([server.attempts.length, parts[1]?.ear.subscriptions]).toEqual([1, 1]);
    expect(log.of("stream.suspected")[0]?.fields).toMatchObject({ why: "no final", answer: "resubscribe" });
  });

  test("RS-E26 that comes again has its connection renewed, with all streams and without a loss (F02)", async () => {
    const { parts, minute, server, brings, told } = await halfDead();
    for (let proof = 0; proof < 2; proof += 1) {
      await minute();
      parts[0]?.suspect("no final");
    }
    await until("the successor", () => server.sides[1]?.streams("SUBSCRIBE").length === 3);
    for (const stream of [0, 1, 2]) await brings(1, stream);
    await until("the old one's end", () => server.sides[0]?.closed !== undefined);
    expect([parts.flatMap(({ ear }) => ear.losses), told]).toEqual([[], ["succeeded", "succeeded"]]);
  });

  test("that cannot be had anywhere costs the others no more than a few renewals in an hour", async () => {
    const { parts, minute, server, advance } = await halfDead();
    for (let n = 0; n < 60; n += 1) {
      await minute(server.sides.length - 1);
      parts[0]?.suspect("no final");
      await advance(0);
    }
    expect(server.attempts.length).toBeLessThanOrEqual(4);
    expect(server.sides.flatMap((side) => side.streams("UNSUBSCRIBE"))).toHaveLength(1);
    expect(parts.flatMap(({ ear }) => ear.losses)).toEqual([]);
  });

  test("means nothing for a stream that waits for a connection, or was left", async () => {
    const { server, attach, turns, advance } = await startEndpoint();
    server.handshake = "hang";
    const waiting = attach(streamName(0));
    waiting.suspect("no final");
    waiting.detach();
    waiting.suspect("no final");
    await turns();
    await advance(1_000);
    expect(server.attempts.length).toBeLessThanOrEqual(1);
  });
});

describe("proof against all streams of a connection", () => {
  test("RS-E27 has it renewed at once (F01, B11)", async () => {
    const { parts, server, advance, log } = await halfDead();
    await advance(MINUTE);
    for (const { suspect } of parts) suspect("no final");
    await until("the successor", () => server.sides[1]?.streams("SUBSCRIBE").length === 3);
    expect(log.of("renewal.started")[0]?.fields).toMatchObject({ cause: "stalled" });
    // Of a dead connection nothing is waited for longer than for any other.
    await advance(110_000);
    await until("the old one's end", () => server.sides[0]?.closed !== undefined);
  });
});
