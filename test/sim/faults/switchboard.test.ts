import { describe, expect, it } from "vitest";
import { FAULTS, type Fault, FaultError, parseFault } from "../../../src/sim/faults/catalogue.js";
import { ACTIVE_FAULTS_LIMIT, FaultSwitchboard } from "../../../src/sim/faults/switchboard.js";
import { wireDecimals } from "../../../src/sim/stream/kline-message.js";
import { klineAt, PRECISION, T0 } from "../support.js";

function switchboard(open: number[] = []) {
  const world = { now: T0, switched: [] as string[] };
  const faults = new FaultSwitchboard({
    now: () => world.now,
    openConnections: () => open,
    switched: (action, { id, fault }) => world.switched.push(`${action} ${id} ${fault.kind}`),
  });
  return { faults, world };
}

const finalOf = (symbol: string, interval: "1m" | "5m" = "1m") => ({
  event: {
    stream: `${symbol.toLowerCase()}@kline_${interval}`,
    target: { shape: "kline", symbol, interval } as const,
    kline: klineAt(T0),
    final: true,
    eventMs: T0 + 60_500,
    decimals: wireDecimals("spot", PRECISION),
  },
  delayMs: 0,
  restamp: false,
});

describe("the switchboard", () => {
  it("switches on and off, and says so", () => {
    const { faults, world } = switchboard();
    const first = faults.switchOn({ kind: "no-pings" });
    const second = faults.switchOn({ kind: "silence" });
    expect(faults.has("ping")).toBe(true);
    expect(faults.list()).toEqual([
      { id: first, fault: { kind: "no-pings" } },
      { id: second, fault: { kind: "silence" } },
    ]);
    expect([faults.switchOff(first), faults.switchOff(first)]).toEqual([true, false]);
    faults.clear();
    expect(faults.list()).toEqual([]);
    expect(world.switched).toEqual(["on 1 no-pings", "on 2 silence", "off 1 no-pings", "off 2 silence"]);
  });

  it("acts within symbols, intervals and connections only", () => {
    const { faults } = switchboard();
    faults.switchOn({ kind: "silence", symbols: ["BTCUSDT"], intervals: ["1m"], connections: [2] });
    expect(faults.deliveries(finalOf("BTCUSDT"), 2)).toEqual([]);
    expect(faults.deliveries(finalOf("ETHUSDT"), 2)).toHaveLength(1);
    expect(faults.deliveries(finalOf("BTCUSDT", "5m"), 2)).toHaveLength(1);
    expect(faults.deliveries(finalOf("BTCUSDT"), 1)).toHaveLength(1);
  });

  it("takes the connections that are open when it is switched on, and not later ones", () => {
    const open = [1, 2];
    const { faults } = switchboard(open);
    faults.switchOn({ kind: "no-pings", connections: "current" });
    open.push(3);
    expect([1, 2, 3].map((connection) => faults.first("ping", { connection }))).toEqual([
      "withhold",
      "withhold",
      undefined,
    ]);
  });

  it("acts from one time until another, and a number of times", () => {
    const { faults, world } = switchboard();
    faults.switchOn({ kind: "no-pings", fromMs: T0 + 10, untilMs: T0 + 20 });
    const acts: boolean[] = [];
    for (const at of [9, 10, 19, 20]) {
      world.now = T0 + at;
      acts.push(faults.first("ping", {}) !== undefined);
    }
    expect(acts).toEqual([false, true, true, false]);
    faults.clear();
    faults.switchOn({ kind: "no-pings", times: 2 });
    expect([0, 1, 2].map(() => faults.first("ping", {}))).toEqual(["withhold", "withhold", undefined]);
  });

  it("does not count the times at which a fault had nothing to do", () => {
    const { faults } = switchboard();
    faults.switchOn({ kind: "drop-finals", times: 1 });
    const update = { ...finalOf("BTCUSDT"), event: { ...finalOf("BTCUSDT").event, final: false } };
    expect(faults.deliveries(update, 1)).toEqual([update]);
    expect(faults.deliveries(finalOf("BTCUSDT"), 1)).toEqual([]);
    expect(faults.deliveries(finalOf("BTCUSDT"), 1)).toHaveLength(1);
  });

  it("lets faults work on each other's outcome, in the order in which they were switched on", () => {
    const { faults } = switchboard();
    faults.switchOn({ kind: "duplicate", copies: 1 });
    faults.switchOn({ kind: "delay", delayMs: 500, times: 1 });
    faults.switchOn({ kind: "delay", delayMs: 100 });
    expect(faults.deliveries(finalOf("BTCUSDT"), 1).map(({ delayMs }) => delayMs)).toEqual([600, 100]);
  });

  it("knows that the truth changed by its version", () => {
    const { faults } = switchboard();
    const before = faults.version;
    const id = faults.switchOn({ kind: "halt", haltFromMs: T0, haltToMs: T0 + 60_000, symbols: ["BTCUSDT"] });
    expect(faults.version).toBeGreaterThan(before);
    expect([T0 - 60_000, T0, T0 + 60_000].map((openMs) => faults.isHole("BTCUSDT", openMs))).toEqual([
      false,
      true,
      false,
    ]);
    expect(faults.isHole("ETHUSDT", T0)).toBe(false);
    faults.switchOff(id);
    expect(faults.isHole("BTCUSDT", T0)).toBe(false);
  });

  it("is bounded", () => {
    const { faults } = switchboard();
    for (let count = 0; count < ACTIVE_FAULTS_LIMIT; count += 1) faults.switchOn({ kind: "no-pings" });
    expect(() => faults.switchOn({ kind: "no-pings" })).toThrow(FaultError);
    expect(faults.list()).toHaveLength(ACTIVE_FAULTS_LIMIT);
  });
});

describe("faults from outside", () => {
  it("have kinds of their own, each with a summary", () => {
    expect(new Set(FAULTS.map(({ kind }) => kind)).size).toBe(FAULTS.length);
    for (const { summary } of FAULTS) expect(summary.length).toBeGreaterThan(10);
  });

  it.each([
    [{ kind: "earthquake" }, '"earthquake" is unknown; use one of refuse-connections,'],
    [undefined, "undefined is unknown"],
    [{ kind: "refuse-connections" }, "'refuse-connections'"],
    [{ kind: "refuse-connections", status: 200 }, "/status"],
    [{ kind: "silence", symbol: "BTCUSDT" }, "'silence'"],
    [{ kind: "silence", times: 0 }, "/times"],
    [{ kind: "delay", delayMs: 1e12 }, "/delayMs"],
    [{ kind: "duplicate", copies: 1e6 }, "/copies"],
    [{ kind: "halt", haltFromMs: 0, haltToMs: 1, times: 1 }, "'halt'"],
    [{ kind: "halt", haltFromMs: 0, haltToMs: 1, untilMs: 5 }, "'halt'"],
  ])("%j is refused, saying why", (fault, text) => {
    const { faults, world } = switchboard();
    expect(() => parseFault(fault)).toThrow(text);
    expect(() => faults.switchOn(fault as Fault)).toThrow(FaultError);
    expect([faults.list(), world.switched]).toEqual([[], []]);
  });
});
