/** How soon what the exchange sends is with a client, while thirty series close at once. Spec: feed-behaviour B21. */
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { liveDaemon } from "../support/followed.js";
import { candles } from "../support/http.js";
import { untilTrue } from "../support/until.js";
import { BTC, startWorld } from "../support/world.js";

/** Thirty closes every three real seconds: more than the bounds are about, without filling a busy machine. */
const SPEED = 20;
/** Besides the two that are recorded. */
const WALKING = Array.from({ length: 28 }, (_, at) => `S${String.fromCharCode(65 + (at % 26))}${at}USDT`);
const SERIES = [...WALKING, "BTCUSDT", "ETHUSDT"].map((symbol) => `binance:futures:${symbol.slice(0, -4)}/USDT:1m`);

const MINUTES = 5;
/** Bounds of B21, in real milliseconds. */
const FRAME_TO_CLIENT_P95_MS = 700;
const HTTP_P95_MS = 500;

function p95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.POSITIVE_INFINITY;
}

test("B21: closes of thirty series reach a client, and reads are answered, within their bounds", async () => {
  const world = await startWorld({ speed: SPEED, moreFutures: WALKING });
  const { journal } = world.exchange.futures;
  const daemon = await liveDaemon(world, SERIES);
  /** When each close came, in milliseconds of the world, by symbol and open time. */
  const came = new Map<string, number>();
  const socket = new WebSocket(`${daemon.url.replace(/^http/, "ws")}/ws/market`);
  onTestFinished(() => socket.terminate());
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as { type: string; series_id: string; candle?: { candle_time: number } };
    if (message.type !== "candle_closed" || message.candle === undefined) return;
    const symbol = message.series_id.split(":")[2]?.replace("/", "");
    came.set(`${symbol} ${message.candle.candle_time * 1000}`, world.clock.now());
  });
  await new Promise((resolve) => socket.once("open", resolve));
  const startMs = world.clock.now();
  for (const series_id of SERIES)
    socket.send(JSON.stringify({ type: "subscribe", series_id, since: Math.floor(startMs / 1000) }));
  const answersMs: number[] = [];
  const lastMinute = () => came.size >= MINUTES * SERIES.length;
  while (!lastMinute()) {
    const askedMs = world.clock.now();
    await candles(daemon.url, BTC, "&limit=500");
    answersMs.push((world.clock.now() - askedMs) / SPEED);
    await untilTrue("the next read", () => lastMinute() || world.clock.now() - askedMs > 1_000);
    expect(world.clock.now() - startMs).toBeLessThan((MINUTES + 10) * 60_000);
  }
  const finals = journal.entries("final").filter(({ atMs }) => atMs > startMs + 60_000);
  const waits = finals.flatMap(({ symbol, openMs, atMs }) => {
    const arrivedMs = came.get(`${symbol} ${openMs}`);
    return arrivedMs === undefined ? [] : [(arrivedMs - atMs) / SPEED];
  });
  expect(waits.length).toBeGreaterThan((MINUTES - 2) * SERIES.length);
  expect(p95(waits)).toBeLessThanOrEqual(FRAME_TO_CLIENT_P95_MS);
  expect(answersMs.length).toBeGreaterThan(20);
  expect(p95(answersMs)).toBeLessThan(HTTP_P95_MS);
});
