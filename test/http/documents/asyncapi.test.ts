/** The AsyncAPI document: that it is one, and that it has every message of both WebSockets. */
import specifications from "@asyncapi/specs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { expect, test } from "vitest";
import { asyncApiDocument } from "../../../src/http/documents/asyncapi.js";
import { MARKET_CLIENT_MESSAGES, MARKET_SERVER_MESSAGES } from "../../../src/http/ws/message-schemas.js";
import { WEB_SOCKET_PATHS } from "../../../src/http/ws/web-sockets.js";
import { asyncApi } from "../../contract/support/described.js";
import { OPTED_IN, SERVER_MESSAGES, SUBSCRIBE } from "../../contract/tables/live-feed.js";
import { danglingReferences } from "./references.js";

const document = asyncApiDocument("0.0.0");

test("it is valid by the official schema of AsyncAPI 3.0", () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const validate = ajv.compile(specifications.schemasWithoutId["3.0.0"] as object);
  validate(document);
  expect(validate.errors).toBeNull();
  expect(validate({ ...document, channels: { market: { address: 1 } } })).toBe(false);
});

test("what it refers to is there", () => {
  expect(danglingReferences(document)).toEqual([]);
});

test("every WebSocket is a channel, on which clients and daemon say something", () => {
  const channels = Object.values(document.channels as Readonly<Record<string, { readonly address: string }>>);
  expect(channels.map(({ address }) => address)).toEqual(WEB_SOCKET_PATHS);
  expect(Object.keys(document.operations as object)).toEqual([
    ...["market.receive", "market.send", "debug.receive", "debug.send"],
  ]);
});

test("messages of the live feed are those of the table", () => {
  const types = [...Object.keys(SERVER_MESSAGES), ...Object.keys(OPTED_IN)];
  expect(Object.keys(MARKET_SERVER_MESSAGES).sort()).toEqual([...new Set(types)].sort());
  expect(Object.keys(MARKET_CLIENT_MESSAGES)).toEqual(["subscribe", "unsubscribe"]);
});

/** Of each member of `subscribe`, one value of every kind. */
const VALUES = [undefined, null, true, 0, 1.5, "binance:spot:BTC/USDT:1m", "", [], {}] as const;

test.each(SUBSCRIBE)("$name of a subscription is described as it is taken", ({ name, takes }) => {
  const check = asyncApi.at("components", "messages", "subscribe", "payload");
  for (const value of VALUES) {
    const message = JSON.parse(JSON.stringify({ type: "subscribe", series_id: "x", [name]: value })) as unknown;
    expect(check?.(message).length === 0, `${name}=${JSON.stringify(value)}`).toBe(takes(value));
  }
});
