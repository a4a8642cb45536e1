import { describe, expect, test } from "vitest";
import { ABSENT_AFTER_MS, ASK_AGAIN_MS, NEXT_ROUND_MS } from "../../../src/actors/ingest/feed-clock.js";
import { type HoleFacts, judgeHole, missingAfter } from "../../../src/actors/ingest/hole-verdict.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { minute, SERIES, T0 } from "../series/world.js";

/** Facts at `seconds` after T0, with everything asked for up to then. */
function facts(seconds: number, change: Partial<HoleFacts> = {}): HoleFacts {
  const nowMs = (T0 + seconds) * 1000;
  return { timeframeSeconds: 60, releasedTime: minute(0), finalUpToMs: nowMs, nowMs, ...change };
}

describe("the verdict on a hole", () => {
  const bounded = { afterTime: minute(0), beforeTime: minute(3) };
  const openEnded = { afterTime: minute(0), beforeTime: null };

  test("is filled when what was released reaches what is behind it", () => {
    expect(judgeHole(bounded, facts(300, { releasedTime: minute(2) }))).toEqual({ type: "filled", upTo: minute(2) });
    expect(judgeHole(openEnded, facts(310, { releasedTime: minute(4) }))).toEqual({ type: "filled", upTo: minute(4) });
  });

  test("is not given while candles of the hole have not been asked for", () => {
    const notAsked = facts(300, { finalUpToMs: (minute(2) + 59) * 1000, releasedTime: minute(9) });
    expect(judgeHole(bounded, notAsked)).toEqual({ type: "again", inMs: NEXT_ROUND_MS });
  });

  test("never makes its owner ask again without a pause", () => {
    expect(Math.min(NEXT_ROUND_MS, ASK_AGAIN_MS)).toBeGreaterThan(0);
  });

  test("is too fresh to tell until the newest missing candle was asked for 30 s after its close", () => {
    const closedS = 180;
    const early = closedS + ABSENT_AFTER_MS / 1000 - 0.001;
    expect(judgeHole(bounded, facts(early))).toEqual({ type: "again", inMs: ASK_AGAIN_MS });
    expect(judgeHole(bounded, facts(closedS + 30))).toEqual({ type: "absent", upTo: minute(2) });
  });

  test("goes by the time of the question, not of an answer that took long", () => {
    const slow = (askedS: number) => judgeHole(bounded, facts(400, { finalUpToMs: (T0 + askedS) * 1000 }));
    expect(slow(180)).toEqual({ type: "again", inMs: NEXT_ROUND_MS });
    expect(slow(182.999)).toEqual({ type: "again", inMs: NEXT_ROUND_MS });
    expect(slow(183)).toEqual({ type: "again", inMs: ASK_AGAIN_MS });
    expect(slow(210)).toEqual({ type: "absent", upTo: minute(2) });
  });

  test("waits for a candle that REST may not show as final yet", () => {
    expect(judgeHole(openEnded, facts(121))).toEqual({ type: "again", inMs: 2_000 });
    expect(judgeHole(openEnded, facts(122.99))).toEqual({ type: "again", inMs: NEXT_ROUND_MS });
    // A held final that is ahead of the exchange's clock as it is known here.
    expect(judgeHole({ afterTime: minute(0), beforeTime: minute(9) }, facts(181))).toEqual({
      type: "again",
      inMs: ASK_AGAIN_MS,
    });
  });

  test("takes a hole behind which nothing is held to end at the newest closed candle", () => {
    expect(judgeHole(openEnded, facts(149))).toEqual({ type: "again", inMs: ASK_AGAIN_MS });
    expect(judgeHole(openEnded, facts(150))).toEqual({ type: "absent", upTo: minute(1) });
  });

  test("works off the grid and for a series of which nothing was released", () => {
    const offGrid = { afterTime: 40, beforeTime: 160 };
    const at = (seconds: number): HoleFacts => {
      const ms = seconds * 1000;
      return { timeframeSeconds: 60, releasedTime: null, finalUpToMs: ms, nowMs: ms };
    };
    expect(judgeHole(offGrid, at(159))).toEqual({ type: "again", inMs: ASK_AGAIN_MS });
    expect(judgeHole(offGrid, at(163))).toEqual({ type: "again", inMs: ASK_AGAIN_MS });
    expect(judgeHole(offGrid, at(190))).toEqual({ type: "absent", upTo: 100 });
  });
});

describe("what is missing at the start of a feed", () => {
  const series = parseSeriesId(SERIES);
  /** A store that counts so many candles in the wanted range. */
  const holding = (count: number) => ({ count: () => count });
  const newest = minute(100);

  test("nothing, for a series that begins now", () => {
    expect(missingAfter(holding(0), series, 0, null, newest)).toBeUndefined();
  });

  test("what closed since the newest stored candle", () => {
    expect(missingAfter(holding(5), series, 0, minute(90), newest)).toBe(minute(90));
    expect(missingAfter(holding(5), series, 0, newest, newest)).toBeUndefined();
  });

  test("the history that is wanted, as far as the store is short of it", () => {
    expect(missingAfter(holding(0), series, 10, null, newest)).toBe(minute(91) - 1);
    expect(missingAfter(holding(9), series, 10, newest, newest)).toBe(minute(91) - 1);
    expect(missingAfter(holding(10), series, 10, newest, newest)).toBeUndefined();
  });

  test("all since the newest stored candle, when that is older than the history wanted", () => {
    expect(missingAfter(holding(0), series, 10, minute(50), newest)).toBe(minute(50));
  });

  test("does not go before 1970", () => {
    expect(missingAfter(holding(0), series, 1_000, null, 600)).toBe(-1);
  });
});
