/** `trade-canvas backfill` against the simulated exchange: by itself on a store of its own, and by way of a daemon. */
import { describe, expect, test } from "vitest";
import { toWireCandle, type WireCandle } from "../../src/market/candle.js";
import { openStoreReader } from "../../src/storage/lmdb-store.js";
import { candles as readCandles } from "../support/http.js";
import type { Launched } from "../support/launch.js";
import { launchForTest, runCommand, startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { BTC, nowhereEnv, startWorld, truth, WORLD_START_MS, type World } from "../support/world.js";

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

/** The first page is stored, and the second one on its way. */
const halfway = (env: World["env"]) => untilTrue("a page", async () => (await stored(env).catch(() => [])).length > 0);

const wanted = ({ exchange }: World) => truth(exchange, BTC, FROM_S, TO_S + MINUTE_S);

const requests = ({ exchange }: World) =>
  exchange.futures.journal.entries("rest").filter(({ path }) => path.endsWith("/klines"));

/** A page takes this long, so that something can happen between two of them. */
const slowly = ({ exchange }: World, delayMs: number) =>
  exchange.futures.faults.switchOn({ kind: "rest-slow", delayMs, paths: ["/fapi/v1/klines"] });

const backfill = (env: World["env"], ...more: string[]): Launched =>
  launchForTest(["backfill", BTC, ...RANGE, ...more], env);

describe("on the store of a daemon that does not run", () => {
  test("the whole range is fetched, ledgers included; asked again, nothing is", async () => {
    const world = await startWorld({ speed: 1 });
    const { code, output } = await runCommand(["backfill", BTC, ...RANGE], world.env);
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/stored +691\n +there before +0\n +absent at source +0\n$/),
    ]);
    expect(output).toMatch(/^100\.0 % {2}691 of 691 candles, 691 stored .* left {2}weight \d+ of 2,400 a minute$/m);
    expect(await stored(world.env)).toEqual(wanted(world));
    expect(world.exchange.futures.journal.entries("attempt")).toEqual([]);
    const asked = requests(world).length;
    const again = await runCommand(["backfill", BTC, ...RANGE], world.env);
    expect([again.code, again.output]).toEqual([0, expect.stringMatching(/stored +0\n +there before +691\n/)]);
    expect(requests(world)).toHaveLength(asked);
    const audit = await runCommand(["audit", "--series", BTC], world.env);
    expect([audit.code, audit.output]).toEqual([0, expect.stringContaining("same: 691 candles")]);
  });

  test("killed in the middle, it goes on where it ended", async () => {
    const world = await startWorld({ speed: 1 });
    const slow = slowly(world, 1_000);
    const first = backfill(world.env);
    await halfway(world.env);
    expect(await first.end("SIGKILL")).toBe("SIGKILL");
    const before = await stored(world.env);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(691);
    world.exchange.futures.faults.switchOff(slow);
    const asked = requests(world).length;
    const { code, output } = await runCommand(["backfill", BTC, ...RANGE], world.env);
    expect([code, output]).toEqual([0, expect.stringMatching(new RegExp(`there before +${before.length}\\n`))]);
    const starts = requests(world)
      .slice(asked)
      .map(({ params }) => Number(params.startTime));
    expect(Math.min(...starts)).toBe((before.at(-1)?.candle_time ?? 0) * 1_000 + 60_000);
    expect(await stored(world.env)).toEqual(wanted(world));
  });

  test("minutes that the exchange does not have are listed as absent, and nothing is made up for them", async () => {
    const world = await startWorld({ speed: 1 });
    const haltFromMs = (FROM_S + 100 * MINUTE_S) * 1_000;
    world.exchange.futures.faults.switchOn({ kind: "halt", haltFromMs, haltToMs: haltFromMs + 20 * 60_000 });
    const { code, output } = await runCommand(["backfill", BTC, ...RANGE], world.env);
    expect(code).toBe(0);
    expect(output).toMatch(/absent at source +20\n +2025-05-05T02:00:00Z to 2025-05-05T02:19:00Z \(20\)\n/);
    expect(await stored(world.env)).toEqual(wanted(world));
    expect(await stored(world.env)).toHaveLength(671);
  });

  test("a 429 in the middle is waited out for as long as it says; with --no-wait it ends with 3", async () => {
    const world = await startWorld({ speed: 30 });
    const refuse = () =>
      world.exchange.futures.faults.switchOn({
        kind: "rest-refusal",
        status: 429,
        retryAfterS: 60,
        paths: ["/fapi/v1/klines"],
      });
    const refusal = refuse();
    const patient = backfill(world.env);
    await patient.says(/the exchange demands a pause, goes on at 2025-05-05 \d\d:\d\d:\d\d UTC: rate_limited/);
    const asked = requests(world).length;
    world.exchange.futures.faults.switchOff(refusal);
    expect(await patient.ended()).toBe(0);
    const [refused, next] = requests(world).slice(asked - 1);
    expect((next?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(60_000);
    expect(await stored(world.env)).toEqual(wanted(world));

    refuse();
    const other = { ...world.env, TRADE_CANVAS_DB_PATH: nowhereEnv().TRADE_CANVAS_DB_PATH ?? "" };
    const hasty = await runCommand(["backfill", BTC, ...RANGE, "--no-wait"], other);
    expect([hasty.code, hasty.output]).toEqual([3, expect.stringMatching(/not finished .*\(691\): rate_limited/)]);
  });

  test("Ctrl-C ends it after the page at hand with 130, and says how to go on", async () => {
    const world = await startWorld({ speed: 1 });
    const slow = slowly(world, 1_000);
    const running = backfill(world.env);
    await halfway(world.env);
    expect(await running.end("SIGINT")).toBe(130);
    expect(running.output()).toMatch(/not finished .*: stopped\n/);
    expect(running.output()).toContain("the same command goes on where this one ended");
    world.exchange.futures.faults.switchOff(slow);
    expect((await runCommand(["backfill", BTC, ...RANGE], world.env)).code).toBe(0);
    expect(await stored(world.env)).toEqual(wanted(world));
  });

  test("a symbol that the exchange does not have, and an exchange that is not there", async () => {
    const world = await startWorld({ speed: 60 });
    const unknown = await runCommand(["backfill", "binance:futures:NO/USDT:1m", ...RANGE], world.env);
    expect([unknown.code, unknown.output]).toEqual([1, expect.stringMatching(/not finished .*invalid_symbol/)]);
  });
});

