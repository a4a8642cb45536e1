import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { encodeMessage, type Frame } from "../../../src/actors/publisher/messages.js";
import { MAX_QUEUED_BYTES, MAX_QUEUED_FRAMES, Outbox } from "../../../src/http/ws/outbox.js";
import { candleAt } from "../../support/candles.js";

/** A socket that takes what it is given and delivers when the test says so. */
class FakeSocket {
  readonly sent: string[] = [];
  bufferedAmount = 0;
  #undelivered: { readonly bytes: number; readonly done: (error?: Error) => void }[] = [];

  send(data: Buffer, options: { readonly binary: boolean }, done: (error?: Error) => void): void {
    expect(options.binary).toBe(false);
    this.sent.push(data.toString("utf8"));
    this.bufferedAmount += data.length;
    this.#undelivered.push({ bytes: data.length, done });
  }

  get undelivered(): number {
    return this.#undelivered.length;
  }

  deliver(count = Number.POSITIVE_INFINITY): void {
    for (const { bytes, done } of this.#undelivered.splice(0, count)) {
      this.bufferedAmount -= bytes;
      done();
    }
  }
}

function setUp(): { socket: FakeSocket; outbox: Outbox; overflows: () => number } {
  const socket = new FakeSocket();
  let overflows = 0;
  const outbox = new Outbox(socket as unknown as WebSocket, () => {
    overflows += 1;
  });
  return { socket, outbox, overflows: () => overflows };
}

const A = "binance:spot:A/USDT:1m";
const B = "binance:spot:B/USDT:1m";
const closed = (time: number, series = A) => encodeMessage(series, { type: "candle_closed", candle: candleAt(time) });
const forming = (time: number, series = A, close = 1) =>
  encodeMessage(series, { type: "candle_forming", candle: candleAt(time, close) });
const filler = (bytes: number): Frame => ({ kind: "candles_batch", series: B, text: Buffer.alloc(bytes, "x") });
const texts = (...frames: Frame[]) => frames.map(({ text }) => text.toString("utf8"));

/** Fills the socket so that what follows has to wait. */
function clog(outbox: Outbox, socket: FakeSocket): void {
  outbox.send(filler(256 * 1024));
  socket.sent.length = 0;
}

test("a client that keeps up is sent everything at once, in order", () => {
  const { socket, outbox } = setUp();
  const frames = [closed(60), forming(120), closed(120), forming(180, A, 1), forming(180, A, 2)];
  for (const frame of frames) {
    outbox.send(frame);
    socket.deliver();
  }
  expect(socket.sent).toEqual(texts(...frames));
  expect(outbox.queuedFrames).toBe(0);
});

test("behind a full socket frames wait, and go out in order as it empties", () => {
  const { socket, outbox } = setUp();
  clog(outbox, socket);
  const frames = [closed(60), closed(120), closed(180)];
  for (const frame of frames) outbox.send(frame);
  expect(socket.sent).toEqual([]);
  expect(outbox.queuedFrames).toBe(3);
  socket.deliver();
  expect(socket.sent).toEqual(texts(...frames));
  expect(outbox.queuedFrames).toBe(0);
});

test("of waiting forming candles only the newest of each series is kept, in its place", () => {
  const { socket, outbox } = setUp();
  clog(outbox, socket);
  outbox.send(forming(60, A, 1));
  outbox.send(forming(60, B, 1));
  for (let close = 2; close <= 50; close += 1) outbox.send(forming(60, A, close));
  expect(outbox.queuedFrames).toBe(2);
  socket.deliver();
  expect(socket.sent).toEqual(texts(forming(60, A, 50), forming(60, B, 1)));
});

test("a forming candle never overtakes a closed one of its series", () => {
  const { socket, outbox } = setUp();
  clog(outbox, socket);
  outbox.send(forming(60));
  outbox.send(closed(60));
  outbox.send(forming(120));
  outbox.send(closed(60, B));
  outbox.send(forming(120, A, 7));
  socket.deliver();
  expect(socket.sent).toEqual(texts(forming(60), closed(60), forming(120, A, 7), closed(60, B)));
});

