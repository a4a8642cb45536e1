import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorFrame, readControl, resultFrame } from "../../../src/sim/socket/control-messages.js";

const read = (value: unknown, market: "spot" | "futures" = "futures") =>
  readControl(typeof value === "string" ? value : JSON.stringify(value), market);

function problemOf(value: unknown, market: "spot" | "futures" = "futures") {
  const reading = read(value, market);
  if (reading.read) throw new Error(`${JSON.stringify(value)} was read`);
  return reading.problem;
}

describe("control messages", () => {
  it.each([
    [
      { method: "SUBSCRIBE", params: ["a", "b"], id: 1 },
      { method: "SUBSCRIBE", streams: ["a", "b"], id: 1 },
    ],
    [
      { method: "UNSUBSCRIBE", params: [], id: 0 },
      { method: "UNSUBSCRIBE", streams: [], id: 0 },
    ],
    [
      { method: "LIST_SUBSCRIPTIONS", id: 3 },
      { method: "LIST_SUBSCRIPTIONS", id: 3 },
    ],
    [
      { method: "SET_PROPERTY", params: ["combined", true], id: 4 },
      { method: "SET_PROPERTY", combined: true, id: 4 },
    ],
    [
      { method: "GET_PROPERTY", params: ["combined"], id: 5 },
      { method: "GET_PROPERTY", id: 5 },
    ],
  ])("%j is understood", (message, request) => {
    expect(read(message)).toEqual({ read: true, request });
  });

  it("of spot may have an id that is null, text or negative; of futures only an unsigned integer", () => {
    for (const id of [null, "abcDEF123", -7, 9_007_199_254_740_991]) {
      expect(read({ method: "LIST_SUBSCRIPTIONS", id }, "spot")).toMatchObject({ read: true, request: { id } });
    }
    expect(read({ method: "LIST_SUBSCRIPTIONS" }, "spot")).toMatchObject({ request: { id: null } });
    for (const id of [null, "abc", -7, 1.5, undefined, "x".repeat(37)]) {
      expect(problemOf({ method: "LIST_SUBSCRIPTIONS", id })).toEqual({
        code: 2,
        message: "Invalid request: request ID must be an unsigned integer",
        id: null,
      });
    }
    expect(problemOf({ method: "LIST_SUBSCRIPTIONS", id: "x".repeat(37) }, "spot").code).toBe(2);
  });

  it.each([
    [{ method: "SET_PROPERTY", params: ["colour", true], id: 1 }, 0, "Unknown property"],
    [{ method: "SET_PROPERTY", params: ["combined", "yes"], id: 1 }, 1, "Invalid value type: expected Boolean"],
    [{ method: "SET_PROPERTY", params: ["combined"], id: 1 }, 1, "Invalid value type: expected Boolean"],
    [{ method: "SET_PROPERTY", params: [7, true], id: 1 }, 2, "Invalid request: property name must be a string"],
    [{ method: "SET_PROPERTY", params: {}, id: 1 }, 2, "Invalid request: property name must be a string"],
    [{ method: "GET_PROPERTY", params: ["combined", true], id: 1 }, 2, "Invalid request: too many parameters"],
    [{ method: "SUBSCRIBE", params: "a", id: 1 }, 2, "Invalid request: invalid stream"],
    [{ method: "SUBSCRIBE", params: ["a", 5], id: 1 }, 2, "Invalid request: invalid stream"],
    [{ method: "SUBSCRIBE", params: [""], id: 1 }, 2, "Invalid request: invalid stream"],
    [{ id: 1, params: [] }, 2, "Invalid request: missing field `method` at line 1 column 20"],
    [
      { method: "SUBSCRIBER", id: 1 },
      2,
      "Invalid request: unknown variant `SUBSCRIBER`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 22",
    ],
  ])("%j is refused with code %d", (message, code, text) => {
    expect(problemOf(message)).toEqual({ code, message: text, id: 1 });
  });

  it.each([
    ["hello", 1],
    ["  hello", 3],
    ['{"method":', 10],
    ["", 0],
  ])("%j is no JSON, from column %d on", (text, column) => {
    expect(problemOf(text)).toEqual({
      code: 3,
      message: `Invalid JSON: expected value at line 1 column ${column}`,
      id: null,
    });
  });

  it("of any content are read or refused, never thrown on", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom("spot", "futures"), (text, market) => {
        expect(typeof readControl(text, market as "spot" | "futures").read).toBe("boolean");
      }),
    );
  });
});

describe("answers", () => {
  it("are the two shapes of an error, and a result", () => {
    const problem = { code: 2, message: "Invalid request: invalid stream", id: 7 };
    expect(errorFrame(problem, "wrapped")).toBe('{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":7}');
    expect(errorFrame(problem, "plain")).toBe('{"code":2,"msg":"Invalid request: invalid stream"}');
    expect(resultFrame(null, 1)).toBe('{"result":null,"id":1}');
    expect(resultFrame(["btcusdt@kline_1m"], "a")).toBe('{"result":["btcusdt@kline_1m"],"id":"a"}');
  });
});
