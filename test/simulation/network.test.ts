/** The simulated network between a client's socket or request and a simulated market. */
import { describe, expect, test } from "vitest";
import { createMarketCore, type MarketCore } from "../../src/sim/market-core.js";
import { walkingSymbols } from "../../src/sim/presets.js";
import { SimulatedClock, settledPromises } from "../../src/sim/simulated-clock.js";
import { Chance } from "../../src/simulation/chance.js";
import { hostOf, SimulatedNetwork, type Weather } from "../../src/simulation/network.js";

const START_MS = Date.UTC(2025, 4, 5);
const LATENCY_MS = [10, 40] as const;

function world() {
  const clock = new SimulatedClock(START_MS);
  const core = (market: "spot" | "futures"): MarketCore =>
    createMarketCore(market, { symbols: walkingSymbols(market, ["BTCUSDT"], 1) }, { clock, seed: 1 });
  const calm = (): Weather => ({ offline: false, blackHole: false, lostAnswers: 0, latencyMs: LATENCY_MS });
  const markets = { spot: core("spot"), futures: core("futures") };
  const weather = { spot: calm(), futures: calm() };
  const refusals: number[] = [];
  const network = new SimulatedNetwork({
    clock,
    chance: new Chance(1, "network"),
    markets,
    weather,
    witness: {
      requestSent: () => undefined,
      refusalDelivered: (_market, _life, { status }) => status !== 200 && refusals.push(status),
    },
  });
  let alive = true;
  let wakesMs = 0;
  const asleepForMs = (): number => Math.max(0, wakesMs - clock.now());
  const link = network.linkFor(1, { isAlive: () => alive, asleepForMs });
  const sleep = (ms: number): void => {
    wakesMs = clock.now() + ms;
  };
  const heard: string[] = [];
  const dial = (path = "/stream") =>
    link.dial(`ws://${hostOf("spot")}${path}`, {
      onOpen: () => heard.push("open"),
      onMessage: (data) => heard.push(data.toString("utf8")),
      onPing: (payload) => heard.push(`ping ${payload}`),
      onPong: () => heard.push("pong"),
      onRefused: (status, retryAfter) => heard.push(`refused ${status} ${retryAfter}`),
      onError: (message) => heard.push(`error ${message}`),
      onClose: (code, reason) => heard.push(`close ${code} ${reason}`.trim()),
    });
  const die = (): void => {
    alive = false;
    network.dropLife(1);
  };
  const get = (path: string, signal = new AbortController().signal) =>
    link.fetch(`http://${hostOf("spot")}${path}`, { headers: {}, signal });
  const advance = (ms: number): Promise<void> => clock.advanceSettled(ms, settledPromises);
  return { clock, markets, weather, network, refusals, heard, dial, get, die, sleep, advance, spot: markets.spot };
}

