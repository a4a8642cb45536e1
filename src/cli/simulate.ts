/** `trade-canvas simulate`: runs the exchange simulator for daemons in other processes. */
import type { Clock } from "../clock/clock.js";
import { createSystemClock, formatClockScale } from "../clock/system-clock.js";
import { recordedFutures, settingsForSpeed, walkingSymbols } from "../sim/presets.js";
import type { MarketKind } from "../sim/settings.js";
import { type SimulatedExchange, startSimulatedExchange } from "../sim/simulated-exchange.js";
import type { MarketOptions } from "../sim/simulated-market.js";
import { INTERVAL_DAY_MS } from "../sim/truth/intervals.js";
import { type Command, type CommandIo, UsageError, whenAborted } from "./command.js";
import { readSimulationPlan, type SimulationPlan } from "./simulate-plan.js";
import { utcText } from "./utc-time.js";

const HELP = `Usage: trade-canvas simulate [options]

Runs a Binance of its own on 127.0.0.1: spot and USDT-M futures, WebSocket and REST, with a control interface for faults
and a journal of what was sent. Prints the environment that points a daemon at it, and runs until it is stopped.

  --source recorded|walk    Candles of futures: a recording of 29 days (2025-05-05 to 2025-06-02, BTCUSDT and ETHUSDT),
                            or a seeded walk that never ends. Spot always walks. Default: recorded
  --symbols A,B             Symbols of both markets. Default: BTCUSDT,ETHUSDT
  --seed N                  The same seed gives the same walk, updates and delays. Default: 1
  --speed N                 Seconds of the exchange per second of the machine. Default: 1
  --start TIME              Time of the exchange at the start: 2025-05-06, 2025-05-06T12:00:00Z or ms since the epoch.
                            Default: one day into the recording; with --source walk the present
  --clock TEXT              Clock shared with other processes, <virtual_ms>@<real_ms>x<speed>, instead of --speed and
                            --start. Default: TRADE_CANVAS_SIM_CLOCK, when it is set
  --history-days N          Age of the walking symbols at the start. Default: 30
  --spot-rest-port N  --spot-ws-port N  --futures-rest-port N  --futures-ws-port N  --control-port N
                            Ports. Default: 0, any free one
  --help                    Print this text.

docs/simulator.md tells the rest.`;

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

export const simulateCommand: Command = {
  name: "simulate",
  summary: "Run the exchange simulator: Binance's public protocol on loopback, from recorded candles.",
  help: HELP,
  async run(args, io) {
    try {
      const plan = readSimulationPlan(args, io.env);
      if (plan === "help") {
        for (const line of HELP.split("\n")) io.out(line);
        return EXIT_OK;
      }
      return await simulate(plan, io);
    } catch (error) {
      io.err(`simulate: ${(error as Error).message}`);
      if (!(error instanceof UsageError)) return EXIT_FAILED;
      io.err("See trade-canvas simulate --help");
      return EXIT_USAGE;
    }
  },
};

async function simulate(plan: SimulationPlan, io: CommandIo): Promise<number> {
  const clock = createSystemClock(plan.scale);
  const exchange = await startSimulatedExchange({
    clock,
    seed: plan.seed,
    markets: { spot: marketOptions("spot", plan, clock), futures: marketOptions("futures", plan, clock) },
    controlPort: plan.ports["control-port"],
  });
  const endNotice = announce(exchange, plan, clock, io);
  await whenAborted(io.stop);
  clock.clearTimeout(endNotice);
  await exchange.stop();
  io.out("The simulator has stopped.");
  return EXIT_OK;
}

function marketOptions(market: MarketKind, plan: SimulationPlan, clock: Clock): MarketOptions {
  const { symbols, seed, scale, ports } = plan;
  const listedMs = (Math.floor(clock.now() / INTERVAL_DAY_MS) - plan.historyDays) * INTERVAL_DAY_MS;
  const plays = market === "futures" && plan.source === "recorded";
  return {
    symbols: plays ? recordedFutures(symbols) : walkingSymbols(market, symbols, seed, listedMs),
    restPort: ports[`${market}-rest-port`],
    wsPort: ports[`${market}-ws-port`],
    settings: settingsForSpeed(market, scale.speed),
  };
}

/** Says what runs where. Returns the timer of the notice that the recording is over. */
function announce({ spot, futures, controlUrl }: SimulatedExchange, plan: SimulationPlan, clock: Clock, io: CommandIo) {
  const from = plan.source === "recorded" ? "recorded candles" : "a seeded walk";
  io.out(`Simulated Binance, seed ${plan.seed}, speed ${plan.scale.speed}, ${utcText(clock.now())} UTC on its clock`);
  io.out(`  futures  REST ${futures.restUrl}  WebSocket ${futures.wsUrl}  ${futures.symbols.join(",")} from ${from}`);
  io.out(`  spot     REST ${spot.restUrl}  WebSocket ${spot.wsUrl}  ${spot.symbols.join(",")} from a seeded walk`);
  io.out(`  control  ${controlUrl}`);
  io.out("Point a daemon at it with:");
  io.out(`  export TRADE_CANVAS_BINANCE_SPOT_WS_URL=${spot.wsUrl}`);
  io.out(`  export TRADE_CANVAS_BINANCE_FUTURES_WS_URL=${futures.wsUrl}`);
  io.out(`  export TRADE_CANVAS_BINANCE_SPOT_BASE_URL=${spot.restUrl}`);
  io.out(`  export TRADE_CANVAS_BINANCE_FUTURES_BASE_URL=${futures.restUrl}`);
  io.out(`  export TRADE_CANVAS_SIM_CLOCK=${formatClockScale(plan.scale)}`);
  const endMs = futures.dataEndMs();
  if (!Number.isFinite(endMs)) return undefined;
  return clock.setTimeout(() => {
    io.out(
      `The recording of futures ended at ${utcText(endMs)} UTC: its streams are silent from here on, REST serves what was recorded. Start again to replay it.`,
    );
  }, endMs - clock.now());
}
