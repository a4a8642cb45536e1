import { describe, expect, test } from "vitest";
import type { WireCandle } from "../../src/market/candle.js";
import type { Received } from "../../src/simulation/client.js";
import { checkMessages } from "../../src/simulation/client-checks.js";

const candle = (candle_time: number, volume = 1): WireCandle => ({
  candle_time,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume,
});
const closed = (time: number): Received => ({ type: "closed", candle: candle(time) });
const forming = (time: number, volume: number): Received => ({ type: "forming", candle: candle(time, volume) });
const gap: Received = { type: "gap", expected: 180, actual: 240 };
const connected: Received = { type: "connected", clockBehindMs: 0 };

/** The checks that fail for a client of a series whose candles of these times are stored. */
function failing(received: readonly Received[], stored: readonly number[] = [60, 120, 180, 240]): readonly string[] {
  const storedBetween = (after: number, before: number): number =>
    stored.filter((time) => time > after && time < before).length;
  return checkMessages({ name: "client", timeframeS: 60, received, storedBetween }).map(({ check }) => check);
}

describe("closed candles", () => {
  test("ascending, each once, are what is wanted, across connections too", () => {
    expect(failing([connected, closed(60), closed(120), connected, closed(180)])).toEqual([]);
  });

  test("that come again, or after a later one, are found", () => {
    expect(failing([closed(60), closed(60)])).toEqual(["published_once_in_order"]);
    expect(failing([closed(120), connected, closed(60)])).toEqual(["published_once_in_order"]);
  });

  test("may be repeated to a client that returns while the daemon's clock is behind, and then go on in order", () => {
    const lost: Received = { type: "connected", clockBehindMs: 60_000 };
    expect(failing([closed(120), lost, closed(120), closed(180)])).toEqual([]);
    expect(failing([closed(120), lost, closed(120), closed(120)])).toEqual(["published_once_in_order"]);
  });

  test("may leave out what is not stored, or what a gap has announced", () => {
    expect(failing([closed(60), closed(240)], [60, 240])).toEqual([]);
    expect(failing([closed(120), gap, closed(240)])).toEqual([]);
  });

  test("that leave out what is stored without a word are found; a gap speaks for one step only", () => {
    expect(failing([closed(60), closed(180)])).toEqual(["no_silent_hole"]);
    expect(failing([closed(60), gap, closed(120), closed(240)])).toEqual(["no_silent_hole"]);
  });
});

describe("forming candles", () => {
  test("grow, and go on to the next when theirs is closed", () => {
    expect(failing([forming(60, 1), forming(60, 2), closed(60), forming(120, 0.5)])).toEqual([]);
  });

  test("behind what has closed, of an earlier candle, or with less than before, are found", () => {
    expect(failing([closed(60), forming(60, 5)])).toEqual(["forming_moves_forward"]);
    expect(failing([forming(120, 1), forming(60, 1)])).toEqual(["forming_moves_forward"]);
    expect(failing([forming(60, 2), forming(60, 1)])).toEqual(["forming_moves_forward"]);
  });

  test("begin anew with a connection", () => {
    expect(failing([forming(60, 2), connected, forming(60, 1)])).toEqual([]);
  });
});