describe("a socket", () => {
  test("opens, carries text, pings and pongs with their delay, and closes on both sides", async () => {
    const { dial, heard, advance, spot, network } = world();
    const socket = dial();
    await advance(2 * LATENCY_MS[0] - 1);
    expect(heard).toEqual([]);
    await advance(100);
    expect([heard, spot.streams.connections.length]).toEqual([["open"], 1]);
    socket.sendText('{"method":"SUBSCRIBE","params":["btcusdt@kline_1m"],"id":7}');
    socket.ping();
    await advance(100);
    expect(heard.slice(1)).toEqual(['{"result":null,"id":7}', "pong"]);
    await advance(20_000);
    expect(heard.find((line) => line.startsWith("ping "))).toBeDefined();
    expect(heard.some((line) => line.includes('"e":"kline"'))).toBe(true);
    socket.close(1000);
    await advance(100);
    expect([heard.at(-1), spot.streams.connections.length, network.openSockets]).toEqual(["close 1000", 0, 0]);
  });

  test("keeps the order of what is sent, however long each message takes", async () => {
    const { dial, heard, advance, weather, spot } = world();
    weather.spot.latencyMs = [1, 2_000];
    dial();
    await advance(10_000);
    for (let n = 0; n < 20; n += 1) spot.strike({ kind: "frame", data: `${n}`, encoding: "text" });
    await advance(10_000);
    expect(heard.slice(1).filter((line) => !line.startsWith("ping"))).toEqual(
      Array.from({ length: 20 }, (_, n) => `${n}`),
    );
  });

  test("is refused in the exchange's words, by nobody at all, or never answered", async () => {
    const { dial, heard, advance, weather, spot, refusals } = world();
    const id = spot.faults.switchOn({ kind: "refuse-connections", status: 429, retryAfterS: 30 });
    dial();
    await advance(100);
    spot.faults.switchOff(id);
    dial("/nowhere");
    await advance(100);
    weather.spot.offline = true;
    dial();
    await advance(100);
    weather.spot.offline = false;
    weather.spot.blackHole = true;
    dial();
    await advance(60_000);
    expect(heard).toEqual([
      "refused 429 30",
      "close 1006",
      "refused 404 null",
      "close 1006",
      "error ECONNREFUSED",
      "close 1006",
    ]);
    expect(refusals).toEqual([429, 404]);
  });

  test("is told of a reset and of a close by the server; a client that terminates is missed", async () => {
    const { dial, heard, advance, network, spot } = world();
    dial();
    await advance(100);
    network.reset("futures");
    network.reset("spot");
    await advance(100);
    dial();
    await advance(100);
    spot.strike({ kind: "cut", manner: { by: "close", code: 1001, reason: "bye" } });
    await advance(100);
    const last = dial();
    await advance(100);
    last.terminate();
    await advance(100);
    expect(heard).toEqual(["open", "close 1006", "open", "close 1001 bye", "open", "close 1006"]);
    expect([spot.streams.connections.length, network.openSockets]).toEqual([0, 0]);
  });

  test("in a black hole is lost for good, and neither end is told", async () => {
    const { dial, heard, advance, weather, spot } = world();
    dial();
    await advance(100);
    weather.spot.blackHole = true;
    spot.strike({ kind: "frame", data: "lost", encoding: "text" });
    await advance(100);
    weather.spot.blackHole = false;
    spot.strike({ kind: "frame", data: "too late", encoding: "text" });
    await advance(5_000);
    expect([heard, spot.streams.connections.length]).toEqual([["open"], 1]);
  });

  test("of a sleeping machine keeps what comes until it wakes up, in order (F25)", async () => {
    const { dial, heard, advance, sleep, spot } = world();
    dial();
    await advance(100);
    sleep(10_000);
    for (const data of ["1", "2", "3"]) spot.strike({ kind: "frame", data, encoding: "text" });
    await advance(9_999);
    expect(heard).toEqual(["open"]);
    await advance(1);
    expect(heard).toEqual(["open", "1", "2", "3"]);
  });

  test("of a dead process is missed by the server and says nothing any more", async () => {
    const { dial, heard, advance, die, spot, network } = world();
    dial();
    await advance(100);
    die();
    await advance(60_000);
    expect([heard, spot.streams.connections.length, network.openSockets]).toEqual([["open"], 0, 0]);
  });
});

describe("a request", () => {
  const settled = async (answer: Promise<unknown>) => {
    let state = "pending";
    answer.then(
      () => (state = "answered"),
      (error: Error) => (state = error.message),
    );
    await settledPromises();
    return () => state;
  };

  test("is answered by the exchange, headers and body", async () => {
    const { get, advance, clock } = world();
    const asking = get("/api/v3/time");
    await advance(100);
    const answer = await asking;
    const body: Uint8Array[] = [];
    for await (const part of answer.body ?? []) body.push(part);
    expect([answer.status, answer.headers.get("X-MBX-USED-WEIGHT-1M"), answer.headers.get("nothing")]).toEqual([
      200,
      "1",
      null,
    ]);
    const { serverTime } = JSON.parse(Buffer.concat(body).toString("utf8"));
    expect(clock.now() - serverTime).toBeGreaterThan(0);
  });

  test("fails when nobody listens, when its answer is lost, and when it is given up", async () => {
    const { get, advance, weather } = world();
    weather.spot.offline = true;
    const refused = await settled(get("/api/v3/time"));
    await advance(100);
    weather.spot.offline = false;
    weather.spot.lostAnswers = 1;
    const lost = await settled(get("/api/v3/time"));
    await advance(100);
    weather.spot.blackHole = true;
    const stop = new AbortController();
    const givenUp = await settled(get("/api/v3/time", stop.signal));
    const never = await settled(get("/api/v3/time"));
    await advance(60_000);
    expect([givenUp(), never()]).toEqual(["pending", "pending"]);
    stop.abort();
    await advance(0);
    expect([refused(), lost(), givenUp(), never()]).toEqual(["ECONNREFUSED", "ECONNRESET", "ABORTED", "pending"]);
  });

  test("of a dead process reaches the exchange, and its answer nobody", async () => {
    const { get, advance, die, spot } = world();
    const asked = await settled(get("/api/v3/time"));
    die();
    await advance(1_000);
    expect([asked(), spot.journal.count("rest")]).toEqual(["pending", 1]);
  });
});
