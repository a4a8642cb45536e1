import { describe, expect, it } from "vitest";
import type { HttpAnswer } from "../../../src/exchange/binance/http-get.js";
import { decodeAnswer } from "../../../src/exchange/binance/rest-answer.js";

const ANSWER: HttpAnswer = {
  status: 200,
  contentType: "application/json;charset=UTF-8",
  retryAfter: null,
  usedWeight: null,
  text: "{}",
  sentMonotonicMs: 0,
  receivedMonotonicMs: 0,
};

const decode =
  (answer: Partial<HttpAnswer>, silenceLeftMs = 0) =>
  () =>
    decodeAnswer({ ...ANSWER, ...answer }, silenceLeftMs);

describe("decodeAnswer", () => {
  it("gives the JSON of a success", () => {
    expect(decode({ text: `[[1,"2"]]` })()).toEqual([[1, "2"]]);
    expect(decode({ contentType: null, text: "[]" })()).toEqual([]);
  });

  it.each([
    ["empty", { text: "" }],
    ["truncated", { text: `[[1634943780000,"606` }],
    ["HTML", { text: "<html>", contentType: "text/html" }],
    ["HTML that says it is JSON", { text: "<html>" }],
    ["JSON that says it is something else", { text: "{}", contentType: "text/plain" }],
  ])("refuses a body that is %s", (_what, answer) => {
    expect(decode(answer)).toThrow(expect.objectContaining({ code: "malformed_body", status: 200 }));
  });

  it.each([
    [400, `{"code":-1121,"msg":"Invalid symbol."}`, "invalid_symbol", -1121],
    [400, `{"code":-1120,"msg":"Invalid interval."}`, "invalid_interval", -1120],
    [400, `{"code":-1102,"msg":"Mandatory parameter 'symbol' was not sent."}`, "bad_request", -1102],
    [400, `{"code":-1023,"msg":"Start time is greater than end time."}`, "bad_request", -1023],
    [401, "", "bad_request", null],
    [403, "<html>Request blocked.</html>", "blocked", null],
    [404, "<html>", "route_gone", null],
    [408, "", "server_error", null],
    [410, `{"code":-1000}`, "route_gone", -1000],
    [418, `{"code":-1003,"msg":"IP banned until 1659146400000."}`, "banned", -1003],
    [429, `{"code":-1003,"msg":"Too much request weight used"}`, "rate_limited", -1003],
    [451, `{"code":0,"msg":"Service unavailable from a restricted location"}`, "restricted", 0],
    [500, `{"code":-1000,"msg":"An unknown error"}`, "server_error", -1000],
    [503, "Service Unavailable.", "server_error", null],
    [302, "", "redirected", null],
  ])("HTTP %i %s is %s", (status, text, code, exchangeCode) => {
    const error = { code, status, exchangeCode, retryAfterMs: null };
    expect(decode({ status, text, contentType: "text/html" })).toThrow(expect.objectContaining(error));
  });

  it("says how long REST stays silent", () => {
    expect(decode({ status: 429, text: "" }, 4_000)).toThrow(expect.objectContaining({ retryAfterMs: 4_000 }));
  });

  it("quotes little of a long body", () => {
    expect(decode({ status: 500, text: "x".repeat(10_000) })).toThrow(/^server_error: HTTP 500: x{160}$/);
  });
});