describe("while a daemon holds the store", () => {
  const DEV = { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "0" };

  test("the daemon does it, and readers see the candles", async () => {
    const world = await startWorld({ speed: 1 });
    const daemon = await startProcess(["start"], { ...world.env, ...DEV });
    const args = ["backfill", BTC, ...RANGE, "--url", daemon.url];
    const { code, output } = await runCommand(args, world.env);
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/the daemon at http:\S+ has begun\n[\s\S]*stored +691\n/),
    ]);
    const { body } = await readCandles(daemon.url, BTC, "&since=0&limit=5000");
    expect((body as { candles: readonly WireCandle[] }).candles.slice(0, 691)).toEqual(wanted(world));
  });

  test("without the dev API, or at another address, it says what to do", async () => {
    const world = await startWorld({ speed: 1 });
    const daemon = await startProcess(["start"], { ...world.env, TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "0" });
    const port = new URL(daemon.url).port;
    const shut = await runCommand(["backfill", BTC, ...RANGE], { ...world.env, TRADE_CANVAS_PORT: port });
    expect([shut.code, shut.output]).toEqual([1, expect.stringContaining("TRADE_CANVAS_ENABLE_DEV_API=1, or stop it")]);
    const lost = await runCommand(["backfill", BTC, ...RANGE], { ...world.env, TRADE_CANVAS_PORT: "1" });
    expect(lost.code).toBe(1);
    expect(lost.output).toContain(`held by process ${daemon.pid}`);
    expect(lost.output).toContain("no daemon answers at http://127.0.0.1:1 ");
  });

  test("Ctrl-C ends it there as well", async () => {
    const world = await startWorld({ speed: 1 });
    slowly(world, 1_000);
    const daemon = await startProcess(["start"], { ...world.env, ...DEV });
    const running = backfill(world.env, "--url", daemon.url);
    await running.says(/has begun/);
    expect(await running.end("SIGINT")).toBe(130);
    expect(running.output()).toMatch(/not finished .*: stopped\n/);
    const { body } = await readCandles(daemon.url, BTC, "&since=0&limit=5000");
    expect((body as { candles: readonly WireCandle[] }).candles.length).toBeLessThan(691);
  });
});
