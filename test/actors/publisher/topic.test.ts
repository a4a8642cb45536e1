import { expect, test } from "vitest";
import type { Frame } from "../../../src/actors/publisher/messages.js";
import { type CandleSource, type Subscriber, Subscription } from "../../../src/actors/publisher/subscription.js";
import { Topic } from "../../../src/actors/publisher/topic.js";
import { silentLog } from "../../../src/observability/event-log.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { candleAt } from "../../support/candles.js";

const SERIES = "binance:spot:BTC/USDT:1m";
const EMPTY: CandleSource = {
  page: () => ({ candles: [], effectiveSince: null, full: false }),
  between: () => ({ candles: [], full: false }),
  recover: undefined,
  openGaps: () => [],
};

interface Client extends Subscriber {
  readonly frames: Frame[];
  readonly failures: unknown[];
}

function client(onSend: () => void = () => undefined): Client {
  const frames: Frame[] = [];
  const failures: unknown[] = [];
  return {
    frames,
    failures,
    send: (frame) => {
      onSend();
      frames.push(frame);
    },
    room: () => Promise.resolve(true),
    failed: (error) => void failures.push(error),
  };
}

async function follow(topic: Topic, subscriber: Subscriber): Promise<Subscription> {
  const subscription = new Subscription(
    SERIES,
    null,
    { timeframeSeconds: 60, batches: false, gaps: false },
    subscriber,
    EMPTY,
  );
  topic.add(subscription);
  await subscription.catchUp();
  return subscription;
}

const newTopic = (): Topic => new Topic(SERIES, new SimulatedClock(), silentLog);
const closed = (...times: number[]) => ({
  type: "closed" as const,
  candles: times.map((time) => candleAt(time)),
  grouping: "batch" as const,
});

test("all subscribers are offered a publication before it counts as published, at once if they are few", async () => {
  const topic = newTopic();
  const clients = Array.from({ length: 256 }, () => client());
  for (const one of clients) await follow(topic, one);
  expect(topic.publish(closed(60, 120))).toBeUndefined();
  for (const { frames } of clients) expect(frames.map(({ kind }) => kind)).toEqual(["candle_closed", "candle_closed"]);
});

test("many subscribers are served in turns, each with the same bytes, and others get their turn in between", async () => {
  const topic = newTopic();
  const clients = Array.from({ length: 1_000 }, () => client());
  for (const one of clients) await follow(topic, one);
  let others = 0;
  let counting = true;
  const count = (): void => {
    others += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await topic.publish(closed(60));
  counting = false;
  expect(others).toBeGreaterThanOrEqual(3);
  const [first] = clients;
  for (const { frames } of clients) expect(frames[0]).toBe(first?.frames[0]);
});

test("who leaves while others are being served is offered nothing more; who comes is not offered what was before", async () => {
  const topic = newTopic();
  const clients = Array.from({ length: 600 }, () => client());
  const subscriptions: Subscription[] = [];
  for (const one of clients) subscriptions.push(await follow(topic, one));
  const publishing = topic.publish(closed(60));
  topic.remove(subscriptions[599] as Subscription);
  const newcomer = client();
  await follow(topic, newcomer);
  await publishing;
  expect(clients[598]?.frames).toHaveLength(1);
  expect(clients[599]?.frames).toEqual([]);
  expect(newcomer.frames).toEqual([]);
});

test("a subscriber that fails is dropped and told; the others get theirs", async () => {
  const topic = newTopic();
  const broken = client(() => {
    throw new Error("no wire");
  });
  const [before, after] = [client(), client()];
  for (const one of [before, broken, after]) await follow(topic, one);
  topic.publish(closed(60));
  topic.publish(closed(120));
  for (const { frames } of [before, after]) expect(frames).toHaveLength(2);
  expect(broken.failures).toEqual([new Error("no wire")]);
  expect(topic.size).toBe(2);
});

test("the newest published time only grows, and only by closed candles", () => {
  const topic = newTopic();
  expect(topic.publishedTime).toBeNull();
  topic.publish({ type: "forming", candle: candleAt(600) });
  topic.publish({ type: "rebuilt" });
  expect(topic.publishedTime).toBeNull();
  topic.publish(closed(60, 120));
  topic.publish(closed(60));
  topic.publish(closed());
  expect(topic.publishedTime).toBe(120);
});

test("removing what is not there changes nothing", async () => {
  const topic = newTopic();
  const subscription = await follow(topic, client());
  topic.remove(subscription);
  topic.remove(subscription);
  expect(topic.size).toBe(0);
});
