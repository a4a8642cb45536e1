import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { TradeCanvasClient } from "../../src/client/client.js";
import { READ_LIMIT_MS } from "../../src/client/request.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

/** A client of a server that answers so. */
async function clientOf(listener: RequestListener, path = "") {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const clock = new SimulatedClock();
  const { port } = server.address() as AddressInfo;
  const client = new TradeCanvasClient({
    url: `http://127.0.0.1:${port}${path}`,
    token: "secret",
    platform: {
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
      clearTimeout: (timer) => clock.clearTimeout(timer as object | undefined),
    },
  });
  return { client, clock };
}

const never: RequestListener = () => undefined;

test("a query holds what is given, encoded; a token is in a header and never in the address", async () => {
  const asked: unknown[] = [];
  const { client } = await clientOf((request, response) => {
    asked.push([request.method, request.url, request.headers.authorization]);
    response.end("{}");
  }, "/behind/");
  await client.candles({ series_id: "binance:spot:A&B/USDT:1m", since: undefined, limit: 5 });
  await client.overlayPackages.readOnly({ series_id: "x", to_time: null, window_size: 3 });
  expect(asked).toEqual([
    ["GET", "/behind/api/market/candles?series_id=binance%3Aspot%3AA%26B%2FUSDT%3A1m&limit=5", "Bearer secret"],
    ["GET", "/behind/api/replay/overlay_package/read_only?series_id=x&window_size=3", "Bearer secret"],
  ]);
});

test("an answer that does not come in time is given up", async () => {
  const { client, clock } = await clientOf(never);
  const late = client.whitelist();
  const sooner = client.whitelist({ limitMs: 100 });
  clock.advance(100);
  await expect(sooner).rejects.toMatchObject({ code: "timed_out", message: expect.stringContaining("100 ms") });
  clock.advance(READ_LIMIT_MS);
  await expect(late).rejects.toMatchObject({ code: "timed_out" });
});

test("the time limit is for the whole answer", async () => {
  let begun = (): void => undefined;
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const { client, clock } = await clientOf((_request, response) => {
    response.write("{", () => begun());
  });
  const late = client.whitelist();
  await hasBegun;
  clock.advance(READ_LIMIT_MS);
  await expect(late).rejects.toMatchObject({ code: "timed_out" });
});

test("the caller's signal ends a read, before it and in the midst of it", async () => {
  const { client, clock } = await clientOf(never);
  const caller = new AbortController();
  const reading = client.whitelist({ signal: caller.signal });
  caller.abort();
  await expect(reading).rejects.toMatchObject({ code: "aborted" });
  await expect(client.whitelist({ signal: caller.signal })).rejects.toMatchObject({ code: "aborted" });
  expect(clock.pendingTimers).toBe(0);
});

test("what refuses, and what is no daemon, is told apart", async () => {
  const answers = [
    [503, '{"detail":"busy"}', { code: "refused", status: 503, detail: "busy", retryAfterS: 2 }],
    [422, '{"detail":[{"type":"missing"}]}', { code: "refused", status: 422, detail: [{ type: "missing" }] }],
    [502, "<html>proxy</html>", { code: "not_understood", message: expect.stringContaining("<html>proxy</html>") }],
    [200, "<html>page</html>", { code: "not_understood", message: expect.stringContaining("no JSON") }],
  ] as const;
  for (const [status, text, error] of answers) {
    const { client } = await clientOf((_request, response) => {
      response.writeHead(status, { "retry-after": "2" }).end(text);
    });
    await expect(client.whitelist()).rejects.toMatchObject(error);
  }
});

test("events of a stream come one by one, however they are cut, until the caller stops", async () => {
  let ended = (): void => undefined;
  const hasEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const { client, clock } = await clientOf((request, response) => {
    request.on("close", () => ended());
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(': hello\n\nevent: top_markets\ndata: {"lim');
    setImmediate(() => response.write('it":1}\n\ndata: {"limit":2}\n\ndata: {"limit":3}\n\n'));
  });
  const limits: number[] = [];
  for await (const { limit } of client.topMarketsStream({ market: "spot" })) {
    limits.push(limit);
    clock.advance(READ_LIMIT_MS);
    if (limit === 3) break;
  }
  expect(limits).toEqual([1, 2, 3]);
  await hasEnded;
});

test("a stream that is refused, broken, or no stream is an error", async () => {
  const first = async (listener: RequestListener) => {
    const { client } = await clientOf(listener);
    return client.topMarketsStream({ market: "spot" }).next();
  };
  const refusing: RequestListener = (_request, response) =>
    void response.writeHead(503).end('{"detail":"too_many_streams"}');
  await expect(first(refusing)).rejects.toMatchObject({ code: "refused", detail: "too_many_streams" });
  await expect(first((_request, response) => void response.end("data: {\n\n"))).rejects.toMatchObject({
    code: "not_understood",
  });
  const endless: RequestListener = (_request, response) => void response.end(`data: ${"x".repeat(1_100_000)}`);
  await expect(first(endless)).rejects.toMatchObject({ code: "not_understood" });
  const broken: RequestListener = (_request, response) => {
    response.write("data: ", () => response.destroy());
  };
  await expect(first(broken)).rejects.toMatchObject({ code: "unreachable" });
});
