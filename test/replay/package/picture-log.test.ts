import { expect, test } from "vitest";
import { FactorEngine } from "../../../src/factors/engine.js";
import { STANDARD_FACTORS } from "../../../src/factors/standard.js";
import { liveRow } from "../../../src/ledger/draw.js";
import { type InstructionRow, instructionLine, parseInstructionLine } from "../../../src/ledger/rows.js";
import { isHistoryOfPresent } from "../../../src/overlays/anchor.js";
import { OverlayEngine } from "../../../src/overlays/engine.js";
import { PictureLog } from "../../../src/replay/package/picture-log.js";
import { seededWalk } from "../../support/random-series.js";

/** Where the package begins. */
const FIRST = 60;

/** Walks in which price returns to an earlier anchor. */
const SEEDS = [16, 19, 22];

/** Both folds over a walk, told to `look` at each candle. */
function foldedWalk(seed: number) {
  const settings = { pivotWindowMajor: 2, pivotWindowMinor: 1, logicVersion: "" };
  const factors = new FactorEngine({ factors: STANDARD_FACTORS, ...settings });
  const candles = seededWalk({ seed, count: 250 });
  const columns = (column: "time" | "close", from: number, count: number) =>
    Float64Array.from(candles.slice(from, from + count).map((candle) => candle[column]));
  const fold = factors.begin(60, (firstTime, count) => {
    const from = candles.findIndex(({ time }) => time === firstTime);
    return { times: columns("time", from, count), closes: columns("close", from, count) };
  });
  const picture = new OverlayEngine({ windowCandles: 2_000 }).begin(60);
  const lasting: InstructionRow[] = [];
  const bars = candles.slice(0, 250).map(({ time }) => time);
  const step = (at: number) => {
    const frame = fold.step(candles[at] as (typeof candles)[number]);
    lasting.push(...picture.draw(frame).map((one) => parseInstructionLine(instructionLine(one))));
    return { fold, frame, picture };
  };
  return { bars, step, lasting };
}

test("what is shown is what a draw delta shows, also when an earlier anchor is present again", () => {
  let returns = 0;
  for (const seed of SEEDS) {
    const { bars, step, lasting } = foldedWalk(seed);
    const fromS = bars[FIRST] as number;
    const log = new PictureLog(fromS, lasting);
    for (const [at, time] of bars.entries()) {
      const state = step(at);
      if (at < FIRST) {
        lasting.length = 0;
        continue;
      }
      const { added, removed } = log.next(time, state);
      const isOld = (id: string): boolean => lasting.some((row) => row.id === id && row.time < time);
      returns += [...added, ...removed].filter((id) => id.startsWith("anchor.history:") && isOld(id)).length;
      const newest = new Map(lasting.map((row) => [row.id, row]));
      const shown = [...newest.values()].filter((row) => !isHistoryOfPresent(row.id, row.from, state.frame));
      const active = [...shown, ...state.picture.live().map(liveRow)].filter(({ to }) => to >= fromS);
      expect(JSON.parse(log.activeJson())).toEqual(active.map(({ id }) => id).sort());
      const known = new Map(log.catalogue().map((row) => [row.id, row.text]));
      for (const { id, text } of active) expect(known.get(id)).toBe(text);
    }
  }
  expect(returns).toBeGreaterThan(0);
});
