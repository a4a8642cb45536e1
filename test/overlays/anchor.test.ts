import { describe, expect, test } from "vitest";
import type { AnchorFacts, AnchorSegment, AnchorSwitch } from "../../src/factors/anchor.js";
import type { Pen } from "../../src/factors/pen.js";
import { isHistoryOfPresent } from "../../src/overlays/anchor.js";
import { Canvas, type Facts, frameOf, leg, pointsOf } from "./drawing.js";

type Ends = Parameters<typeof leg>;

const confirmed = (...ends: Ends): AnchorSegment => ({ kind: "confirmed", ...leg(...ends) });
const candidate = (...ends: Ends): AnchorSegment => ({ kind: "candidate", ...leg(...ends) });

function penOf(...ends: Ends): Pen {
  const shape = leg(...ends);
  return { ...shape, visible_time: shape.end_time + 60, start_idx: 0, end_idx: 1 };
}

function switchTo({ kind, start_time, end_time, direction }: AnchorSegment, time: number): AnchorSwitch {
  const new_anchor = { kind, start_time, end_time, direction };
  return { switch_time: time, reason: "strong_pen", old_anchor: null, new_anchor, visible_time: time };
}

/** Facts of an anchor that is held and shown. */
function holding(held: AnchorSegment, rest: Partial<AnchorFacts> = {}): Facts {
  return { anchor: { held, shown: held, ...rest } };
}

/** The same, at the candle at which it became the anchor. */
function takingOver(held: AnchorSegment, time: number, rest: Partial<AnchorFacts> = {}): Facts {
  return holding(held, { switches: [switchTo(held, time)], ...rest });
}

/** The lasting lines of the last candle. */
function historyLines(canvas: Canvas): [id: string, points: string][] {
  return canvas.lasting
    .filter(({ kind }) => kind === "polyline")
    .map(({ instruction_id, definition }) => [instruction_id, pointsOf(definition)]);
}

const A = confirmed(60, 10, 180, 14);
const B = confirmed(180, 14, 300, 4);
const HISTORY_A = "anchor.history:240:60:180:1";

describe("the current anchor", () => {
  test("is a solid line when it is a confirmed pen", () => {
    const canvas = new Canvas().draw(240, takingOver(A, 240));
    expect(JSON.stringify(canvas.live)).toBe(
      JSON.stringify([
        {
          version_id: 2,
          instruction_id: "anchor.current",
          kind: "polyline",
          visible_time: 240,
          definition: {
            type: "polyline",
            feature: "anchor.current",
            points: [
              { time: 60, value: 10 },
              { time: 180, value: 14 },
            ],
            color: "#f59e0b",
            lineWidth: 2,
          },
        },
      ]),
    );
  });

  test("is drawn before there is any anchor, when a live leg is shown as such", () => {
    const shown = candidate(60, 10, 180, 14);
    const canvas = new Canvas().draw(180, { anchor: { shown }, pen: { candidate: leg(60, 10, 180, 14) } });
    expect(canvas.live.map(({ instruction_id }) => instruction_id)).toEqual(["anchor.current", "pen.candidate"]);
    expect(canvas.one("anchor.current")?.definition).toMatchObject({ lineStyle: "dashed" });
  });

  test.each(["extending", "candidate"] as const)("is dashed when it is the %s leg", (name) => {
    const held = candidate(60, 10, 180, 14);
    const facts = { ...takingOver(held, 240), pen: { [name]: leg(60, 10, 180, 14) } };
    expect(new Canvas().draw(240, facts).one("anchor.current")?.definition).toMatchObject({ lineStyle: "dashed" });
  });

  test("a confirmed one is solid, though a live leg looks the same", () => {
    const facts = { ...takingOver(A, 240), pen: { extending: leg(60, 10, 180, 14) } };
    expect(new Canvas().draw(240, facts).one("anchor.current")?.definition).not.toHaveProperty("lineStyle");
  });

  test("a leg whose pen was confirmed has the pen's shape, solid", () => {
    const held = candidate(60, 10, 240, 15);
    const canvas = new Canvas().draw(300, takingOver(held, 300, { heldPen: penOf(60, 10, 180, 14) }));
    expect(canvas.points("anchor.current")).toBe("60@10 180@14");
    expect(canvas.one("anchor.current")?.definition).not.toHaveProperty("lineStyle");
  });

  test("a leg that is neither live nor confirmed keeps its own shape, dashed", () => {
    const canvas = new Canvas().draw(300, takingOver(candidate(60, 10, 240, 15), 300));
    expect(canvas.points("anchor.current")).toBe("60@10 240@15");
    expect(canvas.one("anchor.current")?.definition).toMatchObject({ lineStyle: "dashed" });
  });

  test("has a new version when its line changes, also when only its style does", () => {
    const held = candidate(60, 10, 180, 14);
    const live = { pen: { extending: leg(60, 10, 180, 14) } };
    const canvas = new Canvas().draw(240, { ...takingOver(held, 240), ...live });
    const version = () => canvas.one("anchor.current")?.version_id;
    expect(version()).toBe(2);
    canvas.draw(300, { ...holding({ ...held }), ...live });
    expect(version()).toBe(2);
    canvas.draw(360, holding(confirmed(60, 10, 180, 14)));
    expect(version()).toBe(4);
    canvas.draw(420, holding(confirmed(60, 10, 180, 14)));
    expect(version()).toBe(4);
    canvas.draw(480, holding(confirmed(60, 10, 180, 14.5)));
    expect(version()).toBe(5);
  });

  test("is retired when no anchor is shown any more", () => {
    const canvas = new Canvas().draw(180, { anchor: { shown: candidate(60, 10, 180, 14) } }).draw(240);
    expect(canvas.live).toEqual([]);
  });
});

