/** Daemons in processes of their own that follow series of a world, and what their clients see. */
import { expect } from "vitest";
import { FeedClient } from "./feed-client.js";
import { type DaemonProcess, startProcess } from "./process.js";
import { untilTrue } from "./until.js";
import { whitelistFile } from "./whitelist.js";
import { truth, type World } from "./world.js";

/** Virtual seconds per real one. */
export const SPEED = 90;

export const MINUTE_MS = 60_000;

export async function liveDaemon(world: World, whitelist: readonly string[], env = {}): Promise<DaemonProcess> {
  return startProcess(["start"], { ...world.env, TRADE_CANVAS_WHITELIST_PATH: whitelistFile(whitelist), ...env });
}

/** Follows series, and waits until each has shown a forming candle. */
export async function followed(daemon: DaemonProcess, series: readonly string[]): Promise<FeedClient> {
  const client = await FeedClient.connect(daemon.url);
  for (const one of series) client.subscribe(one, null);
  await untilTrue("forming candles of all", () => series.every((one) => formingOf(client, one) > 0));
  return client;
}

export const formingOf = (client: FeedClient, series: string): number =>
  client.ofType("candle_forming").filter(({ series_id }) => series_id === series).length;

/** How long it takes, in milliseconds of the world, until something holds. */
export async function took(world: World, what: string, holds: () => boolean | Promise<boolean>): Promise<number> {
  const startMs = world.clock.now();
  await untilTrue(what, holds);
  return world.clock.now() - startMs;
}

export function expectTruth(world: World, client: FeedClient, series: string): void {
  const live = client.closedCandles(series);
  const [first, last] = [live[0]?.candle_time ?? 0, live.at(-1)?.candle_time ?? 0];
  expect(live).toEqual(truth(world.exchange, series, first, last + 60));
}
