import { describe, expect, it } from "vitest";
import { FAULTS } from "../../../src/sim/faults/catalogue.js";
import { advance, getJson, startExchange, TestClient } from "../exchange-support.js";
import { MINUTE, T0, until } from "../support.js";

async function withControl() {
  const started = await startExchange({ controlPort: 0 });
  const base = started.exchange.controlUrl ?? "";
  const get = async (path: string) => getJson(base + path);
  const post = async (path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await fetch(base + path, { method: "POST", ...sent });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { ...started, get, post };
}

describe("the control interface", () => {
  it("shows what runs", async () => {
    const { futures, get } = await withControl();
    await TestClient.connect(`${futures.wsUrl}/market/ws/btcusdt@kline_1m`);
    const { body } = await get("/");
    expect(body).toMatchObject({
      futures: {
        restUrl: futures.restUrl,
        wsUrl: futures.wsUrl,
        nowMs: T0,
        symbols: ["BTCUSDT", "ETHUSDT"],
        connections: [{ id: 1, target: "/market/ws/btcusdt@kline_1m", subscriptions: ["btcusdt@kline_1m"] }],
        liveStreams: 1,
        journal: { attempt: 1, final: 0 },
      },
      spot: { connections: [] },
    });
  });

  it("pages through the journal", async () => {
    const { clock, futures, get } = await withControl();
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws/btcusdt@kline_1m`);
    await advance(clock, 5 * MINUTE, client);
    const page = async (after: number) => {
      const { body } = await get(`/journal?market=futures&kind=final&limit=2&after=${after}`);
      return body as { entries: { sequence: number; openMs: number }[]; next: number; total: number; dropped: number };
    };
    const first = await page(0);
    expect([first.entries.length, first.total, first.dropped]).toEqual([2, 5, 0]);
    const second = await page(first.next);
    const third = await page(second.next);
    const all = [first, second, third].flatMap(({ entries }) => entries);
    expect(all).toEqual(JSON.parse(JSON.stringify(futures.journal.entries("final"))));
    expect(await page(third.next)).toMatchObject({ entries: [], next: third.next });
  });

  it("tells the truth", async () => {
    const { clock, spot, get } = await withControl();
    clock.advance(5 * MINUTE);
    const { body } = await get(`/truth?market=spot&symbol=ETHUSDT&interval=1m&from=${T0}&to=${T0 + 60 * MINUTE}`);
    expect(body).toEqual({ candles: spot.journal.truth("ETHUSDT", "1m", T0, T0 + 60 * MINUTE) });
    expect((body as { candles: unknown[] }).candles).toHaveLength(5);
  });

  it("lists, switches on and off, and clears faults", async () => {
    const { futures, get, post } = await withControl();
    const kinds = (await get("/faults/kinds")).body as { kinds: { kind: string }[] };
    expect(kinds.kinds.map(({ kind }) => kind)).toEqual(FAULTS.map(({ kind }) => kind));
    const silence = { kind: "silence", symbols: ["BTCUSDT"] };
    expect(await post("/faults?market=futures", silence)).toEqual({ status: 200, body: { id: 1 } });
    expect((await get("/faults?market=futures")).body).toEqual({ faults: [{ id: 1, fault: silence }] });
    expect((await post("/faults/off?market=futures&id=1")).body).toEqual({ switchedOff: true });
    expect((await post("/faults/off?market=futures&id=1")).body).toEqual({ switchedOff: false });
    await post("/faults?market=futures", silence);
    await post("/faults/clear?market=futures");
    expect(futures.faults.list()).toEqual([]);
  });

  it("strikes", async () => {
    const { futures, post } = await withControl();
    const client = await TestClient.connect(`${futures.wsUrl}/market/ws`);
    const cut = { kind: "cut", manner: { by: "close", code: 1001 } };
    expect(await post("/strikes?market=futures", cut)).toEqual({ status: 200, body: { hit: 1 } });
    await until(() => client.isOver);
    expect(client.closed?.code).toBe(1001);
  });

  it("takes a market off line and back", async () => {
    const { futures, spot, post } = await withControl();
    await post("/offline?market=futures&endpoints=ws");
    expect((await TestClient.connect(`${futures.wsUrl}/market/ws`)).failure).toBe("ECONNREFUSED");
    expect((await fetch(`${futures.restUrl}/fapi/v1/ping`)).status).toBe(200);
    await post("/offline?market=futures");
    await expect(fetch(`${futures.restUrl}/fapi/v1/ping`)).rejects.toThrow();
    expect((await fetch(`${spot.restUrl}/api/v3/ping`)).status).toBe(200);
    await post("/online?market=futures");
    expect((await TestClient.connect(`${futures.wsUrl}/market/ws`)).isOpen).toBe(true);
    expect((await fetch(`${futures.restUrl}/fapi/v1/ping`)).status).toBe(200);
  });

  it.each([
    ["GET", "/nothing", undefined, 404, "there is GET /, GET /journal"],
    ["POST", "/journal", undefined, 404, "there is no POST /journal"],
    ["GET", "/journal?market=moon&kind=final", undefined, 400, "market=moon is not valid; use one of spot, futures"],
    ["GET", "/journal?market=spot", undefined, 400, "kind= is not valid; use one of attempt"],
    ["GET", "/journal?market=spot&kind=final&after=x", undefined, 400, "after=x is not valid; give a number"],
    [
      "GET",
      "/truth?market=spot&symbol=XUSDT&interval=1m&from=0&to=1",
      undefined,
      400,
      "no symbol 'XUSDT'; it has BTCUSDT",
    ],
    ["GET", "/truth?market=spot&symbol=BTCUSDT&interval=1x&from=0&to=1", undefined, 400, "interval '1x' is unknown"],
    ["GET", "/truth?market=spot&symbol=BTCUSDT&interval=1m&from=0", undefined, 400, "to= is not valid"],
    ["GET", "/truth?market=spot", undefined, 400, "symbol and interval are needed"],
    ["POST", "/faults?market=spot", "{", 400, "the body is not JSON"],
    ["POST", "/faults?market=spot", '{"kind":"flood"}', 400, '"flood" is unknown; use one of'],
    ["POST", "/faults?market=spot", "x".repeat(3_000_000), 413, "send less"],
    ["POST", "/strikes?market=spot", "{}", 400, "strike kind undefined is unknown"],
    ["POST", "/offline?market=spot&endpoints=half", undefined, 400, "endpoints=half is not valid"],
  ])("%s %s is refused with the remedy", async (method, path, body, status, text) => {
    const { exchange, spot } = await withControl();
    const response = await fetch(exchange.controlUrl + path, { method, ...(body === undefined ? {} : { body }) });
    expect(response.status).toBe(status);
    expect(((await response.json()) as { error: string }).error).toContain(text);
    expect(spot.journal.count("intervention")).toBe(0);
  });
});
