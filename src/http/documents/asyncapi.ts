/** The WebSocket side of the contract as an AsyncAPI document. Pure. */
import {
  DEBUG_CLIENT_MESSAGES,
  DEBUG_SERVER_MESSAGES,
  MARKET_CLIENT_MESSAGES,
  MARKET_SERVER_MESSAGES,
  type MessageKinds,
} from "../ws/message-schemas.js";
import { type JsonSchema, NamedSchemas } from "./named-schemas.js";
import { TOKEN } from "./openapi.js";

const TOKEN_DESCRIPTION =
  "An access token, as `authorization: Bearer <token>`, or, as browsers can set no header there, as the subprotocol " +
  "`trade-canvas.token.<base64url of the token>` beside `trade-canvas`. Where no tokens are configured, none is needed.";

export const ASYNCAPI_VERSION = "3.0.0";

/** A WebSocket, and who says what on it. */
interface Channel {
  readonly address: string;
  readonly description: string;
  readonly fromClient: MessageKinds;
  readonly fromServer: MessageKinds;
}

const CHANNELS: Readonly<Record<string, Channel>> = {
  market: {
    address: "/ws/market",
    description:
      "The live feed: closed candles as they are stored, after what the client has missed, and the candle that is forming. " +
      "Closed with 1001 when the daemon stops, 1007 and 1009 for frames that cannot be read, 1011 when what the client needs " +
      "cannot be read, 1008 when it says too much, 1013 when it does not read what it is sent. Scope of its token: `read`.",
    fromClient: MARKET_CLIENT_MESSAGES,
    fromServer: MARKET_SERVER_MESSAGES,
  },
  debug: {
    address: "/ws/debug",
    description:
      "What happens inside, event by event. Gate: `TRADE_CANVAS_ENABLE_DEBUG_API=1`, otherwise the upgrade is refused with 403. Scope " +
      "of its token: `debug`.",
    fromClient: DEBUG_CLIENT_MESSAGES,
    fromServer: DEBUG_SERVER_MESSAGES,
  },
};

const DESCRIPTION = `The WebSockets of a daemon. Frames are JSON texts. Members may be added to messages, and kinds of messages to those
who ask for them: leave out what you do not know. What is answered over HTTP is described in \`/openapi.json\`.`;

export function asyncApiDocument(version: string): JsonSchema {
  const named = new NamedSchemas();
  const channels = Object.entries(CHANNELS);
  return {
    asyncapi: ASYNCAPI_VERSION,
    info: { title: "trade-canvas", version, description: DESCRIPTION },
    defaultContentType: "application/json",
    servers: {
      daemon: {
        host: "{address}",
        protocol: "ws",
        variables: { address: { default: "127.0.0.1:8000", description: "Where the daemon listens." } },
        security: [{ $ref: `#/components/securitySchemes/${TOKEN}` }],
      },
    },
    channels: Object.fromEntries(channels.map(([name, channel]) => [name, describe(channel)])),
    operations: Object.fromEntries(channels.flatMap(([name, channel]) => operationsOf(name, channel))),
    components: {
      messages: Object.fromEntries(channels.flatMap(([, channel]) => messagesOf(channel, named))),
      schemas: named.schemas,
      securitySchemes: { [TOKEN]: { type: "http", scheme: "bearer", description: TOKEN_DESCRIPTION } },
    },
  };
}

function describe({ address, description, fromClient, fromServer }: Channel): JsonSchema {
  const names = Object.keys({ ...fromClient, ...fromServer });
  const messages = Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
  return { address, description, messages };
}

/** Seen from the daemon, as AsyncAPI has it: what clients say it receives. */
function operationsOf(
  channel: string,
  { fromClient, fromServer }: Channel,
): readonly (readonly [string, JsonSchema])[] {
  const operation = (action: "receive" | "send", kinds: MessageKinds) => ({
    action,
    channel: { $ref: `#/channels/${channel}` },
    messages: Object.keys(kinds).map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
  });
  return [
    [`${channel}.receive`, operation("receive", fromClient)],
    [`${channel}.send`, operation("send", fromServer)],
  ];
}

function messagesOf(
  { fromClient, fromServer }: Channel,
  named: NamedSchemas,
): readonly (readonly [string, JsonSchema])[] {
  return Object.entries({ ...fromClient, ...fromServer }).map(([name, { summary, payload }]) => [
    name,
    { name, summary, payload: named.refer(payload) },
  ]);
}
