import { describe, expect, it } from "vitest";
import { Agenda } from "../../../src/sim/agenda.js";
import { FaultSwitchboard } from "../../../src/sim/faults/switchboard.js";
import { Journal } from "../../../src/sim/journal.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { Heartbeat } from "../../../src/sim/socket/heartbeat.js";

function heartbeat() {
  const clock = new SimulatedClock(1_000);
  const agenda = new Agenda(clock);
  const now = (): number => agenda.now();
  const faults = new FaultSwitchboard({ now, openConnections: () => [7], switched: () => undefined });
  const journal = new Journal(now, 100, () => []);
  const pings: string[] = [];
  const overdue: number[] = [];
  const beat = new Heartbeat(
    7,
    { settings: { pingPeriodMs: 100, pongDeadlineMs: 250 }, agenda, faults, journal },
    { sendPing: (payload) => pings.push(payload), overdue: () => overdue.push(clock.now()) },
  );
  const noted = () => journal.entries("heartbeat").map(({ what }) => what);
  return { clock, agenda, faults, beat, pings, overdue, noted };
}

describe("a heartbeat", () => {
  it("pings in its period, with the time", () => {
    const { clock, beat, pings } = heartbeat();
    clock.advance(200);
    beat.ponged("1200");
    clock.advance(100);
    expect(pings).toEqual(["1100", "1200", "1300"]);
  });

  it("is overdue when the first open ping is, and no later ping puts that off", () => {
    const { clock, overdue } = heartbeat();
    clock.advance(349);
    expect(overdue).toEqual([]);
    clock.advance(1);
    expect(overdue).toEqual([1_350]);
  });

  it("is satisfied by the payload of any open ping, and by nothing else", () => {
    const { clock, beat, overdue, noted } = heartbeat();
    clock.advance(200);
    beat.ponged("1100");
    clock.advance(340);
    expect(overdue).toEqual([]);
    beat.ponged("1100");
    beat.ponged("");
    beat.pinged();
    clock.advance(10);
    expect(overdue).toEqual([1_550]);
    expect(noted().filter((what) => what !== "ping-sent")).toEqual([
      "pong",
      "unasked-pong",
      "unasked-pong",
      "client-ping",
    ]);
  });

  it("waits for nothing that it did not send", () => {
    const { clock, faults, pings, overdue } = heartbeat();
    const id = faults.switchOn({ kind: "no-pings", connections: [7] });
    clock.advance(1_000);
    expect([pings, overdue]).toEqual([[], []]);
    faults.switchOff(id);
    clock.advance(100);
    expect(pings).toHaveLength(1);
  });

  it("stops with everything it has planned", () => {
    const { clock, agenda, beat, pings, overdue } = heartbeat();
    clock.advance(100);
    beat.stop();
    expect(agenda.size).toBe(0);
    clock.advance(1_000);
    expect([pings.length, overdue]).toEqual([1, []]);
  });
});
