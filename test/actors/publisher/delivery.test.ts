import fc from "fast-check";
import { expect, test } from "vitest";
import {
  catchUpMessages,
  type DeliveryMode,
  gapBefore,
  liveMessages,
  remaining,
} from "../../../src/actors/publisher/delivery.js";
import type { Candle } from "../../../src/market/candle.js";
import { candleAt } from "../../support/candles.js";

const PLAIN: DeliveryMode = { timeframeSeconds: 60, batches: false, gaps: false };
const BATCH: DeliveryMode = { timeframeSeconds: 60, batches: true, gaps: false };
const at = (...times: number[]): Candle[] => times.map((time) => candleAt(time));
const closed = (time: number) => ({ type: "candle_closed", candle: candleAt(time) });
const gap = (expectedNextTime: number, actualTime: number) => ({ type: "gap", expectedNextTime, actualTime });

test("what a cursor has not passed", () => {
  const candles = at(100, 160, 220);
  expect(remaining(candles, null)).toBe(candles);
  expect(remaining(candles, 99)).toBe(candles);
  expect(remaining(candles, 100)).toEqual(at(160, 220));
  expect(remaining(candles, 219)).toEqual(at(220));
  expect(remaining(candles, 220)).toEqual([]);
  expect(remaining([], 5)).toEqual([]);
});

test("a gap is a candle later than the next expected one; sooner is none", () => {
  expect(gapBefore(candleAt(220), 100, 60)).toEqual({ expectedNextTime: 160, actualTime: 220 });
  expect(gapBefore(candleAt(161), 100, 60)).toEqual({ expectedNextTime: 160, actualTime: 161 });
  expect(gapBefore(candleAt(160), 100, 60)).toBeUndefined();
  expect(gapBefore(candleAt(130), 100, 60)).toBeUndefined();
  expect(gapBefore(candleAt(220), null, 60)).toBeUndefined();
  expect(gapBefore(undefined, 100, 60)).toBeUndefined();
});

test("W7: a batch in one message, with the gap before it", () => {
  const due = { expectedNextTime: 480, actualTime: 600 };
  expect(liveMessages(at(600, 720), BATCH, "batch", due)).toEqual([
    gap(480, 600),
    { type: "candles_batch", candles: at(600, 720) },
  ]);
});

test("W8: one by one, with every gap", () => {
  const due = { expectedNextTime: 780, actualTime: 840 };
  expect(liveMessages(at(840, 960), PLAIN, "batch", due)).toEqual([
    gap(780, 840),
    closed(840),
    gap(900, 960),
    closed(960),
  ]);
});

test("a publication of a single candle is single for everyone, with what was recovered before it", () => {
  expect(liveMessages(at(160), BATCH, "single", undefined)).toEqual([closed(160)]);
  expect(liveMessages(at(160, 220), BATCH, "single", undefined)).toEqual([closed(160), closed(220)]);
});

test("a batch of one is a batch", () => {
  expect(liveMessages(at(160), BATCH, "batch", undefined)).toEqual([{ type: "candles_batch", candles: at(160) }]);
  expect(liveMessages(at(160), PLAIN, "batch", undefined)).toEqual([closed(160)]);
});

test("no candles, no messages but a gap that is due", () => {
  expect(liveMessages([], BATCH, "batch", undefined)).toEqual([]);
  expect(catchUpMessages([], BATCH, undefined)).toEqual([]);
  expect(catchUpMessages([], PLAIN, { expectedNextTime: 1, actualTime: 2 })).toEqual([gap(1, 2)]);
});

test("a catch-up does not announce holes inside", () => {
  expect(catchUpMessages(at(160, 400), PLAIN, undefined)).toEqual([closed(160), closed(400)]);
  expect(catchUpMessages(at(160, 400), BATCH, { expectedNextTime: 100, actualTime: 160 })).toEqual([
    gap(100, 160),
    { type: "candles_batch", candles: at(160, 400) },
  ]);
});

test("whatever the mode and the grouping, the messages hold exactly the candles, in order", () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });
  fc.assert(
    fc.property(
      times,
      fc.boolean(),
      fc.constantFrom("single" as const, "batch" as const),
      (slots, batches, grouping) => {
        const candles = at(...[...slots].sort((a, b) => a - b).map((slot) => slot * 60));
        const mode = { timeframeSeconds: 60, batches, gaps: false };
        for (const messages of [
          liveMessages(candles, mode, grouping, undefined),
          catchUpMessages(candles, mode, undefined),
        ]) {
          const held = messages.flatMap((message) => {
            if (message.type === "candle_closed") return [message.candle];
            return message.type === "candles_batch" ? message.candles : [];
          });
          expect(held).toEqual(candles);
        }
        const live = liveMessages(candles, mode, grouping, undefined);
        const holes = candles.filter((candle, index) => candle.time > (candles[index - 1]?.time ?? candle.time) + 60);
        const announced = live.filter(({ type }) => type === "gap").length;
        expect(announced).toBe(grouping === "batch" && batches ? 0 : holes.length);
      },
    ),
  );
});
