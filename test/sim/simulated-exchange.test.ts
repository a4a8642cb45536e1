/** The exchange as a whole: its ports, going off line, stopping, and what no input may do to it. */
import { connect } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock/system-clock.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { startSimulatedExchange } from "../../src/sim/simulated-exchange.js";
import { advance, getJson, startExchange, TestClient, walkers } from "./exchange-support.js";
import { MINUTE, symbolOf, T0, until } from "./support.js";

const STREAM = "/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m";

describe("the same seed", () => {
  it("gives the same messages, byte for byte, and another seed others", async () => {
    const run = async (seed: number): Promise<string[]> => {
      const { clock, futures } = await startExchange({ seed });
      const client = await TestClient.connect(futures.wsUrl + STREAM);
      await advance(clock, 3 * MINUTE, client);
      return client.texts;
    };
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(first.length).toBeGreaterThan(50);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

describe("going off line", () => {
  it("resets what is open, refuses what comes, and returns on the same ports", async () => {
    const { clock, futures, spot } = await startExchange();
    const { wsUrl, restUrl } = futures;
    const [client, onSpot] = [await TestClient.connect(wsUrl + STREAM), await TestClient.connect(`${spot.wsUrl}/ws`)];
    await futures.goOffline();
    await until(() => client.isOver);
    expect(client.closed?.code).toBe(1006);
    expect((await TestClient.connect(wsUrl + STREAM)).failure).toBe("ECONNREFUSED");
    await expect(fetch(`${restUrl}/fapi/v1/ping`)).rejects.toThrow();
    expect(onSpot.isOpen).toBe(true);
    await futures.goOnline();
    const back = await TestClient.connect(wsUrl + STREAM);
    await advance(clock, MINUTE, back);
    expect(back.klines().length).toBeGreaterThan(0);
    expect((await getJson(`${restUrl}/fapi/v1/ping`)).status).toBe(200);
    const actions = futures.journal.entries("intervention").map(({ action }) => action);
    expect(actions).toEqual(["offline", "online"]);
  });

  it("is the same done twice as once", async () => {
    const { futures } = await startExchange();
    await Promise.all([futures.goOffline(), futures.goOffline()]);
    await futures.goOnline();
    await futures.goOnline();
    expect((await TestClient.connect(futures.wsUrl + STREAM)).isOpen).toBe(true);
  });
});

describe("stopping", () => {
  it("frees every port and timer, whoever is connected, and may be repeated", async () => {
    const { clock, exchange, futures } = await startExchange({ controlPort: 0 });
    const client = await TestClient.connect(futures.wsUrl + STREAM);
    await advance(clock, MINUTE, client);
    await exchange.stop();
    await exchange.stop();
    await until(() => client.isOver);
    expect(clock.pendingTimers).toBe(0);
    await expect(fetch(exchange.controlUrl ?? "")).rejects.toThrow();
  });
});

describe("starting", () => {
  it("names a port that is taken, and leaves nothing running", async () => {
    const { futures } = await startExchange();
    const taken = Number(new URL(futures.wsUrl).port);
    const clock = new SimulatedClock(T0);
    const start = startSimulatedExchange({
      clock,
      seed: 1,
      markets: { spot: { symbols: [] }, futures: { symbols: [], wsPort: taken } },
    });
    await expect(start).rejects.toThrow(`cannot listen on 127.0.0.1:${taken}`);
  });

  it.each([
    ["btcusdt", "malformed"],
    ["BTCUSDT", "given twice"],
  ])("refuses the symbol %s", async (symbol, text) => {
    const symbols = [...walkers(), symbolOf(symbol, walkers()[0]!.source)];
    await expect(startExchange({ symbols })).rejects.toThrow(`'${symbol}' is ${text}`);
  });

  it("runs without symbols, and on any clock", async () => {
    const exchange = await startSimulatedExchange({ clock: createSystemClock(), seed: 1, markets: {} });
    expect((await getJson(`${exchange.futures.restUrl}/fapi/v1/exchangeInfo`)).body).toMatchObject({ symbols: [] });
    expect([exchange.futures.dataEndMs(), exchange.controlUrl]).toEqual([Number.NEGATIVE_INFINITY, undefined]);
    await exchange.stop();
  });
});

describe("rubbish", () => {
  /** Writes bytes to a port and waits until the other side ends or answers, or takes them without a word. */
  async function write(port: number, bytes: Uint8Array): Promise<void> {
    const socket = connect(port, "127.0.0.1");
    let over = false;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      over = true;
    });
    socket.on("data", () => {
      over = true;
    });
    await new Promise<void>((resolve) => {
      socket.on("error", () => resolve());
      socket.write(bytes, () => resolve());
    });
    socket.end();
    await until(() => over || socket.destroyed, "the end of the socket");
    socket.destroy();
  }

  it("on any port, instead of HTTP, changes nothing", async () => {
    const { exchange, futures, spot } = await startExchange({ controlPort: 0 });
    const urls = [futures.wsUrl, futures.restUrl, spot.wsUrl, exchange.controlUrl ?? ""];
    const ports = urls.map((url) => Number(new URL(url).port));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.constantFrom(...ports),
        async (bytes, port) => {
          await write(port, bytes);
        },
      ),
      { numRuns: 60 },
    );
    expect((await getJson(`${futures.restUrl}/fapi/v1/ping`)).status).toBe(200);
    expect((await TestClient.connect(futures.wsUrl + STREAM)).isOpen).toBe(true);
  });

  it("on an open WebSocket, instead of frames, ends that connection at most", async () => {
    const { clock, futures } = await startExchange();
    const witness = await TestClient.connect(futures.wsUrl + STREAM);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const client = await TestClient.connect(futures.wsUrl + STREAM);
        (client.socket as unknown as { _socket: { write(data: Uint8Array): void } })._socket.write(bytes);
        client.socket.terminate();
        await until(() => futures.connections().length === 1);
      }),
      { numRuns: 40 },
    );
    await advance(clock, MINUTE, witness);
    expect(witness.klines().length).toBeGreaterThan(0);
  });

  it("in messages, targets and queries is answered", async () => {
    const { futures } = await startExchange();
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws`);
    for (const data of [Buffer.from([0, 255, 1]), "[]", "7", '"x"', '{"method":{"a":1},"id":1}', "x".repeat(70_000)]) {
      if (client.isOpen) client.socket.send(data);
    }
    await until(() => client.isOver);
    await fc.assert(
      fc.asyncProperty(fc.webPath(), fc.webQueryParameters(), async (path, query) => {
        const answer = await getJson(`${futures.restUrl}${path}?${query}`);
        expect(answer.status).toBeGreaterThanOrEqual(200);
      }),
      { numRuns: 30 },
    );
    const { body } = await getJson(
      `${futures.restUrl}/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=${"9".repeat(20)}`,
    );
    expect(body).toEqual([]);
  });
});
