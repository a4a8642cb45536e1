import { describe, expect, test } from "vitest";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { startTestDaemon, type TestDaemon } from "../../support/daemon.js";
import { tempFolder } from "../../support/temp.js";
import { call, post } from "../request.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const ENV = {
  TRADE_CANVAS_ENABLE_DEV_API: "1",
  TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
  TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
};

interface Breakers {
  readonly series: readonly { readonly name: string; readonly state: string }[];
  readonly endpoints: readonly { readonly name: string; readonly state: string }[];
  readonly rest: readonly { readonly name: string }[];
}

const start = (env = {}): Promise<TestDaemon> => startTestDaemon({ env: { ...ENV, ...env }, whitelist: [SERIES] });
const breakers = async ({ url }: TestDaemon): Promise<Breakers> =>
  (await call(url, "/api/feed/breakers")).json as unknown as Breakers;
const act = ({ url }: TestDaemon, verb: "isolate" | "reset", body: object) =>
  post(url, `/api/dev/breakers/${verb}`, body);

test("shows the breaker of each series, market and REST endpoint", async () => {
  const { series, endpoints, rest } = await breakers(await start());
  expect(series.map(({ name }) => name)).toEqual([SERIES]);
  expect(endpoints.map(({ name }) => name)).toEqual(["binance:futures", "binance:spot"]);
  const routes = ["exchangeInfo", "klines", "ticker/24hr", "time"];
  expect(rest.map(({ name }) => name)).toEqual(
    ["binance:futures", "binance:spot"].flatMap((market) => routes.map((route) => `${market}:${route}`)),
  );
});

test("has none of series and markets while breakers are off", async () => {
  const { series, endpoints, rest } = await breakers(await start({ TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "0" }));
  expect([series, endpoints, rest.length]).toEqual([[], [], 8]);
});

describe("by hand", () => {
  test.each([
    ["series", SERIES],
    ["endpoint", "binance:spot"],
    ["rest", "binance:spot:klines"],
  ])("a breaker of a %s is held open and closed again", async (kind, name) => {
    const daemon = await start();
    expect((await act(daemon, "isolate", { kind, name })).json).toMatchObject({
      ok: true,
      breaker: { kind, name, state: "isolated", next_attempt_in_ms: null },
    });
    expect((await act(daemon, "reset", { kind, name })).json).toMatchObject({
      ok: true,
      breaker: { kind, name, state: "closed", next_attempt_in_ms: 0 },
    });
  });

  test("a market that is isolated is not dialed, across a restart, until it is reset", async () => {
    const folder = tempFolder();
    const env = { TRADE_CANVAS_DB_PATH: folder };
    const endpoint = { kind: "endpoint", name: "binance:futures" };
    const first = await start(env);
    await act(first, "isolate", endpoint);
    await first.app.stop();
    const clock = new SimulatedClock(1_700_000_400_000);
    const second = await startTestDaemon({ env: { ...ENV, ...env }, whitelist: [SERIES], clock });
    expect((await breakers(second)).endpoints[0]).toMatchObject({ name: "binance:futures", state: "isolated" });
    await act(second, "reset", endpoint);
    expect((await breakers(second)).endpoints[0]).toMatchObject({ name: "binance:futures", state: "closed" });
  });

  test("what is unknown is 404, and what does not fit 422", async () => {
    const daemon = await start();
    for (const body of [
      { kind: "endpoint", name: "binance:options" },
      { kind: "door", name: "binance:spot" },
      { kind: "series", name: "binance:spot" },
    ]) {
      const { status, json } = await act(daemon, "isolate", body);
      expect([status, json]).toEqual([404, { detail: "unknown_breaker" }]);
    }
    expect((await act(daemon, "reset", { kind: "endpoint" })).status).toBe(422);
    expect((await act(daemon, "reset", { kind: 1, name: "binance:spot" })).status).toBe(422);
  });

  test("needs the dev API; what is shown does not", async () => {
    const daemon = await start({ TRADE_CANVAS_ENABLE_DEV_API: "0" });
    const body = { kind: "endpoint", name: "binance:spot" };
    for (const verb of ["isolate", "reset"] as const) {
      const { status, json } = await act(daemon, verb, body);
      expect([status, json]).toEqual([404, { detail: "not_found" }]);
    }
    expect((await breakers(daemon)).endpoints).toHaveLength(2);
  });
});