describe("an earlier anchor", () => {
  test("has a thin blue line from the candle at which another one takes over", () => {
    const canvas = new Canvas().draw(240, takingOver(A, 240)).draw(300, holding(A));
    expect(historyLines(canvas)).toEqual([]);
    canvas.draw(360, takingOver(B, 360));
    const line = canvas.lasting.find(({ instruction_id }) => instruction_id === HISTORY_A);
    expect(line).toMatchObject({ kind: "polyline", visible_time: 360 });
    expect(JSON.stringify(line?.definition)).toBe(
      JSON.stringify({
        type: "polyline",
        feature: "anchor.history",
        points: [
          { time: 60, value: 10 },
          { time: 180, value: 14 },
        ],
        color: "rgba(59,130,246,0.55)",
        lineWidth: 1,
      }),
    );
    expect(canvas.live.map(({ instruction_id }) => instruction_id)).toEqual(["anchor.current"]);
    expect(canvas.points("anchor.current")).toBe("180@14 300@4");
  });

  test("goes by the switch that led to it, and looks as it did at last", () => {
    const canvas = new Canvas().draw(240, takingOver(candidate(60, 10, 180, 14), 240));
    canvas.draw(300, holding(candidate(60, 10, 240, 15))).draw(360, takingOver(B, 360));
    expect(historyLines(canvas)).toEqual([[HISTORY_A, "60@10 240@15"]]);
  });

  test("is never dashed", () => {
    const held = candidate(60, 10, 180, 14);
    const canvas = new Canvas().draw(240, { ...takingOver(held, 240), pen: { extending: leg(60, 10, 180, 14) } });
    canvas.draw(300, takingOver(B, 300));
    const definitions = canvas.lasting.map(({ definition }) => definition);
    expect(definitions.filter(({ type }) => type === "polyline")).toHaveLength(1);
    for (const definition of definitions) expect(definition).not.toHaveProperty("lineStyle");
  });

  test("of two switches at one candle only the second leads to an anchor; the first leaves no line", () => {
    const canvas = new Canvas().draw(240, takingOver(A, 240));
    const C = confirmed(300, 4, 420, 20);
    canvas.draw(480, { anchor: { held: C, shown: C, switches: [switchTo(B, 480), switchTo(C, 480)] } });
    expect(historyLines(canvas)).toEqual([[HISTORY_A, "60@10 180@14"]]);
    canvas.draw(540, takingOver(A, 540));
    expect(historyLines(canvas)).toEqual([["anchor.history:480:300:420:1", "300@4 420@20"]]);
  });

  test("that is returned to keeps its first name", () => {
    const canvas = new Canvas().draw(240, takingOver(A, 240)).draw(360, takingOver(B, 360));
    const longer = confirmed(60, 10, 180, 14.5);
    canvas.draw(420, takingOver(longer, 420));
    expect(historyLines(canvas)).toEqual([["anchor.history:360:180:300:-1", "180@14 300@4"]]);
    canvas.draw(480, takingOver(confirmed(300, 4, 420, 30), 480));
    expect(historyLines(canvas)).toEqual([[HISTORY_A, "60@10 180@14.5"]]);
  });
});

