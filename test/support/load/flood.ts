/** Peers that send what is nothing: bytes that are no HTTP, frames that are none, messages and bodies that are too large. */
import { connect, type Socket } from "node:net";
import { frameHead, maskedText } from "./stuck.js";

const UPGRADE = [
  ...["connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13"],
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
].join("\r\n");

/** More than a daemon takes of a body. */
const TOO_LARGE_BODY = 17 * 1024 * 1024;

/** More than it takes of a message. */
const TOO_LARGE_MESSAGE = 65 * 1024;

const BODY_PIECE = Buffer.alloc(64 * 1024, "x");

/** How long one peer is given, in milliseconds of real time. */
const PEER_LIMIT_MS = 20_000;

/** What is sent over an open WebSocket. */
const FRAMES: Readonly<Record<string, Buffer>> = {
  "no JSON": maskedText("{"),
  "an unknown message": maskedText('{"type":"x"}'),
  "a series that is none": maskedText('{"type":"subscribe","series_id":"x"}'),
  "a text that is not UTF-8": Buffer.concat([frameHead(0x81, 2), Buffer.from([0xc3, 0x28])]),
  "a kind that is none": frameHead(0x83, 0),
  "a frame that is not masked": Buffer.from([0x81, 0x01, 0x78]),
  "reserved bits": frameHead(0xf1, 0),
  "a continuation of nothing": frameHead(0x80, 0),
  "a message that is too large": Buffer.concat([
    frameHead(0x81, TOO_LARGE_MESSAGE),
    Buffer.alloc(TOO_LARGE_MESSAGE, "x"),
  ]),
  "a length beyond all bounds": Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
};

/** What is sent instead of an HTTP request. */
const REQUESTS: Readonly<Record<string, string>> = {
  "no HTTP": "\x16\x03\x01\x02\x00\x01\x00 what is this\r\n\r\n",
  "headers that are too large": `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
  "two lengths": "POST /api/replay/build HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
  "a body that is no JSON": "POST /api/replay/build HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\n\r\nhello",
  "a body that is announced too large": `POST /api/market/ingest/candle_closed HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${TOO_LARGE_BODY}\r\n\r\n`,
};

/** A body in chunks, without an announced length, that does not end within the bound. */
const CHUNKED =
  "POST /api/market/ingest/candle_closed HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n";

type Peer = (socket: Socket) => void;

/** One of each kind. */
export const FLOOD: readonly (readonly [name: string, peer: Peer])[] = [
  ...Object.entries(FRAMES).map(([name, frame]) => [name, sendsFrames(frame)] as const),
  ...Object.entries(REQUESTS).map(
    ([name, text]) => [name, (socket: Socket) => void socket.write(text, "latin1")] as const,
  ),
  ["a body in chunks that is too large", sendsChunks],
];

/**
 * Sends each kind so many times, a few peers at a time, and hangs up on those that are not hung up on.
 * @returns how many peers the daemon has ended by itself.
 */
export async function flood(url: string, times: number, atATime: number): Promise<number> {
  const { hostname, port } = new URL(url);
  let ended = 0;
  const peers = Array.from({ length: times }, () => FLOOD.map(([, peer]) => peer)).flat();
  const next = peers[Symbol.iterator]();
  const run = async (): Promise<void> => {
    for (const peer of next) if (await sent(connect({ host: hostname, port: Number(port) }), peer)) ended += 1;
  };
  await Promise.all(Array.from({ length: atATime }, run));
  return ended;
}

/** @returns whether the daemon has ended the connection. */
function sent(socket: Socket, peer: Peer): Promise<boolean> {
  return new Promise((resolve) => {
    let byDaemon = true;
    const limit = setTimeout(hangUp, PEER_LIMIT_MS);
    function hangUp(): void {
      byDaemon = false;
      socket.destroy();
    }
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(limit);
      resolve(byDaemon);
    });
    // An answer has come, and nothing ends the connection for half a second: it was taken for an honest mistake.
    let quiet: NodeJS.Timeout | undefined;
    socket.on("data", () => {
      clearTimeout(quiet);
      quiet = setTimeout(hangUp, 500);
    });
    socket.on("close", () => clearTimeout(quiet));
    socket.on("connect", () => peer(socket));
  });
}

/** Upgrades, and sends a frame over and over until it is hung up on, or has been sent often enough. */
function sendsFrames(frame: Buffer): Peer {
  return (socket) => {
    socket.write(`GET /ws/market HTTP/1.1\r\nhost: 127.0.0.1\r\n${UPGRADE}\r\n\r\n`);
    socket.once("data", () => {
      for (let left = 50; left > 0; left -= 1) socket.write(frame);
    });
  };
}

function sendsChunks(socket: Socket): void {
  socket.write(CHUNKED);
  let left = TOO_LARGE_BODY;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= BODY_PIECE.length;
      socket.write(`${BODY_PIECE.length.toString(16)}\r\n`);
      socket.write(BODY_PIECE);
      if (!socket.write("\r\n")) {
        socket.once("drain", more);
        return;
      }
    }
  };
  more();
}
