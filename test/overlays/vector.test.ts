/**
 * The versions of the computed example against ours. Everything is equal but what is listed here, each with the decision
 * that makes it differ.
 */
import { describe, expect, test } from "vitest";
import type { Definition, Instruction } from "../../src/overlays/instruction.js";
import { standardEngine } from "../factors/fold.js";
import { type CandleRow, candlesOf, loadVector } from "../factors/model/vectors.js";
import { drawSeries, pointsOf, versionLog } from "./drawing.js";

type LogRow = readonly [versionId: number, visibleTime: number, kind: string, instructionId: string];

const vector = loadVector<{
  settings: { pivot_window_major: number; pivot_window_minor: number; overlay_window_candles: number };
  small_series: { candles: CandleRow[]; expected_versions: Instruction[] };
  long_series: {
    expected_version_log: LogRow[];
    cursor0_by_at_time: { at_time: number; status: number }[];
    final_cursor0: { active_ids: string[]; latest_definitions: Record<string, Definition> };
  };
}>("08_draw_delta");

function drawnOf(rows: readonly CandleRow[]) {
  const { pivot_window_major, pivot_window_minor, overlay_window_candles } = vector.settings;
  const engine = standardEngine(pivot_window_major, pivot_window_minor);
  return drawSeries(engine, overlay_window_candles, candlesOf([...rows]));
}

/**
 * C-6a: one id per level. The reference puts the level's status and its right end into the id, so that every candle makes
 * another line; and it writes `sr.` twice.
 */
function levelId(id: string, visibleTime: number): string {
  const [, feature, status, side, price, from, until] =
    /^sr\.(sr\.\w+):(\w+):(\w+):([\d.]+):(\d+):(\d+)$/.exec(id) ?? [];
  if (feature === undefined) return id;
  expect(feature).toBe(status === "broken" ? "sr.broken" : "sr.active");
  expect(Number(until)).toBe(visibleTime);
  return `${feature}:${side}:${price}:${from}`;
}

describe("the small series", () => {
  const { candles, expected_versions } = vector.small_series;
  const ours = versionLog(drawnOf(candles));

  test("has the ids of levels as its only difference, listed", () => {
    const different = expected_versions.flatMap(({ version_id, instruction_id }, index) => {
      const id = ours[index]?.instruction_id;
      return id === instruction_id ? [] : [[version_id, instruction_id, id]];
    });
    expect(different).toEqual([
      [16, "sr.sr.active:active:resistance:13.00000000:180:660", "sr.active:resistance:13.00000000:180"],
      [18, "sr.sr.active:active:resistance:13.00000000:180:720", "sr.active:resistance:13.00000000:180"],
      [20, "sr.sr.active:active:resistance:13.00000000:180:780", "sr.active:resistance:13.00000000:180"],
      [25, "sr.sr.active:active:resistance:13.00000000:180:840", "sr.active:resistance:13.00000000:180"],
      [26, "sr.sr.active:active:support:9.00000000:360:840", "sr.active:support:9.00000000:360"],
    ]);
  });

  test("is otherwise equal, version for version, to the byte", () => {
    const expected = expected_versions.map((version) => {
      return { ...version, instruction_id: levelId(version.instruction_id, version.visible_time) };
    });
    expect(ours.map((version) => JSON.stringify(version))).toEqual(expected.map((version) => JSON.stringify(version)));
  });
});

