import { describe, expect, it, onTestFinished } from "vitest";
import { simulateCommand } from "../../src/cli/simulate.js";
import { parseClockScale } from "../../src/clock/system-clock.js";
import { RECORDING_TO_MS } from "../../src/sim/truth/recording.js";
import { getJson, TestClient } from "../sim/exchange-support.js";
import { until } from "../sim/support.js";

/** The command, running until the test ends or stops it. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [out, err] = [[] as string[], [] as string[]];
  const stopping = new AbortController();
  let exitCode: number | undefined;
  const io = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    env,
    stop: stopping.signal,
  };
  const finished = simulateCommand.run(args, io).then((code) => {
    exitCode = code;
    return code;
  });
  onTestFinished(async () => {
    stopping.abort();
    await finished;
  });
  const exported = (): Record<string, string> =>
    Object.fromEntries(
      out
        .filter((line) => line.startsWith("  export "))
        .map((line) => line.slice("  export ".length).split(/=(.*)/, 2)),
    );
  const isReady = (): boolean => exported().TRADE_CANVAS_SIM_CLOCK !== undefined || exitCode !== undefined;
  return { out, err, exported, finished, stop: () => stopping.abort(), ready: () => until(isReady, "the start") };
}

describe("simulate", () => {
  it("plays the recording, says where, and how to point a daemon at it", async () => {
    const command = run(["--speed", "60", "--start", "2025-05-06T12:00:00Z"]);
    await command.ready();
    const env = command.exported();
    expect(Object.keys(env)).toEqual([
      "TRADE_CANVAS_BINANCE_SPOT_WS_URL",
      "TRADE_CANVAS_BINANCE_FUTURES_WS_URL",
      "TRADE_CANVAS_BINANCE_SPOT_BASE_URL",
      "TRADE_CANVAS_BINANCE_FUTURES_BASE_URL",
      "TRADE_CANVAS_SIM_CLOCK",
    ]);
    const noon = Date.UTC(2025, 4, 6, 12);
    expect(parseClockScale(env.TRADE_CANVAS_SIM_CLOCK ?? "")).toMatchObject({ virtualMs: noon, speed: 60 });
    const { body } = await getJson(
      `${env.TRADE_CANVAS_BINANCE_FUTURES_BASE_URL}/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1&startTime=1746403200000`,
    );
    expect((body as string[][])[0]?.[1]).toBe("94230.20");
    const { serverTime } = (await getJson(`${env.TRADE_CANVAS_BINANCE_SPOT_BASE_URL}/api/v3/time`)).body as {
      serverTime: number;
    };
    expect(serverTime).toBeGreaterThanOrEqual(noon);
    const client = await TestClient.connect(`${env.TRADE_CANVAS_BINANCE_FUTURES_WS_URL}/market/ws/btcusdt@kline_1m`);
    await until(() => client.finals().length > 0, "a final at 60 times the speed");
    expect(command.out.join("\n")).toContain("spot     REST");
    command.stop();
    expect(await command.finished).toBe(0);
    await until(() => client.isOver);
    expect(command.out.at(-1)).toBe("The simulator has stopped.");
    expect(command.err).toEqual([]);
  });

  it("walks for ever with any symbols, at the present time", async () => {
    const command = run([
      "--source",
      "walk",
      "--symbols",
      "solusdt, DOGEUSDT,SOLUSDT",
      "--seed",
      "9",
      "--history-days",
      "2",
    ]);
    await command.ready();
    const env = command.exported();
    const { virtualMs, realMs, speed } = parseClockScale(env.TRADE_CANVAS_SIM_CLOCK ?? "");
    expect([virtualMs, speed]).toEqual([realMs, 1]);
    const { body } = await getJson(
      `${env.TRADE_CANVAS_BINANCE_FUTURES_BASE_URL}/fapi/v1/klines?symbol=DOGEUSDT&interval=1d&limit=10`,
    );
    expect((body as unknown[]).length).toBeGreaterThanOrEqual(2);
    expect((body as unknown[]).length).toBeLessThanOrEqual(3);
    const info = await getJson(`${env.TRADE_CANVAS_BINANCE_SPOT_BASE_URL}/api/v3/exchangeInfo`);
    expect((info.body as { symbols: { symbol: string }[] }).symbols.map(({ symbol }) => symbol)).toEqual([
      "SOLUSDT",
      "DOGEUSDT",
    ]);
  });

  it("says when the recording ends", async () => {
    const command = run(["--start", String(RECORDING_TO_MS - 3_000), "--speed", "100"]);
    await until(() =>
      command.out.some((line) => line.includes("The recording of futures ended at 2025-06-03 00:00:00 UTC")),
    );
  });

  it("shares the clock of the environment, which --speed and --start replace", async () => {
    const shared = "1746500000000@1700000000000x5";
    const command = run([], { TRADE_CANVAS_SIM_CLOCK: shared });
    await command.ready();
    expect(command.exported().TRADE_CANVAS_SIM_CLOCK).toBe(shared);
    const own = run(["--speed", "2"], { TRADE_CANVAS_SIM_CLOCK: shared });
    await own.ready();
    expect(own.exported().TRADE_CANVAS_SIM_CLOCK).toMatch(/x2$/);
  });

  it("prints its help", async () => {
    const command = run(["--help"]);
    expect(await command.finished).toBe(0);
    expect(command.out.join("\n")).toBe(simulateCommand.help);
  });

  it.each([
    [["--source", "moon"], "--source moon is neither recorded nor walk"],
    [["--speed", "0"], "--speed 0 is not a number above 0, up to 10000"],
    [["--speed", "fast"], "--speed fast is not a number"],
    [["--seed", "1.5"], "--seed 1.5 is not a whole number from 0 to 4294967295"],
    [["--control-port", "70000"], "--control-port 70000 is not a whole number from 0 to 65535"],
    [["--history-days", ""], "--history-days  is not a whole number"],
    [["--symbols", "BTCUSDT,,"], "is not a list of 1 to 2000 symbols"],
    [["--start", "yesterday"], "--start yesterday is not a UTC time"],
    [["--start", "2025-13-01"], "--start 2025-13-01 is not a UTC time"],
    [["--clock", "now"], "'now' is not of the form"],
    [["--clock", "1@2x3", "--speed", "2"], "give one or the other"],
    [["--faster"], "Unknown option '--faster'"],
    [["spot"], "Unexpected argument 'spot'"],
  ])("refuses %j as wrong usage", async (args, text) => {
    const command = run(args);
    expect(await command.finished).toBe(2);
    expect(command.err[0]).toContain(text);
    expect(command.err[1]).toBe("See trade-canvas simulate --help");
    expect(command.out).toEqual([]);
  });

  it.each([
    [["--symbols", "XRPUSDT"], "no recording of 'XRPUSDT'; there are recordings of BTCUSDT, ETHUSDT"],
    [["--source", "walk", "--symbols", "WHAT"], "'WHAT' ends in no known quote asset"],
  ])("fails when it cannot have %j", async (args, text) => {
    const command = run(args);
    expect(await command.finished).toBe(1);
    expect(command.err[0]).toContain(text);
  });
});
