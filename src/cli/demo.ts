/** `trade-canvas demo`: the daemon against the built-in exchange simulator. Nothing here reaches out of the machine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ClockScale, createSystemClock, formatClockScale } from "../clock/system-clock.js";
import { type Env, mergeEnv, readEnvFile } from "../config/env-file.js";
import { projectRoot } from "../config/project-root.js";
import { recordedFutures, settingsForSpeed, walkingSymbols } from "../sim/presets.js";
import { type SimulatedExchange, startSimulatedExchange } from "../sim/simulated-exchange.js";
import { RECORDING_FROM_MS, RECORDING_TO_MS } from "../sim/truth/recording.js";
import { type CommandIo, commandWith, UsageError } from "./command.js";
import { runDaemon } from "./daemon.js";

const HELP = `usage: trade-canvas demo [--speed N]

Runs the daemon against the built-in exchange simulator, which replays 29 recorded days of real Binance candles on a
scaled clock. No internet and no keys are needed, and nothing is kept: the store lies in a temporary folder unless
TRADE_CANVAS_DB_PATH names one.

  --speed N   candle minutes per real minute, 1 to 600; default 60 (a minute candle closes every second)

What is switched on is in config/demo.env; variables of the real environment win over it.`;

const DEFAULT_SPEED = 60;
const MAX_SPEED = 600;

/** The demo begins this far into the recording, so that there is history to show. Milliseconds. */
const HISTORY_MS = 36 * 3_600_000;

/** The same walk in every demo. */
const SEED = 1;

export const demoCommand = commandWith(
  { name: "demo", summary: "run the daemon against the built-in simulator: recorded candles, no internet", help: HELP },
  readSpeed,
  demo,
);

function readSpeed(args: string[]): number {
  const { values } = parseArgs({ args, options: { speed: { type: "string" } } });
  const speed = Number(values.speed ?? DEFAULT_SPEED);
  if (speed >= 1 && speed <= MAX_SPEED) return speed;
  throw new UsageError(`--speed ${values.speed} is not a number from 1 to ${MAX_SPEED}`);
}

async function demo(speed: number, io: CommandIo): Promise<number> {
  const realMs = Math.round(createSystemClock().now());
  const scale: ClockScale = { virtualMs: RECORDING_FROM_MS + HISTORY_MS, realMs, speed };
  const clock = createSystemClock(scale);
  const exchange = await startSimulatedExchange({
    clock,
    seed: SEED,
    markets: {
      futures: { symbols: recordedFutures(), settings: settingsForSpeed("futures", speed) },
      spot: {
        symbols: walkingSymbols("spot", ["BTCUSDT"], SEED, RECORDING_FROM_MS),
        settings: settingsForSpeed("spot", speed),
      },
    },
    controlPort: 0,
  });
  const folder = mkdtempSync(join(tmpdir(), "trade-canvas-demo-"));
  const end = clock.setTimeout(() => io.out(RECORDING_ENDED), RECORDING_TO_MS - clock.now());
  try {
    const env = () => demoEnv(io.env, exchange, scale, folder);
    return await runDaemon({ env, ready: ({ url }) => io.out(welcome(url, exchange, speed)) }, io);
  } finally {
    clock.clearTimeout(end);
    await exchange.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The demo's exchange and clock are not for the environment to change: simulated candles never meet real ones. */
function demoEnv(real: Env, exchange: SimulatedExchange, scale: ClockScale, folder: string): Env {
  const file = readEnvFile(join(projectRoot(), "config", "demo.env"));
  return {
    TRADE_CANVAS_DB_PATH: folder,
    TRADE_CANVAS_ARTIFACTS_DIR: join(folder, "artifacts"),
    ...mergeEnv(file, real),
    TRADE_CANVAS_SIM_CLOCK: formatClockScale(scale),
    TRADE_CANVAS_BINANCE_SPOT_WS_URL: exchange.spot.wsUrl,
    TRADE_CANVAS_BINANCE_SPOT_BASE_URL: exchange.spot.restUrl,
    TRADE_CANVAS_BINANCE_FUTURES_WS_URL: exchange.futures.wsUrl,
    TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: exchange.futures.restUrl,
  };
}

const RECORDING_ENDED = "The recording has ended: no new futures candles will come. Ctrl-C ends the demo.";

function welcome(url: string, exchange: SimulatedExchange, speed: number): string {
  const series = "binance:futures:BTC/USDT:1m";
  return `
trade-canvas demo: recorded candles of May 2025 at ${speed}x, from a simulated exchange on this machine

  chart       ${url}/live
  candles     curl '${url}/api/market/candles?series_id=${series}&limit=5'
  live feed   ${url.replace("http", "ws")}/ws/market   send {"type":"subscribe","series_id":"${series}"}
              or watch it here: npm run --silent watch -- ${url}
  breakers    curl '${url}/api/market/debug/ingest_state'
  events      ${url.replace("http", "ws")}/ws/debug
  exchange    ${exchange.controlUrl}   faults and journal of the simulator, see docs/simulator.md

Ctrl-C ends it.
`;
}
