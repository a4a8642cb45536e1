/** `trade-canvas backfill` against the simulated exchange: by itself on a store of its own, and by way of a daemon. */
import { describe, expect, test } from "vitest";
import { toWireCandle, type WireCandle } from "../../src/market/candle.js";
import { openStoreReader } from "../../src/storage/lmdb-store.js";
import { candles as readCandles } from "../support/http.js";
import type { Launched } from "../support/launch.js";
import { launchForTest, runCommand, startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { BTC, nowhereEnv, startWorld, truth, WORLD_START_MS, type World } from "../support/world.js";

const KLINES = "/fapi/v1/klines";
const MINUTE_S = 60;
const START_S = WORLD_START_MS / 1_000;
/** The twelve hours before the world begins, all of which the recording has. */
const FROM_S = START_S - 700 * MINUTE_S;
const TO_S = START_S - 10 * MINUTE_S;
const RANGE = ["--from", String(FROM_S), "--to", String(TO_S)];

async function stored(env: World["env"]): Promise<readonly WireCandle[]> {
  const store = openStoreReader(env.TRADE_CANVAS_DB_PATH ?? "");
  try {
    return store.read(BTC, { limit: 100_000 }).candles().map(toWireCandle);
  } finally {
    await store.close();
  }
}

/** How far the ledgers are, in seconds. */
async function ledgerTimes(env: World["env"]): Promise<readonly unknown[]> {
  const store = openStoreReader(env.TRADE_CANVAS_DB_PATH ?? "");
  const times = (["factor", "overlay"] as const).map((ledger) => store.ledger(BTC, ledger).head?.time);
  await store.close();
  return times;
}

const wanted = ({ exchange }: World) => truth(exchange, BTC, FROM_S, TO_S + MINUTE_S);

const requests = ({ exchange }: World) =>
  exchange.futures.journal.entries("rest").filter(({ path }) => path.endsWith("/klines"));

const launchBackfill = (env: World["env"], ...more: string[]): Launched =>
  launchForTest(["backfill", BTC, ...RANGE, ...more], env);

const backfill = (env: World["env"], ...more: string[]) => runCommand(["backfill", BTC, ...RANGE, ...more], env);

describe("on the store of a daemon that does not run", () => {
  test("the range is fetched whole, ledgers included; what the exchange lacks is absent; asked again, only that is", async () => {
    const world = await startWorld({ speed: 1 });
    const haltFromMs = (FROM_S + 100 * MINUTE_S) * 1_000;
    world.exchange.futures.faults.switchOn({ kind: "halt", haltFromMs, haltToMs: haltFromMs + 20 * 60_000 });
    const { code, output } = await backfill(world.env);
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/stored +671\n +there before +0\n +absent at source +20\n/),
    ]);
    expect(output).toMatch(/^ +2025-05-05T02:00:00Z to 2025-05-05T02:19:00Z \(20\)$/m);
    expect(output).toMatch(/^100\.0 % {2}691 of 691 candles, 671 stored .* left {2}weight \d+ of 2,400 a minute$/m);
    expect(await stored(world.env)).toEqual(wanted(world));
    expect(await ledgerTimes(world.env)).toEqual([TO_S, TO_S]);
    expect(world.exchange.futures.journal.entries("attempt")).toEqual([]);
    const asked = requests(world).length;
    const again = await backfill(world.env);
    expect([again.code, again.output]).toEqual([0, expect.stringMatching(/stored +0\n +there before +671\n/)]);
    expect(requests(world).slice(asked)).toMatchObject([{ params: { startTime: String(haltFromMs) } }]);
  });

  test("RS-H4 killed, then interrupted with Ctrl-C (130), it goes on each time where it ended, up to the whole range", async () => {
    const world = await startWorld({ speed: 1 });
    const slow = world.exchange.futures.faults.switchOn({ kind: "rest-slow", delayMs: 1_000, paths: [KLINES] });
    const first = launchBackfill(world.env);
    await untilTrue("a page", async () => (await stored(world.env).catch(() => [])).length > 0);
    expect(await first.end("SIGKILL")).toBe("SIGKILL");
    const before = await stored(world.env);
    expect(before.length).toBeLessThan(691);
    const second = launchBackfill(world.env);
    await second.says(/ candles, 0 stored/);
    expect(await second.end("SIGINT")).toBe(130);
    expect(second.output()).toMatch(/not finished .*: stopped\n/);
    expect(second.output()).toContain("the same command goes on where this one ended");
    world.exchange.futures.faults.switchOff(slow);
    const held = await stored(world.env);
    const asked = requests(world).length;
    const { code, output } = await backfill(world.env);
    expect([code, output]).toEqual([0, expect.stringMatching(new RegExp(`there before +${held.length}\\n`))]);
    const starts = requests(world).map(({ params }) => Number(params.startTime));
    expect(Math.min(...starts.slice(asked))).toBe((held.at(-1)?.candle_time ?? 0) * 1_000 + 60_000);
    expect(await stored(world.env)).toEqual(wanted(world));
  });

  test("a 429 in the middle is waited out for as long as it says; with --no-wait it ends with 3", async () => {
    const world = await startWorld({ speed: 30 });
    const refuse = () =>
      world.exchange.futures.faults.switchOn({
        kind: "rest-refusal",
        status: 429,
        retryAfterS: 60,
        paths: [KLINES],
      });
    const refusal = refuse();
    const patient = launchBackfill(world.env);
    await patient.says(/the exchange demands a pause, goes on at 2025-05-05 \d\d:\d\d:\d\d UTC: rate_limited/);
    const asked = requests(world).length;
    world.exchange.futures.faults.switchOff(refusal);
    expect(await patient.ended()).toBe(0);
    const [refused, next] = requests(world).slice(asked - 1);
    expect((next?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(60_000);
    expect(await stored(world.env)).toEqual(wanted(world));

    refuse();
    const other = { ...world.env, TRADE_CANVAS_DB_PATH: nowhereEnv().TRADE_CANVAS_DB_PATH ?? "" };
    const hasty = await backfill(other, "--no-wait");
    expect([hasty.code, hasty.output]).toEqual([3, expect.stringMatching(/not finished .*\(691\): rate_limited/)]);
  });
});