describe("a live leg that is shown in place of the held anchor", () => {
  const outgrown = candidate(180, 14, 300, 4);
  const eclipsing: Facts = { anchor: { held: A, shown: outgrown }, pen: { candidate: leg(180, 14, 300, 4) } };

  test("makes the held one history while it lasts, as a live line", () => {
    const canvas = new Canvas().draw(240, takingOver(A, 240)).draw(300, eclipsing);
    expect(canvas.points("anchor.current")).toBe("180@14 300@4");
    expect(canvas.points(HISTORY_A)).toBe("60@10 180@14");
    expect(canvas.one(HISTORY_A)).toMatchObject({ visible_time: 300, definition: { color: "rgba(59,130,246,0.55)" } });
    expect(historyLines(canvas)).toEqual([]);
  });

  test("retires that line when the held one is shown again; the next time it is a new version", () => {
    const canvas = new Canvas().draw(240, takingOver(A, 240)).draw(300, eclipsing);
    const first = canvas.one(HISTORY_A)?.version_id;
    expect(canvas.draw(360, eclipsing).one(HISTORY_A)?.version_id).toBe(first);
    expect(canvas.draw(420, holding(A)).one(HISTORY_A)).toBeUndefined();
    expect(canvas.points("anchor.current")).toBe("60@10 180@14");
    expect(canvas.draw(480, eclipsing).one(HISTORY_A)?.version_id).toBeGreaterThan(first!);
  });

  test("turns the live line into a lasting one when it becomes the anchor itself", () => {
    const canvas = new Canvas().draw(240, takingOver(A, 240)).draw(300, eclipsing);
    canvas.draw(360, { ...eclipsing, ...takingOver(outgrown, 360) });
    expect(historyLines(canvas)).toEqual([[HISTORY_A, "60@10 180@14"]]);
    expect(canvas.one(HISTORY_A)).toBeUndefined();
  });

  test("makes a held one history at the very candle at which it takes over", () => {
    const canvas = new Canvas();
    const pen = { candidate: leg(180, 14, 300, 4) };
    canvas.draw(300, { anchor: { held: A, shown: outgrown, switches: [switchTo(A, 300)] }, pen });
    expect(canvas.points("anchor.history:300:60:180:1")).toBe("60@10 180@14");
  });
});

describe("of the lines of earlier anchors, those are not history whose anchor is there again", () => {
  const isHidden = (id: string, from: number, anchor: Partial<AnchorFacts>) =>
    isHistoryOfPresent(id, from, frameOf(600, { anchor }));

  test("as the shown one or as the held one", () => {
    expect(isHidden(HISTORY_A, 60, { held: A, shown: A })).toBe(true);
    expect(isHidden(HISTORY_A, 60, { held: A, shown: B })).toBe(true);
    expect(isHidden(HISTORY_A, 60, { held: B, shown: candidate(60, 10, 240, 15) })).toBe(true);
    expect(isHidden(HISTORY_A, 60, { held: B, shown: B })).toBe(false);
    expect(isHidden(HISTORY_A, 60, {})).toBe(false);
  });

  test("other instructions are never hidden", () => {
    expect(isHidden("anchor.switch:60:1:strong_pen", 60, { held: A, shown: A })).toBe(false);
    expect(isHidden("pivot.major:60:support:2", 60, { held: A, shown: A })).toBe(false);
  });
});