describe("the long series", () => {
  const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
  const { expected_version_log, cursor0_by_at_time, final_cursor0 } = vector.long_series;
  const drawn = drawnOf(candles);
  const ours = versionLog(drawn);

  /** `<visible time> <kind> <id>`: where one of the two has more, version ids shift. */
  const ourLog = ours.map(({ visible_time, kind, instruction_id }) => `${visible_time} ${kind} ${instruction_id}`);
  const theirLog = expected_version_log.map(([, time, kind, id]) => `${time} ${kind} ${levelId(id, time)}`);

  /** Versions of the reference that we do not have. */
  const ONLY_THEIRS = [
    // C-6a (O5): the line of an earlier anchor is drawn when it stops being current, and not dated back to its switch.
    "780 polyline anchor.history:780:480:660:1",
    "1680 polyline anchor.history:1680:1200:1560:-1",
    // C-1 (Q2): the reference has forgotten that the anchor from 1200 has grown to 13.5, and lets 13 beat it.
    "2460 marker anchor.switch:2460:1:strong_pen",
  ];
  const ONLY_OURS = [
    // C-6a (O5): a stronger live leg is shown as current from 1440 and from 2340 on.
    "1440 polyline anchor.history:780:480:660:1",
    "2340 polyline anchor.history:1680:1200:1560:-1",
    // C-6a: at 1680 the switch follows. The line was a live one and becomes a lasting one, which is a version of its own.
    "1680 polyline anchor.history:780:480:660:1",
    // C-1 (Q2): at 2460 the zone's entry, 12.5 strong, is the anchor again, and shown as such. So it is no longer history
    // (C-6), and the leg of 13 becomes the anchor one candle later than in the reference.
    "2460 polyline anchor.current",
    "2520 marker anchor.switch:2520:1:strong_pen",
    "2520 polyline anchor.current",
    "2520 polyline anchor.history:1680:1200:1560:-1",
  ];

  test("has a version log that differs in what is listed, and in nothing else, order included", () => {
    expect(without(theirLog, ourLog)).toEqual(sorted(ONLY_THEIRS));
    expect(without(ourLog, theirLog)).toEqual(sorted(ONLY_OURS));
    const common = (log: readonly string[], extra: readonly string[]) => log.filter((row) => !extra.includes(row));
    expect(common(ourLog, ONLY_OURS)).toEqual(common(theirLog, ONLY_THEIRS));
  });

  test("numbers its versions without gaps", () => {
    expect(ours.map(({ version_id }) => version_id)).toEqual(ours.map((_, index) => index + 1));
  });

  test("draws the same at the end, but the switch that comes a candle later", () => {
    const expected = Object.entries(final_cursor0.latest_definitions);
    const latest = new Map(ours.map(({ instruction_id, definition }) => [instruction_id, definition]));
    for (const [id, definition] of expected) {
      if (id === "anchor.switch:2460:1:strong_pen") {
        expect(latest.get(id)).toBeUndefined();
        expect(latest.get("anchor.switch:2520:1:strong_pen")).toEqual({ ...definition, time: 2_520 });
      } else expect(JSON.stringify(latest.get(id)), id).toBe(JSON.stringify(definition));
    }
  });

  test("shows at the end what the reference does, and each level once (C-6a)", () => {
    const last = drawn.at(-1)!;
    const lasting = drawn.flatMap((one) => one.lasting);
    const ids = [...lasting, ...last.live].map(({ instruction_id }) => instruction_id);
    const theirs = final_cursor0.active_ids.filter((id) => !id.startsWith("sr."));
    expect(without(theirs, ids)).toEqual(["anchor.switch:2460:1:strong_pen"]);
    expect(without(ids, theirs)).toEqual([
      "anchor.switch:2520:1:strong_pen",
      "sr.active:resistance:49.50000000:1740",
      "sr.active:resistance:55.00000000:240",
      "sr.active:resistance:56.50000000:960",
      "sr.active:support:45.00000000:1560",
      "sr.broken:support:51.00000000:480",
    ]);
    // The reference shows the lines of all candles, one upon the other.
    expect(final_cursor0.active_ids.filter((id) => id.startsWith("sr."))).toHaveLength(100);
  });

  test("retires the zone that died, where the reference cannot answer until another one lives (C-6, O3)", () => {
    const refused = cursor0_by_at_time.filter(({ status }) => status !== 200).map(({ at_time }) => at_time);
    expect(refused).toEqual([2_040, 2_100, 2_160, 2_220, 2_280, 2_340, 2_400]);
    for (const { time, live } of drawn) {
      const alive = live.filter(({ instruction_id }) => instruction_id.startsWith("zhongshu.alive"));
      expect(alive, `at ${time}`).toHaveLength(time >= 1_680 && !refused.includes(time) ? 2 : 0);
    }
  });

  test("draws a line of an earlier anchor as that anchor was", () => {
    const lines = ours.filter(({ instruction_id }) => instruction_id.startsWith("anchor.history"));
    expect(lines.map(({ visible_time, definition }) => [visible_time, pointsOf(definition)])).toEqual([
      [1_440, "480@50 660@58"],
      [1_680, "480@50 660@58"],
      [2_340, "1200@57.5 1560@45"],
      [2_520, "1200@57.5 1560@45"],
    ]);
  });
});

function sorted(rows: readonly string[]): string[] {
  return [...rows].sort();
}

/** Rows that the others do not have as often, ascending. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  const extra = rows.filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return extra.sort();
}