describe("while a daemon holds the store", () => {
  test("the daemon does it: Ctrl-C ends it there, the same command goes on, and readers see the candles", async () => {
    const world = await startWorld({ speed: 1 });
    const slow = world.exchange.futures.faults.switchOn({ kind: "rest-slow", delayMs: 1_000, paths: [KLINES] });
    const settings = {
      TRADE_CANVAS_ENABLE_DEV_API: "1",
      TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "0",
      // Which would fetch the range before the first request is served.
      TRADE_CANVAS_ENABLE_STARTUP_KLINE_SYNC: "0",
    };
    const daemon = await startProcess(["start"], { ...world.env, ...settings });
    const times = async () => (await readCandles(daemon.url, BTC, "&since=0&limit=5000")).body.candles;
    const running = launchBackfill(world.env, "--url", daemon.url);
    await running.says(/the daemon at http:\S+ has begun/);
    expect(await running.end("SIGINT")).toBe(130);
    expect(running.output()).toMatch(/not finished .*: stopped\n/);
    expect((await times()).length).toBeLessThan(691);
    world.exchange.futures.faults.switchOff(slow);
    const { code, output } = await backfill(world.env, "--url", daemon.url);
    expect([code, output]).toEqual([0, expect.stringMatching(/absent at source +0\n$/)]);
    expect(await times()).toEqual(wanted(world));
  });

  test("without the dev API, or at another address, it says what to do", async () => {
    const env = nowhereEnv();
    const daemon = await startProcess(["start", "--bare"], env);
    const { port } = new URL(daemon.url);
    const [shut, lost] = await Promise.all(
      [port, "1"].map((at) => backfill({ ...env, TRADE_CANVAS_PORT: at }, "--bare")),
    );
    expect(shut).toMatchObject({
      code: 1,
      output: expect.stringContaining("TRADE_CANVAS_ENABLE_DEV_API=1, or stop it"),
    });
    expect(lost).toMatchObject({ code: 1, output: expect.stringContaining(`held by process ${daemon.pid}`) });
    expect(lost?.output).toContain("no daemon answers at http://127.0.0.1:1 ");
  });
});
