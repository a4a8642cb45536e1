import { describe, expect, it } from "vitest";
import { RestError, refusalBody } from "../../../src/sim/rest/errors.js";
import { checkSymbolText, requireKnown, requireText, wholeNumber } from "../../../src/sim/rest/query.js";

function codeOf(run: () => unknown): number | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof RestError) return error.code;
    throw error;
  }
  return undefined;
}

describe("parameters", () => {
  it("must all be known, counted as the exchange counts them", () => {
    expect(() => requireKnown({ a: "1", b: "2", c: "3" }, ["a"])).toThrow("read '1' parameter(s) but was sent '3'");
    expect(codeOf(() => requireKnown({ a: "1" }, ["a", "b"]))).toBeUndefined();
  });

  it("that are mandatory must be there and not empty", () => {
    expect(requireText({ symbol: "X" }, "symbol")).toBe("X");
    expect([{}, { symbol: "" }].map((query) => codeOf(() => requireText(query, "symbol")))).toEqual([-1102, -1102]);
  });

  it("that are numbers have 1 to 20 digits", () => {
    expect([wholeNumber({}, "limit"), wholeNumber({ limit: "007" }, "limit")]).toEqual([undefined, 7]);
    for (const limit of ["", "-1", "1.5", "1e3", " 1", "1".repeat(21)]) {
      expect(
        codeOf(() => wholeNumber({ limit }, "limit")),
        limit,
      ).toBe(-1100);
    }
  });

  it("that are symbols have the characters of symbols", () => {
    expect(checkSymbolText("symbol", "BTCUSDT_250627")).toBe("BTCUSDT_250627");
    for (const text of ["btcusdt", "BTC/USDT", "X".repeat(21)]) {
      expect(
        codeOf(() => checkSymbolText("symbol", text)),
        text,
      ).toBe(-1100);
    }
  });
});

describe("bodies of refusals", () => {
  const facts = { market: "spot", weightPerMinute: 1_200 } as const;

  it("are JSON with the exchange's codes, or HTML from its edge", () => {
    const codes = [429, 418, 451, 500, 503].map((status) => JSON.parse(refusalBody(status, facts).body).code);
    expect(codes).toEqual([-1003, -1003, 0, -1000, -1008]);
    for (const status of [403, 502, 504]) expect(refusalBody(status, facts).contentType).toBe("text/html");
  });

  it("name the limit in force, and a ban's end when it is given", () => {
    expect(refusalBody(429, facts).body).toContain("current limit is 1200 request weight");
    expect(refusalBody(418, facts).body).toContain("IP banned. Please");
    expect(refusalBody(418, { ...facts, bannedUntilMs: 1_659_146_400_000 }).body).toContain(
      "banned until 1659146400000.",
    );
  });
});
