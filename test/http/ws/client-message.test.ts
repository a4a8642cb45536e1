import fc from "fast-check";
import { expect, test } from "vitest";
import { parseClientMessage, seriesNamed } from "../../../src/http/ws/client-message.js";

test("a subscription with everything, and with nothing but the series", () => {
  const text = '{"type":"subscribe","series_id":"a:b:c:1m","since":-7,"supports_batch":true,"gaps":true,"more":1}';
  expect(parseClientMessage(text)).toEqual({
    type: "subscribe",
    seriesId: "a:b:c:1m",
    since: -7,
    batches: true,
    gaps: true,
  });
  expect(parseClientMessage('{"type":"subscribe","series_id":"x"}')).toEqual({
    type: "subscribe",
    seriesId: "x",
    since: null,
    batches: false,
    gaps: false,
  });
});

test("whether gaps are told is a boolean or null, and is looked at last", () => {
  const subscribe = (members: string) => parseClientMessage(`{"type":"subscribe","series_id":"x",${members}}`);
  for (const value of ["1", "0", '"true"', "[]", "{}"]) {
    expect(subscribe(`"gaps":${value}`)).toEqual({ type: "bad_request", message: "invalid gaps" });
  }
  expect([subscribe('"gaps":null'), subscribe('"gaps":false')]).toMatchObject([{ gaps: false }, { gaps: false }]);
  expect(subscribe('"gaps":1,"supports_batch":1')).toMatchObject({ message: "invalid supports_batch" });
});

test("an unsubscription needs a series; without one it is nothing", () => {
  expect(parseClientMessage('{"type":"unsubscribe","series_id":"x"}')).toEqual({ type: "unsubscribe", seriesId: "x" });
  expect(parseClientMessage('{"type":"unsubscribe"}')).toEqual({ type: "nothing" });
  expect(parseClientMessage('{"type":"unsubscribe","series_id":1}')).toEqual({ type: "nothing" });
});

test("a binary frame is no envelope", () => {
  expect(parseClientMessage(undefined)).toEqual({ type: "bad_request", message: "invalid message envelope" });
});

test("members that every object inherits are not taken for the client's", () => {
  expect(parseClientMessage('{"type":"constructor"}')).toEqual({
    type: "bad_request",
    message: "unknown message type: constructor",
  });
  expect(parseClientMessage('{"__proto__":{"type":"subscribe","series_id":"x"}}')).toEqual({
    type: "bad_request",
    message: "missing message type",
  });
});

test("any text and any JSON is understood as one of the four kinds, never thrown at", () => {
  const kinds = ["subscribe", "unsubscribe", "nothing", "bad_request"];
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(kinds).toContain(parseClientMessage(text).type);
    }),
  );
});

test("only ids that can be parsed name a series", () => {
  expect(seriesNamed("binance:spot:BTC/USDT:1m")?.timeframeSeconds).toBe(60);
  for (const text of ["1m", "a:b:c:1w", "a:b::1m", ""]) expect(seriesNamed(text)).toBeUndefined();
});
