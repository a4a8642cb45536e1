/** Corners of the rules that the computed examples leave out: pens, zones, anchor, keys. Support and resistance: sr.test.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededWalk } from "../../support/random-series.js";
import * as Model from "./index.js";
import { barsOf } from "./vectors.js";

test("a candle at the epoch is a candle; before it nothing is known", () => {
  const candles = seededWalk({ seed: 1, count: 3, start: 0 });
  const ledger = Model.modelLedger(candles, { timeframeSeconds: 60, major: 1, minor: 1 });
  expect(ledger.headsAt(0)).toMatchObject({ time: 0, heads: {}, anchor: null });
  expect(ledger.headsAt(-1)).toBeNull();
});

describe("legs in motion", () => {
  const majors: Model.PivotPoint[] = [
    { pivot_time: 60, pivot_price: 5, direction: "support", visible_time: 120 },
    { pivot_time: 120, pivot_price: 5, direction: "resistance", visible_time: 180 },
  ];
  const start: [number, number, number] = [60, 7, 5];

  test("a leg that ends at the price it started from is none", () => {
    expect(Model.preview(barsOf([start, [120, 5, 4], [180, 5, 3]]), majors, 180)).toEqual({});
  });

  test("a candidate that does not leave the price of the turn is none", () => {
    const extending = { start_time: 60, end_time: 120, start_price: 5, end_price: 9, direction: 1 };
    expect(Model.preview(barsOf([start, [120, 9, 6], [180, 9, 9]]), majors, 180)).toEqual({ extending });
  });
});

describe("zones", () => {
  const pen = (start_time: number, start_price: number, end_price: number): Model.ConfirmedLeg => {
    const end_time = start_time + 60;
    const direction = end_price > start_price ? 1 : -1;
    return { start_time, end_time, start_price, end_price, direction, visible_time: end_time + 60 };
  };
  const stateAfter = (...pens: Model.ConfirmedLeg[]) =>
    pens.reduce((state, one) => Model.zhongshuPen(state, one).state, Model.NO_ZHONGSHU);

  test("four ranges with one price in common make a zone of no height", () => {
    const { zone } = stateAfter(pen(60, 100, 104), pen(120, 104, 102), pen(180, 102, 106), pen(240, 106, 104));
    expect(zone).toMatchObject({ kind: "alive", zd: 104, zg: 104, startTime: 60 });
  });

  test("an upward third leg crosses when it reaches the trigger", () => {
    const pending = stateAfter(pen(60, 110, 100), pen(120, 100, 106), pen(180, 106, 102));
    const step = Model.zhongshuCandle(pending, { time: 300, high: 106, low: 103 });
    expect(step.state.zone).toMatchObject({ kind: "alive", formedReason: "price_cross", zd: 102, zg: 106 });
    expect(step.formedEntry?.start_time).toBe(60);
  });

  test("the candle at which the third leg starts is not part of it", () => {
    const pending = stateAfter(pen(60, 110, 100), pen(120, 100, 106), pen(180, 106, 102));
    expect(Model.zhongshuCandle(pending, { time: 240, high: 106, low: 103 }).state).toBe(pending);
  });
});

describe("the anchor that the reader sees", () => {
  const leg = (start_time: number, end_time: number, price: number): Model.Leg => {
    return { start_time, end_time, start_price: 100, end_price: 100 + price, direction: price > 0 ? 1 : -1 };
  };
  const pen = (start_time: number, end_time: number, price: number): Model.PenPayload => {
    return { ...leg(start_time, end_time, price), visible_time: end_time + 60, start_idx: 0, end_idx: 1 };
  };
  const current: Model.AnchorRef = { kind: "confirmed", start_time: 60, end_time: 120, direction: 1 };
  const seen = (start_time: number, price: number): Model.AnchorRef => {
    return { kind: "candidate", start_time, end_time: 300, direction: price > 0 ? 1 : -1 };
  };

  test("without a candidate it is the current one", () => {
    expect(Model.anchorHead(current, {}, [])).toBe(current);
    expect(Model.anchorHead(null, {}, [])).toBeNull();
  });

  test("a candidate with the same start continues it, however weak", () => {
    const head = Model.anchorHead(current, { candidate: leg(60, 300, 1) }, [pen(60, 120, 9)]);
    expect(head).toEqual(seen(60, 1));
  });

  test("another candidate must be stronger than the longest pen on its line", () => {
    const pens = [pen(60, 180, 9), pen(60, 120, 3), pen(60, 600, -20)];
    expect(Model.anchorHead(current, { candidate: leg(180, 300, -9) }, pens)).toBe(current);
    expect(Model.anchorHead(current, { candidate: leg(180, 300, -9.5) }, pens)).toEqual(seen(180, -9.5));
    expect(Model.anchorHead(current, { candidate: leg(180, 300, -5) }, pens.slice(1))).toEqual(seen(180, -5));
  });

  test("the exact leg of the pen head comes before the pens; an unknown line is weaker than anything", () => {
    const extending = leg(60, 120, 4);
    const head = Model.anchorHead(current, { extending, candidate: leg(180, 300, -5) }, [pen(60, 120, 9)]);
    expect(head).toEqual(seen(180, -5));
    expect(Model.anchorHead(current, { candidate: { ...leg(180, 300, -5), end_price: 100 } }, [])).toEqual(
      seen(180, -5),
    );
  });
});

describe("keys", () => {
  test("text with eight decimals rounds the exact value, ties to even", () => {
    expect(Model.fixed8(1 / 512)).toBe("0.00195312");
    expect(Model.fixed8(3 / 512)).toBe("0.00585938");
    expect(Model.fixed8(57.5)).toBe("57.50000000");
    expect(Model.fixed8(1e-9)).toBe("0.00000000");
    expect(Model.fixed8(1e22)).toBe("10000000000000000000000.00000000");
    expect(Model.fixed8(-0.1)).toBe("-0.10000000");
  });

  test("except on ties it is the built-in text", () => {
    const values = fc.double({ min: 0, max: 1e9, noNaN: true });
    // Every tie is a multiple of 1/512.
    const untied = values.filter((value) => !Number.isInteger(value * 512));
    fc.assert(
      fc.property(untied, (value) => {
        expect(Model.fixed8(value)).toBe(value.toFixed(8));
      }),
    );
  });

  test("a snapshot's key counts all levels and digests the first ten", () => {
    const level = (price: number) => ({ price, type: "flip", status: "flip", last_time: 60 }) as Model.SrLevel;
    const ten = Array.from({ length: 10 }, (_, i) => level(i + 1));
    const digest = (levels: Model.SrLevel[]) => Model.srEventKey(120, { levels }).split(":").at(-1);
    expect(digest([...ten, level(11)])).toBe(digest(ten));
    expect(digest(ten.slice(1))).not.toBe(digest(ten));
    expect(Model.srEventKey(120, { levels: [...ten, level(11)] })).toMatch(/^snapshot:120:11:[0-9a-f]{12}$/);
    expect(Model.srEventKey(120, { levels: [] })).toBe("snapshot:120:0:none");
  });
});
