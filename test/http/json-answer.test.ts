import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import fastify, { type FastifyRequest } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { answerJson } from "../../src/http/json-answer.js";
import { type JsonText, joinParts, jsonString } from "../../src/ledger/json-parts.js";

/** More than a connection takes in without its client reading. */
const LARGE = 32 * 1024 * 1024;

/** An answer whose pieces are all one buffer. */
function largeText(): JsonText {
  const piece = Buffer.alloc(64 * 1024, "0");
  return joinParts(["[1", ...Array.from({ length: LARGE / piece.length }, () => piece), "]"]);
}

/** A server that answers everything with a text. @param ready what an answer waits for. */
async function serving(text: string | JsonText, ready: (request: FastifyRequest) => Promise<unknown> = async () => {}) {
  const logged: string[] = [];
  const app = fastify({ logger: { stream: { write: (line: string) => void logged.push(line) } } });
  const responded: string[] = [];
  app.addHook("onSend", async (_request, reply) => void reply.header("x-sent", "yes"));
  app.addHook("onResponse", async (request) => void responded.push(request.url));
  app.get("/*", async (request, reply) => {
    await ready(request);
    return answerJson(reply, text);
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = async (path: string): Promise<IncomingMessage> => {
    const [response] = (await once(get({ agent, port, host: "127.0.0.1", path }), "response")) as [IncomingMessage];
    return response;
  };
  return { port, ask, responded, logged };
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = await response.toArray();
  return Buffer.concat(chunks).toString();
}

test("pieces arrive as one text of a known length, and hooks see the answer", async () => {
  const long = Buffer.alloc(10_000, "7");
  const { ask, responded } = await serving(joinParts(['{"é":', long, ',"b":[', long, "]}"]));
  const response = await ask("/a");
  const expected = `{"é":${long},"b":[${long}]}`;
  expect(response.headers).toMatchObject({
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(expected)),
    "x-sent": "yes",
  });
  expect(await bodyOf(response)).toBe(expected);
  await expect.poll(() => responded).toEqual(["/a"]);
});

test.each(["{}", joinParts(["{}"]), joinParts([])])("an answer of one piece or none, or a string", async (text) => {
  const { ask } = await serving(text);
  expect(await bodyOf(await ask("/"))).toBe(typeof text === "string" ? text : jsonString(text));
});

test("a connection takes one answer after the other", async () => {
  const { ask, responded, logged } = await serving(largeText());
  const first = await ask("/1");
  const { socket } = first;
  expect(await bodyOf(first)).toHaveLength(LARGE + 3);
  const second = await ask("/2");
  expect(second.socket).toBe(socket);
  expect(await bodyOf(second)).toHaveLength(LARGE + 3);
  await expect.poll(() => responded).toEqual(["/1", "/2"]);
  // The framework takes note of streams that did not end.
  expect(logged.filter((line) => line.includes("prematurely"))).toEqual([]);
});

test("a client that hangs up amidst an answer harms nobody", async () => {
  const { ask, port } = await serving(largeText());
  const socket = connect({ host: "127.0.0.1", port });
  socket.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(socket, "readable");
  expect(socket.read(8)).toEqual(Buffer.from("HTTP/1.1"));
  socket.destroy();
  expect(await bodyOf(await ask("/next"))).toHaveLength(LARGE + 3);
});

test("a client that has hung up before its answer is ready harms nobody", async () => {
  let gone: (() => void) | undefined;
  const isGone = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const { ask, port, responded } = await serving(largeText(), async ({ url, raw }) => {
    if (url !== "/gone") return;
    await once(raw.socket, "close");
    gone?.();
  });
  const socket = connect({ host: "127.0.0.1", port });
  socket.write("GET /gone HTTP/1.1\r\nhost: x\r\n\r\n", () => socket.destroy());
  await isGone;
  expect(await bodyOf(await ask("/next"))).toHaveLength(LARGE + 3);
  await expect.poll(() => responded).toContain("/next");
});
