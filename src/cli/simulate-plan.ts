/** The command line of `trade-canvas simulate`. */
import { parseArgs } from "node:util";
import { type ClockScale, createSystemClock, parseClockScale } from "../clock/system-clock.js";
import { INTERVAL_DAY_MS } from "../sim/truth/intervals.js";
import { RECORDING_FROM_MS } from "../sim/truth/recording.js";
import { type CommandIo, UsageError } from "./command.js";
import { parseUtcTime } from "./utc-time.js";

const PORTS = ["spot-rest-port", "spot-ws-port", "futures-rest-port", "futures-ws-port", "control-port"] as const;
type PortName = (typeof PORTS)[number];

const HIGHEST_PORT = 65_535;
export const HIGHEST_SEED = 2 ** 32 - 1;
const HIGHEST_SPEED = 10_000;
const MOST_HISTORY_DAYS = 3_650;
const MOST_SYMBOLS = 2_000;

/** What the command line asks for. */
export interface SimulationPlan {
  readonly source: "recorded" | "walk";
  readonly symbols: readonly string[];
  readonly seed: number;
  readonly scale: ClockScale;
  readonly historyDays: number;
  readonly ports: Readonly<Record<PortName, number>>;
}

/**
 * Reads the command line and the clock that the environment may share.
 * @throws UsageError
 */
export function readSimulationPlan(args: readonly string[], env: CommandIo["env"]): SimulationPlan | "help" {
  const values = readOptions(args);
  if (values.help === true) return "help";
  const source = values.source ?? "recorded";
  if (source !== "recorded" && source !== "walk") {
    throw new UsageError(`--source ${source} is neither recorded nor walk`);
  }
  const symbols = (values.symbols ?? "BTCUSDT,ETHUSDT").split(",").map((symbol) => symbol.trim().toUpperCase());
  if (symbols.includes("") || symbols.length > MOST_SYMBOLS) {
    throw new UsageError(
      `--symbols ${values.symbols} is not a list of 1 to ${MOST_SYMBOLS} symbols such as BTCUSDT,ETHUSDT`,
    );
  }
  const ports = Object.fromEntries(PORTS.map((name) => [name, readNumber(values, name, 0, 0, HIGHEST_PORT, true)]));
  return {
    source,
    symbols: [...new Set(symbols)],
    seed: readNumber(values, "seed", 1, 0, HIGHEST_SEED, true),
    scale: readScale(values, env, source),
    historyDays: readNumber(values, "history-days", 30, 1, MOST_HISTORY_DAYS, true),
    ports: ports as Record<PortName, number>,
  };
}

type Values = Readonly<Record<string, string | boolean | undefined>> & {
  readonly help?: boolean;
  readonly source?: string;
  readonly symbols?: string;
  readonly clock?: string;
  readonly start?: string;
  readonly speed?: string;
};

function readOptions(args: readonly string[]): Values {
  const text = { type: "string" } as const;
  const ports = Object.fromEntries(PORTS.map((name) => [name, text]));
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        source: text,
        symbols: text,
        seed: text,
        speed: text,
        start: text,
        clock: text,
        "history-days": text,
        help: { type: "boolean", short: "h" },
        ...ports,
      },
    });
    return values as Values;
  } catch (error) {
    // What follows the first sentence is advice about a syntax that this command does not have.
    throw new UsageError((error as Error).message.split(/\.(?:\s|$)/, 1).join());
  }
}

function readScale(values: Values, env: CommandIo["env"], source: SimulationPlan["source"]): ClockScale {
  const isOwn = values.speed !== undefined || values.start !== undefined;
  if (values.clock !== undefined && isOwn)
    throw new UsageError("--clock already says --speed and --start; give one or the other");
  const shared = values.clock ?? (isOwn ? undefined : env.TRADE_CANVAS_SIM_CLOCK);
  if (shared !== undefined && shared !== "") {
    try {
      return parseClockScale(shared);
    } catch (error) {
      throw new UsageError((error as Error).message);
    }
  }
  const realMs = createSystemClock().now();
  const speed = readNumber(values, "speed", 1, Number.MIN_VALUE, HIGHEST_SPEED, false);
  const defaultMs = source === "recorded" ? RECORDING_FROM_MS + INTERVAL_DAY_MS : realMs;
  return { virtualMs: values.start === undefined ? defaultMs : readTime(values.start), realMs, speed };
}

/**
 * A number among the values of a command line.
 * @throws UsageError naming the option, its value and the range.
 */
export function readNumber(
  values: Readonly<Record<string, string | boolean | undefined>>,
  name: string,
  fallback: number,
  lowest: number,
  highest: number,
  whole: boolean,
): number {
  const text = values[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  const isNumber =
    typeof text === "string" && text.trim() !== "" && (whole ? Number.isInteger(value) : Number.isFinite(value));
  if (isNumber && value >= lowest && value <= highest) return value;
  const range = lowest === Number.MIN_VALUE ? `above 0, up to ${highest}` : `from ${lowest} to ${highest}`;
  throw new UsageError(`--${name} ${text} is not a ${whole ? "whole number" : "number"} ${range}`);
}

function readTime(text: string): number {
  if (/^\d{11,14}$/.test(text)) return Number(text);
  const ms = parseUtcTime(text);
  if (ms === undefined) {
    throw new UsageError(`--start ${text} is not a UTC time such as 2025-05-06, 2025-05-06T12:00:00Z or 1746489600000`);
  }
  return ms;
}
