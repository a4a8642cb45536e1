import { expect, test } from "vitest";
import { coalesceForming, type PublisherMessage } from "../../../src/actors/publisher/protocol.js";
import type { PublicationContent } from "../../../src/actors/publisher/publication.js";
import { type Owed, PublisherBehavior } from "../../../src/actors/publisher/publisher.js";
import { candleAt } from "../../support/candles.js";

interface Sink {
  readonly published: PublicationContent[];
  fault: Error | undefined;
  held: Promise<void> | undefined;
  publish(content: PublicationContent): void | Promise<void>;
}

function newSink(): Sink {
  const sink: Sink = {
    published: [],
    fault: undefined,
    held: undefined,
    publish: (content) => {
      if (sink.fault !== undefined) throw sink.fault;
      sink.published.push(content);
      return sink.held;
    },
  };
  return sink;
}

function closedMessage(time: number, done: () => void = () => undefined): PublisherMessage {
  const reply = { resolve: done, reject: () => undefined };
  return { type: "publish_closed", candles: [candleAt(time)], grouping: "single", reply };
}

const closedContent = (time: number) => ({ type: "closed", candles: [candleAt(time)], grouping: "single" });

test("closed candles, notices and forming candles go to the sink as they are", async () => {
  const sink = newSink();
  const publisher = new PublisherBehavior(sink, { content: undefined });
  await publisher.start();
  let answered = 0;
  const done = (): void => {
    answered += 1;
  };
  publisher.receive(closedMessage(60, done));
  publisher.receive({ type: "publish_rebuilt", reply: { resolve: done, reject: () => undefined } });
  publisher.receive({ type: "publish_forming", candle: candleAt(120) });
  expect(sink.published).toEqual([closedContent(60), { type: "rebuilt" }, { type: "forming", candle: candleAt(120) }]);
  expect(answered).toBe(2);
});

test("the answer comes when everyone has been offered it", async () => {
  const sink = newSink();
  const publisher = new PublisherBehavior(sink, { content: undefined });
  let release: () => void = () => undefined;
  sink.held = new Promise((resolve) => {
    release = resolve;
  });
  let answered = false;
  const receiving = publisher.receive(
    closedMessage(60, () => {
      answered = true;
    }),
  );
  await Promise.resolve();
  expect(answered).toBe(false);
  release();
  await receiving;
  expect(answered).toBe(true);
});

test("what an incarnation could not get out, the next one publishes", async () => {
  const sink = newSink();
  const owed: Owed = { content: undefined };
  const first = new PublisherBehavior(sink, owed);
  sink.fault = new Error("no wire");
  expect(() => first.receive(closedMessage(60))).toThrow("no wire");
  sink.fault = undefined;
  const second = new PublisherBehavior(sink, owed);
  await second.start();
  expect(sink.published).toEqual([closedContent(60)]);
  await new PublisherBehavior(sink, owed).start();
  expect(sink.published).toHaveLength(1);
});

test("what cannot be published at all does not keep every incarnation from starting", async () => {
  const sink = newSink();
  const owed: Owed = { content: undefined };
  sink.fault = new Error("unpublishable");
  expect(() => new PublisherBehavior(sink, owed).receive(closedMessage(60))).toThrow();
  await expect(new PublisherBehavior(sink, owed).start()).rejects.toThrow("unpublishable");
  await new PublisherBehavior(sink, owed).start();
});

test("a forming candle that fails is owed to nobody", async () => {
  const sink = newSink();
  const owed: Owed = { content: undefined };
  sink.fault = new Error("no wire");
  expect(() => new PublisherBehavior(sink, owed).receive({ type: "publish_forming", candle: candleAt(60) })).toThrow();
  expect(owed.content).toBeUndefined();
});

test("of waiting forming candles the mailbox keeps the latest", () => {
  expect(coalesceForming({ type: "publish_forming", candle: candleAt(60) })).toBe("forming");
  expect(coalesceForming(closedMessage(60))).toBeUndefined();
});
