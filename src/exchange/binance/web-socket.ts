/** Stream sockets over the network, by `ws`. */
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import type { DialStream } from "./stream-socket.js";

/** No message of the exchange comes near this size, in bytes. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** Dials a WebSocket. Pings are left to the owner to answer, because its budget of frames counts pongs. */
export const dialWebSocket: DialStream = (url, events) => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    autoPong: false,
    followRedirects: false,
    maxPayload: MAX_PAYLOAD_BYTES,
  });
  socket.on("open", events.onOpen);
  socket.on("message", (data: Buffer, isBinary: boolean) => events.onMessage(data, isBinary));
  socket.on("ping", events.onPing);
  socket.on("pong", () => events.onPong());
  socket.on("unexpected-response", (_request, response: IncomingMessage) => {
    events.onRefused(response.statusCode ?? 0, response.headers["retry-after"] ?? null);
    response.destroy();
    socket.terminate();
  });
  socket.on("error", (error) => events.onError(error.message));
  socket.on("close", (code, reason) => events.onClose(code, reason.toString("utf8")));
  return {
    sendText: (text) => socket.send(text),
    ping: () => socket.ping(),
    pong: (payload) => socket.pong(payload),
    close: (code) => socket.close(code),
    terminate: () => socket.terminate(),
  };
};
