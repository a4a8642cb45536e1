import { describe, expect, it } from "vitest";
import { isEndpointFailure, isRetried, REST_ERRORS, RestError } from "../../../src/exchange/binance/rest-errors.js";

describe("the table of REST errors", () => {
  it("repeats only what speaks against the endpoint, never a refusal or a mistake", () => {
    for (const [code, kind] of Object.entries(REST_ERRORS)) {
      expect(kind.retried && !kind.endpointFailure, code).toBe(false);
    }
    const repeated = Object.entries(REST_ERRORS).filter(([, kind]) => kind.retried);
    expect(repeated.map(([code]) => code).sort()).toEqual(["malformed_body", "network", "server_error", "timeout"]);
  });

  it("explains every code", () => {
    for (const { meaning } of Object.values(REST_ERRORS)) expect(meaning.length).toBeGreaterThan(10);
  });
});

describe("RestError", () => {
  it("carries its code in the text, and its facts", () => {
    const cause = new Error("socket");
    const error = new RestError("timeout", "no answer", { status: 200, exchangeCode: -1, retryAfterMs: 5, cause });
    expect(error).toMatchObject({
      name: "RestError",
      message: "timeout: no answer",
      status: 200,
      exchangeCode: -1,
      retryAfterMs: 5,
      cause,
    });
    expect(new RestError("network", "x")).toMatchObject({ status: null, exchangeCode: null, retryAfterMs: null });
  });

  it("is told from foreign errors", () => {
    expect([isRetried(new RestError("network", "")), isRetried(new Error("x"))]).toEqual([true, false]);
    expect([isEndpointFailure(new RestError("banned", "")), isEndpointFailure(new Error("x"))]).toEqual([false, true]);
  });
});
