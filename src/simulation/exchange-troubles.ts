/** Faults and strikes of the simulated exchange, drawn with fields that an exchange could have. F-numbers: binance-protocol §6. */
import type { Fault } from "../sim/faults/catalogue.js";
import type { MarketKind } from "../sim/settings.js";
import type { Strike } from "../sim/strikes.js";
import type { Chance } from "./chance.js";
import type { PlannedSeries } from "./plan.js";

export interface FaultScene {
  readonly market: MarketKind;
  readonly series: readonly PlannedSeries[];
  /** When the fault ends, Unix ms. */
  readonly endMs: number;
}

type DrawnFault = Exclude<Fault, { kind: "halt" | "delisting" | "revision" }>;

const GARBLE_SHAPES = [
  "not-json",
  "truncated",
  "binary",
  "unknown-event",
  "extra-fields",
  "numbers",
  "nulls",
  "broken-close",
  "null",
] as const;
const REST_SHAPES = ["html", "empty", "truncated", "other-shape", "wrong-content-type"] as const;
const MESSAGES = ["all", "finals", "updates"] as const;
/** A candle that REST lacks for longer counts as absent at the source (B6 asks for 25 s). */
const LONGEST_REST_LAG_MS = 20_000;
/** A row that changes for longer after its close is not to be told from a settled one (B6 waits for 3 s). */
const LONGEST_UNSETTLED_MS = 2_500;
/** Weight of a minute that others leave at least, as in B10: with less every minute's first question can be one too many. */
const LEAST_WEIGHT_LEFT = 40;
/** Seconds of a Retry-After, at most: silences must end within the calm. */
const LONGEST_RETRY_AFTER_S = 150;

/** One way in which a market goes wrong for a while. */
export function drawFault(chance: Chance, scene: FaultScene): DrawnFault {
  const draw = chance.pick(FAULT_DRAWS);
  const fault = draw(chance, scene);
  const symbols = scene.series.filter(({ market }) => market === scene.market).map(({ symbol }) => symbol);
  return chance.happens(0.3) && NARROWED.includes(fault.kind) ? { ...fault, symbols: [chance.pick(symbols)] } : fault;
}

/** Kinds that may concern one symbol alone. */
const NARROWED: readonly string[] = ["silence", "drop-finals", "delay", "duplicate", "garble", "hidden-tail"];

const FAULT_DRAWS: readonly ((chance: Chance, scene: FaultScene) => DrawnFault)[] = [
  // F14, F18
  (chance) => ({
    kind: "refuse-connections",
    status: chance.pick([503, 502, 429, 403, 451]),
    ...(chance.happens(0.5) ? { retryAfterS: chance.whole(1, LONGEST_RETRY_AFTER_S) } : {}),
  }),
  // F19
  (chance) => ({ kind: "break-handshakes", manner: chance.pick(["reset", "hang"] as const) }),
  (chance) => ({ kind: "slow-handshakes", delayMs: chance.whole(500, 15_000) }),
  // F17
  () => ({ kind: "no-pings" }),
  // F21
  () => ({ kind: "refuse-control", code: 2, message: "Invalid request: invalid stream" }),
  // F01, F02, F03
  (chance) => (chance.happens(0.5) ? { kind: "silence" } : { kind: "silence", connections: "current" }),
  // F04
  (chance) => (chance.happens(0.5) ? { kind: "drop-finals" } : { kind: "drop-finals", times: chance.whole(1, 5) }),
  // F05, F23
  (chance) => ({
    kind: "delay",
    delayMs: chance.whole(100, chance.pick([3_000, 120_000])),
    messages: chance.pick(MESSAGES),
    keepEventTime: chance.happens(0.5),
  }),
  // F06
  (chance) => ({ kind: "duplicate", copies: chance.whole(1, 3), messages: chance.pick(MESSAGES) }),
  // F07
  () => ({ kind: "stale-updates" }),
  // F08
  (chance) => ({ kind: "hidden-tail", hiddenMs: chance.whole(1_000, 50_000) }),
  // F20
  (chance) => ({
    kind: "garble",
    shape: chance.pick(GARBLE_SHAPES),
    messages: chance.pick(MESSAGES),
    keepOriginal: chance.happens(0.3),
  }),
  // F26, F27, F29
  (chance, { endMs }) => drawRestRefusal(chance, endMs),
  // F29
  (chance) => ({ kind: "rest-garbage", shape: chance.pick(REST_SHAPES) }),
  (chance) => (chance.happens(0.5) ? { kind: "rest-slow" } : { kind: "rest-slow", delayMs: chance.whole(500, 15_000) }),
  // F28
  (chance, { market }) => ({
    kind: "foreign-weight",
    weight: (market === "spot" ? 6_000 : 2_400) - chance.whole(LEAST_WEIGHT_LEFT, 200),
  }),
  // F31
  (chance) => {
    const shows = chance.pick(["nothing", "unsettled"] as const);
    const lagMs = chance.whole(500, shows === "nothing" ? LONGEST_REST_LAG_MS : LONGEST_UNSETTLED_MS);
    return { kind: "rest-lag", lagMs, shows };
  },
];

function drawRestRefusal(chance: Chance, endMs: number): DrawnFault {
  const status = chance.pick([429, 418, 403, 451, 500, 503, 504]);
  const retryAfterS = chance.whole(1, LONGEST_RETRY_AFTER_S);
  // A ban always says when it ends: one that does not is waited out for longer than a run lasts.
  if (status === 418) {
    return chance.happens(0.5)
      ? { kind: "rest-refusal", status, retryAfterS }
      : { kind: "rest-refusal", status, bannedUntilMs: endMs + retryAfterS * 1_000 };
  }
  const named = status === 429 && chance.happens(0.7);
  return { kind: "rest-refusal", status, ...(named ? { retryAfterS } : {}) };
}

/** One thing that is done to the connections of a market at once. */
export function drawStrike(chance: Chance): Strike {
  const manner = chance.pick([
    { by: "reset" },
    { by: "fin" },
    { by: "close", code: 1001, reason: "" },
    { by: "close", code: 1008, reason: "disconnected" },
  ] as const);
  switch (chance.whole(0, 5)) {
    case 0:
      return { kind: "frame", data: chance.pick(FRAMES), encoding: "text" };
    case 1:
      return { kind: "server-shutdown", leadMs: chance.pick([0, 2_000, 10_000]), manner };
    case 2:
      return { kind: "spend-weight", weight: chance.pick([500, 2_380, 5_970]) };
    default:
      return { kind: "cut", manner };
  }
}

/** Frames that an exchange has no reason to send. */
const FRAMES = [
  "null",
  "{}",
  "[1,2,3]",
  '{"error":{"code":3,"msg":"Invalid JSON"}}',
  '{"e":"kline"}',
  '{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1,"s":"BTCUSDT","k":null}}',
  '{"result":null,"id":999999}',
] as const;