test("too many waiting bytes are too much, exactly beyond the bound", () => {
  const { socket, outbox, overflows } = setUp();
  clog(outbox, socket);
  outbox.send(filler(MAX_QUEUED_BYTES));
  expect(overflows()).toBe(0);
  outbox.send(closed(60));
  expect(overflows()).toBe(1);
  outbox.send(closed(120));
  socket.deliver();
  expect(socket.sent).toEqual([]);
  expect([overflows(), outbox.queuedFrames]).toEqual([1, 0]);
});

test("too many waiting frames are too much, exactly beyond the bound", () => {
  const { socket, outbox, overflows } = setUp();
  clog(outbox, socket);
  const frame = closed(60);
  for (let count = 0; count < MAX_QUEUED_FRAMES; count += 1) outbox.send(frame);
  expect(overflows()).toBe(0);
  outbox.send(frame);
  expect(overflows()).toBe(1);
});

test("replaced forming candles do not add up to too much", () => {
  const { socket, outbox, overflows } = setUp();
  clog(outbox, socket);
  for (let count = 0; count < MAX_QUEUED_FRAMES * 3; count += 1) outbox.send(forming(60, A, count));
  expect([overflows(), outbox.queuedFrames]).toEqual([0, 1]);
});

test("room is there when the queue is empty and the socket takes more; a closed one has none", async () => {
  const { socket, outbox } = setUp();
  await expect(outbox.room()).resolves.toBe(true);
  clog(outbox, socket);
  outbox.send(closed(60));
  let answer: boolean | undefined;
  const waiting = outbox.room().then((open) => {
    answer = open;
  });
  socket.deliver(1);
  await waiting;
  expect(answer).toBe(true);
  clog(outbox, socket);
  const waitingForEver = outbox.room();
  outbox.close();
  await expect(waitingForEver).resolves.toBe(false);
  await expect(outbox.room()).resolves.toBe(false);
});

test("frames that were handed over are let go of, even if the queue never runs empty", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { socket, outbox } = setUp();
  const watched: WeakRef<Buffer>[] = [];
  outbox.send(filler(256 * 1024));
  for (let count = 0; count < 500; count += 1) {
    const text = Buffer.alloc(1_024, "x");
    watched.push(new WeakRef(text));
    outbox.send({ kind: "candle_closed", series: A, text });
    outbox.send({ kind: "candle_closed", series: A, text: Buffer.alloc(256 * 1024, "y") });
    // Two go out, two come in: some always wait.
    if (count >= 5) socket.deliver(2);
    socket.sent.length = 0;
  }
  expect(outbox.queuedFrames).toBeGreaterThan(0);
  // What a weak reference names lives at least until the turn ends.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const alive = watched.filter((reference) => reference.deref() !== undefined).length;
  expect(alive).toBeLessThan(100);
});

test("whatever is sent and however it drains: nothing but outdated forming candles is left out, and order is kept", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("closed" as const), series: fc.constantFrom(A, B) }),
    fc.record({ type: fc.constant("forming" as const), series: fc.constantFrom(A, B) }),
    fc.record({ type: fc.constant("clog" as const) }),
    fc.record({ type: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { socket, outbox, overflows } = setUp();
      const given: Frame[] = [];
      const give = (frame: Frame): void => {
        given.push(frame);
        outbox.send(frame);
      };
      for (const [index, one] of steps.entries()) {
        if (one.type === "closed") give(closed(60 * index, one.series));
        else if (one.type === "forming") give(forming(60 * index, one.series));
        else if (one.type === "clog") give(filler(256 * 1024 + index));
        else socket.deliver(one.count);
      }
      while (socket.undelivered > 0) socket.deliver();
      // 80 fillers may be more than may wait: then the client is cut off, which is another test's matter.
      if (overflows() > 0) return;
      const isForming = ({ kind }: Frame): boolean => kind === "candle_forming";
      const solid = given.filter((frame) => !isForming(frame));
      const solidTexts = new Set(texts(...solid));
      expect(socket.sent.filter((text) => solidTexts.has(text))).toEqual(texts(...solid));
      for (const series of [A, B]) {
        const ofSeries = texts(...given.filter((frame) => frame.series === series));
        const places = socket.sent.filter((text) => ofSeries.includes(text)).map((text) => ofSeries.indexOf(text));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        const newest = given.filter((frame) => frame.series === series && isForming(frame)).at(-1);
        if (newest !== undefined) expect(socket.sent).toContain(newest.text.toString("utf8"));
      }
    }),
  );
});
