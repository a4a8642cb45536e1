/** Checks of what clients were sent: order, completeness, honesty about holes, and forming candles. */
import { fromWireCandle } from "../market/candle.js";
import { parseSeriesId } from "../market/series-id.js";
import type { StoreReader } from "../storage/store.js";
import type { Failure } from "./checks.js";
import type { Received, SimulatedClient } from "./client.js";
import { storeOnDisk } from "./store-checks.js";
import { SeriesTruth } from "./truth.js";
import type { World } from "./world.js";

export function checkClients(world: World): readonly Failure[] {
  const store = storeOnDisk(world);
  return world.clients.flatMap((client) => {
    const series = world.plan.series.find(({ id }) => id === client.plan.series);
    if (series === undefined) return [...checkMessages(toldOf(client, store)), ...ended(client)];
    const truth = new SeriesTruth(world, series);
    const told = toldOf(client, store);
    return [...checkMessages(told), ...unknownCandles(client, truth), ...late(world, client, truth), ...ended(client)];
  });
}

function toldOf({ plan, received }: SimulatedClient, store: StoreReader): Told {
  const { text, timeframeSeconds: timeframeS } = parseSeriesId(plan.series);
  const storedBetween = (afterS: number, beforeS: number): number => store.count(text, afterS + 1, beforeS - 1);
  return { name: plan.name, timeframeS, received, storedBetween };
}

/** What one client was told, and what is stored of it after the run. Times in seconds. */
export interface Told {
  readonly name: string;
  readonly timeframeS: number;
  readonly received: readonly Received[];
  /** How many candles are stored between two times, both excluded. */
  readonly storedBetween: (afterS: number, beforeS: number) => number;
}

/** Order, honesty about holes and forming candles; of each the first breach. */
export function checkMessages(told: Told): readonly Failure[] {
  return [...ordered(told), ...unannounced(told), ...formingBack(told)];
}

/**
 * A daemon whose idea of the time is further behind than this, in milliseconds, cannot know that a returning client's cursor
 * lies in the past: it may begin the catch-up before it. That is known and documented; all other repeats are breaches.
 */
const CLOCK_TOLERANCE_MS = 1_000;

function ordered({ name, received }: Told): readonly Failure[] {
  let last = Number.NEGATIVE_INFINITY;
  for (const message of received) {
    const isLost = message.type === "connected" && message.clockBehindMs > CLOCK_TOLERANCE_MS;
    if (isLost) last = Number.NEGATIVE_INFINITY;
    if (message.type !== "closed") continue;
    const time = message.candle.candle_time;
    if (time <= last) return [{ check: "published_once_in_order", message: `${name} was sent ${time} after ${last}` }];
    last = time;
  }
  return [];
}

/** A step over candles that are stored must have been announced. */
function unannounced({ name, timeframeS, received, storedBetween }: Told): readonly Failure[] {
  let last: number | undefined;
  let announced = false;
  for (const message of received) {
    if (message.type === "gap") announced = true;
    if (message.type !== "closed") continue;
    const time = message.candle.candle_time;
    if (last !== undefined && time > last + timeframeS && !announced && storedBetween(last, time) > 0) {
      return [{ check: "no_silent_hole", message: `${name} was sent ${time} after ${last} without a word` }];
    }
    last = time;
    announced = false;
  }
  return [];
}

function unknownCandles({ plan, received }: SimulatedClient, truth: SeriesTruth): readonly Failure[] {
  const wrong = received.find((message) => message.type === "closed" && !truth.knows(fromWireCandle(message.candle)));
  if (wrong === undefined) return [];
  return [{ check: "nothing_invented", message: `${plan.name} was sent what never was: ${JSON.stringify(wrong)}` }];
}

function late({ atEnd }: World, { plan, cursor }: SimulatedClient, truth: SeriesTruth): readonly Failure[] {
  if (truth.isDelisted || !atEnd.wanted.has(plan.name)) return [];
  if (!atEnd.connected.has(plan.name))
    return [{ check: "client_up_to_date", message: `${plan.name} could not connect in the calm` }];
  const due = truth.times(truth.dueTime - 20 * truth.series.timeframeS, truth.dueTime).at(-1);
  if (due === undefined || (cursor ?? 0) >= due) return [];
  return [{ check: "client_up_to_date", message: `${plan.name} has come to ${cursor}, but ${due} has closed` }];
}

function formingBack({ name, received }: Told): readonly Failure[] {
  let closed = Number.NEGATIVE_INFINITY;
  let forming: Extract<Received, { type: "forming" }> | undefined;
  for (const message of received) {
    if (message.type === "connected") forming = undefined;
    if (message.type === "closed") closed = message.candle.candle_time;
    if (message.type !== "forming") continue;
    const { candle_time: time, volume } = message.candle;
    const before = forming?.candle;
    const isBack = time <= closed || (before !== undefined && time < before.candle_time);
    const shrinks = before?.candle_time === time && volume < before.volume;
    if (isBack || shrinks) {
      const seen = `closed up to ${closed}, forming ${JSON.stringify(before ?? null)}`;
      return [{ check: "forming_moves_forward", message: `${name}: ${JSON.stringify(message.candle)} after ${seen}` }];
    }
    forming = message;
  }
  return [];
}

function ended({ plan, failure }: SimulatedClient): readonly Failure[] {
  return failure === undefined ? [] : [{ check: "subscription_lives", message: `${plan.name}: ${String(failure)}` }];
}
