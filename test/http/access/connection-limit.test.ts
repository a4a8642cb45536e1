/** Connections in all and of one address, on a real server; the addresses of other machines are told, not real. */
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  affordableConnections,
  ConnectionLimit,
  type ConnectionLimitOptions,
} from "../../../src/http/access/connection-limit.js";
import { untilTrue } from "../../support/until.js";

const LOOSE: ConnectionLimitOptions = { max: 1_000, maxPerAddress: 1_000, countsLoopback: false };

interface Limited {
  readonly limit: ConnectionLimit;
  /** Opens a connection that is taken to come from this address. */
  open(address?: string): Promise<Socket>;
  /** Requests that came to the server's handler. */
  asked(): number;
}

async function startLimited(options: Partial<ConnectionLimitOptions>): Promise<Limited> {
  const limit = new ConnectionLimit({ ...LOOSE, ...options });
  let asked = 0;
  const addresses: (string | undefined)[] = [];
  const server: Server = createServer((_request, response) => {
    asked += 1;
    response.end("here");
  });
  limit.guard(server);
  // Before the guard: connections are accepted in the order in which they were made.
  server.prependListener("connection", (socket: Socket) => {
    const address = addresses.shift();
    if (address !== undefined) Object.defineProperty(socket, "remoteAddress", { value: address });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    limit,
    asked: () => asked,
    open: async (address) => {
      addresses.push(address);
      const socket = connect(port, "127.0.0.1");
      socket.setEncoding("utf8");
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => undefined);
      const before = limit.open;
      await new Promise((resolve) => socket.once("connect", resolve));
      await untilTrue(
        "the connection to be counted, or refused",
        () => limit.open !== before || socket.readableLength > 0 || socket.destroyed,
      );
      return socket;
    },
  };
}

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** All that comes until the server hangs up, or has answered. */
async function answered(socket: Socket, request = ""): Promise<string> {
  let text = "";
  socket.on("data", (data: string) => {
    text += data;
  });
  if (request !== "") socket.write(request);
  await untilTrue("an answer", () => text.includes("\r\n\r\n"));
  return text;
}

const REFUSED =
  'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 33\r\nConnection: close\r\n\r\n{"detail":"too_many_connections"}';

test("one too many in all is told so and hung up on; those before it are served, and an end makes room", async () => {
  const server = await startLimited({ max: 2 });
  const [first, second] = [await server.open(), await server.open()];
  const third = await server.open();
  expect(await answered(third)).toBe(REFUSED);
  await untilTrue("the end of it", () => third.destroyed);
  expect(await answered(first, REQUEST)).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(server.limit.open).toBe(2);
  second.destroy();
  await untilTrue("room", () => server.limit.open === 1);
  expect(await answered(await server.open(), REQUEST)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("what is refused never comes to the server, whatever it sends", async () => {
  const server = await startLimited({ max: 1 });
  await server.open();
  for (const bytes of [REQUEST, "noise", "x".repeat(100_000)]) {
    const socket = await server.open();
    expect(await answered(socket, bytes)).toBe(REFUSED);
  }
  expect([server.asked(), server.limit.open]).toEqual([0, 1]);
});

test("one address takes no more than its share, and costs another nothing", async () => {
  const server = await startLimited({ maxPerAddress: 2 });
  await server.open("10.0.0.1");
  const second = await server.open("10.0.0.1");
  expect(await answered(await server.open("10.0.0.1"))).toBe(REFUSED);
  expect(await answered(await server.open("10.0.0.2"), REQUEST)).toMatch(/^HTTP\/1\.1 200 OK/);
  second.destroy();
  await untilTrue("room", () => server.limit.open === 2);
  expect(await answered(await server.open("10.0.0.1"), REQUEST)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("the addresses of one IPv6 network are one", async () => {
  const server = await startLimited({ maxPerAddress: 2 });
  await server.open("2001:db8:1:2::1");
  await server.open("2001:db8:1:2::2");
  expect(await answered(await server.open("2001:db8:1:2::3"))).toBe(REFUSED);
  expect(await answered(await server.open("2001:db8:1:3::1"), REQUEST)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("loopback has no share, unless it is to have one", async () => {
  const free = await startLimited({ maxPerAddress: 1 });
  for (let at = 0; at < 20; at += 1) await free.open();
  expect(free.limit.open).toBe(20);
  const counted = await startLimited({ maxPerAddress: 1, countsLoopback: true });
  await counted.open();
  expect(await answered(await counted.open())).toBe(REFUSED);
});

test("a thousand connections that come and go leave nothing behind", async () => {
  const server = await startLimited({ max: 10, maxPerAddress: 5, countsLoopback: true });
  for (let round = 0; round < 100; round += 1) {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => server.open()));
    for (const socket of sockets) socket.destroy();
    await untilTrue("all of them to be gone", () => server.limit.open === 0);
  }
  expect(await answered(await server.open(), REQUEST)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test.each([
  [25_000, null, 25_000],
  [25_000, 65_536, 25_000],
  [25_000, 20_000, 19_488],
  [25_000, 1_024, 512],
  [25_000, 256, 128],
  [25_000, 1, 1],
  [100, 1_024, 100],
])(
  "of %i connections, with %s open files, %i may be: the exchange and the store have theirs",
  (wanted, files, most) => {
    expect(affordableConnections(wanted, files)).toBe(most);
  },
);
