import { describe, expect, it } from "vitest";
import { formatNote, noteOtherNames } from "../../src/config/notes.js";

const KNOWN = ["TRADE_CANVAS_PORT", "TRADE_CANVAS_BINANCE_SPOT_WS_URL"];

function lines(env: Record<string, string | undefined>): readonly string[] {
  return noteOtherNames(env, KNOWN).map(formatNote);
}

describe("names that are no settings", () => {
  it("are reported in order, with the name that was probably meant", () => {
    expect(lines({ TRADE_CANVAS_PROT: "1", TRADE_CANVAS_BINANCE_SPOT_URL: "x", TRADE_CANVAS_COLOUR: "red" })).toEqual([
      "TRADE_CANVAS_BINANCE_SPOT_URL is no setting and has no effect; did you mean TRADE_CANVAS_BINANCE_SPOT_WS_URL?",
      "TRADE_CANVAS_COLOUR is no setting and has no effect",
      "TRADE_CANVAS_PROT is no setting and has no effect; did you mean TRADE_CANVAS_PORT?",
    ]);
  });

  it("are passed over when they are known, unset, or not of this program", () => {
    expect(lines({ TRADE_CANVAS_PORT: "1", TRADE_CANVAS_PROT: undefined, PATH: "/bin", PORT: "1" })).toEqual([]);
  });

  it("say what became of a withdrawn or foreign ability", () => {
    expect(lines({ TRADE_CANVAS_ENABLE_LEDGER_SYNC_SERVICE: "0", TRADE_CANVAS_POSTGRES_DSN: "x" })).toEqual([
      "TRADE_CANVAS_ENABLE_LEDGER_SYNC_SERVICE was withdrawn and has no effect: there is one path of ledger sync, and no switch around it",
      "TRADE_CANVAS_POSTGRES_DSN has no effect: this program does not have storage in Postgres",
    ]);
  });
});

describe("a note in words", () => {
  const env = "TRADE_CANVAS_X";

  it("names what was given and what counts", () => {
    expect(formatNote({ kind: "misread", env, given: "b\nad", expected: "a number", used: "5" })).toBe(
      'TRADE_CANVAS_X="b\\nad" is not a number; 5 is used',
    );
    expect(formatNote({ kind: "misread", env, given: "bad", expected: "a number", used: "" })).toBe(
      'TRADE_CANVAS_X="bad" is not a number; none is used',
    );
    expect(formatNote({ kind: "raised", env, given: "9", used: "100" })).toBe(
      'TRADE_CANVAS_X="9" is below the minimum; 100 is used',
    );
  });

  it("is plain about settings without effect", () => {
    expect(formatNote({ kind: "accepted", env, effect: "No effect: no pool." })).toBe(
      "TRADE_CANVAS_X is set. No effect: no pool.",
    );
  });
});
