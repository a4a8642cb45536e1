import { describe, expect, test } from "vitest";
import { Supervisor } from "../../../src/actors/runtime/supervisor.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { family, INTENSITY, Puppet } from "./supervisor-world.js";

describe("supervisor", () => {
  test("RS-S13 starts in order and stops in reverse order", async () => {
    const { supervisor, log } = family("rest_for_one");
    await supervisor.start();
    await supervisor.stop("shutdown");
    expect(log).toEqual(["+a", "+b", "+c", "-c", "-b", "-a"]);
  });

  test("RS-S14 one_for_one restarts only what crashed", async () => {
    const { log, settle, start, b } = family("one_for_one");
    await start();
    b.crash();
    await settle();
    expect(log).toEqual(["+b"]);
  });

  test("RS-S15 rest_for_one restarts what crashed and all that was started after it, in order", async () => {
    const { log, settle, start, b } = family("rest_for_one");
    await start();
    b.crash();
    await settle();
    expect(log).toEqual(["-c", "+b", "+c"]);
  });

  test("RS-S16 crashes further apart than the window never exceed the intensity", async () => {
    const { supervisor, clock, crashes, settle, start, a } = family("one_for_one");
    await start();
    for (let round = 0; round < 10; round += 1) {
      a.crash();
      await settle();
      clock.advance(5_001);
    }
    expect(crashes).toEqual([]);
    expect(supervisor.child("a")).toMatchObject({ state: "running", crashes: 10, starts: 11 });
  });

  test("RS-S17 escalation: one crash too many stops everything in reverse order and is told above, with its cause", async () => {
    const { supervisor, log, crashes, settle, start, b } = family("one_for_one");
    await start();
    for (let round = 0; round < 3; round += 1) {
      b.crash();
      await settle();
    }
    expect(log).toEqual(["+b", "+b", "-c", "-a"]);
    expect(crashes).toHaveLength(1);
    expect(crashes[0]).toMatchObject({
      code: "restart_intensity_exceeded",
      message: expect.stringContaining("b fell"),
    });
    expect(supervisor.children().map(({ state }) => state)).toEqual(["stopped", "stopped", "stopped"]);
  });

  test("after an escalation the supervisor can be started again, with a clean record", async () => {
    const { supervisor, crashes, settle, start, b } = family("one_for_one");
    await start();
    for (let round = 0; round < 3; round += 1) {
      b.crash();
      await settle();
    }
    await supervisor.start();
    b.crash();
    await settle();
    expect(supervisor.child("b")?.state).toBe("running");
    expect(crashes).toHaveLength(1);
  });

  test("suspension: the rest goes on without the child, which is started again after its time", async () => {
    const { supervisor, clock, log, crashes, settle, start, b } = family("rest_for_one", { b: { suspendMs: 30_000 } });
    await start();
    for (let round = 0; round < 3; round += 1) {
      b.crash();
      await settle();
    }
    expect(log.slice(-2)).toEqual(["-c", "+c"]);
    expect(supervisor.children().map(({ state }) => state)).toEqual(["running", "suspended", "running"]);
    await clock.advanceSettled(29_999);
    expect(supervisor.child("b")?.state).toBe("suspended");
    await clock.advanceSettled(1);
    expect(supervisor.children().map(({ state }) => state)).toEqual(["running", "running", "running"]);
    expect(log.slice(-3)).toEqual(["-c", "+b", "+c"]);
    expect(crashes).toEqual([]);
  });

  test("a child that returns from suspension is on probation: one crash suspends it again", async () => {
    const { supervisor, clock, settle, start, b } = family("one_for_one", { b: { suspendMs: 30_000 } });
    await start();
    for (let round = 0; round < 3; round += 1) {
      b.crash();
      await settle();
    }
    await clock.advanceSettled(30_000);
    expect(supervisor.child("b")?.state).toBe("running");
    b.crash();
    await settle();
    expect(supervisor.child("b")).toMatchObject({ state: "suspended", starts: 4 });
    await supervisor.resume("b");
    b.crash();
    await settle();
    expect(supervisor.child("b")?.state).toBe("running");
  });

  test("a suspended child can be resumed by hand, and stays suspended when an earlier one is restarted", async () => {
    const { supervisor, settle, start, a, b } = family("rest_for_one", { b: { suspendMs: 30_000 } });
    await start();
    for (let round = 0; round < 3; round += 1) {
      b.crash();
      await settle();
    }
    a.crash();
    await settle();
    expect(supervisor.children().map(({ state }) => state)).toEqual(["running", "suspended", "running"]);
    await supervisor.resume("b");
    expect(supervisor.child("b")?.state).toBe("running");
    await supervisor.resume("c");
    expect(supervisor.child("c")?.starts).toBe(6);
  });

  test("RS-S18 a start that fails counts as a crash and is tried again; the rest follows in order", async () => {
    const { supervisor, log, b } = family("rest_for_one");
    b.failStarts = 1;
    await supervisor.start();
    expect(log).toEqual(["+a", "xb", "+b", "+c"]);
  });

  test("a start that always fails escalates", async () => {
    const { supervisor, log, crashes, b } = family("rest_for_one");
    b.failStarts = 9;
    await supervisor.start();
    expect(log).toEqual(["+a", "xb", "xb", "xb", "-a"]);
    expect(crashes).toHaveLength(1);
  });

  test("RS-S19 two crashes at once are handled one after the other, without a double start", async () => {
    const { supervisor, log, settle, start, a, c } = family("rest_for_one");
    await start();
    c.crash();
    a.crash();
    await settle();
    expect(log.filter((line) => line.startsWith("!"))).toEqual([]);
    expect(supervisor.children().map(({ state }) => state)).toEqual(["running", "running", "running"]);
  });

  test("the crash of an incarnation that is gone already is ignored", async () => {
    const { supervisor, settle, start, a, c } = family("rest_for_one");
    await start();
    a.crash();
    c.crash(); // restarted because of a before its own crash is looked at
    await settle();
    expect(supervisor.child("c")).toMatchObject({ state: "running", starts: 2, crashes: 0 });
  });

  test("children can be added to and removed from a running supervisor", async () => {
    const { supervisor, log, start, settle } = family("one_for_one");
    await start();
    const extra = new Puppet("d", log);
    await supervisor.add({ id: "d", child: extra, onExhausted: { suspendMs: 1 } });
    extra.crash();
    await settle();
    await supervisor.remove("d");
    await supervisor.remove("nobody");
    expect(log).toEqual(["+d", "+d", "-d"]);
    expect(supervisor.child("d")).toBeUndefined();
    await expect(supervisor.add({ id: "a", child: extra, onExhausted: "escalate" })).rejects.toThrow("'a' already");
  });

  test("RS-T8 nothing is restarted after a stop", async () => {
    const { supervisor, clock, log, settle, start, b } = family("one_for_one", { b: { suspendMs: 1000 } });
    await start();
    for (let round = 0; round < 3; round += 1) {
      b.crash();
      await settle();
    }
    await supervisor.stop("shutdown");
    log.length = 0;
    await clock.advanceSettled(60_000);
    b.crash();
    await settle();
    expect(log).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("RS-S20 every change of state is told with its path and its reason", async () => {
    const { changes, settle, start, b } = family("one_for_one");
    await start();
    changes.length = 0;
    b.crash();
    await settle();
    expect(changes).toEqual([
      { path: "top/b", from: "running", to: "crashed", error: "b fell", starts: 1 },
      { path: "top/b", from: "crashed", to: "starting", error: null, starts: 2 },
      { path: "top/b", from: "starting", to: "running", error: null, starts: 2 },
    ]);
  });

  test("a supervisor below a supervisor: escalation restarts the whole branch", async () => {
    const clock = new SimulatedClock();
    const log: string[] = [];
    const leaf = new Puppet("leaf", log);
    const options = { clock, strategy: "one_for_one", intensity: INTENSITY } as const;
    const branch = new Supervisor({ ...options, path: "top/branch" }, [
      { id: "leaf", child: leaf, onExhausted: "escalate" },
    ]);
    const top = new Supervisor({ ...options, path: "top" }, [{ id: "branch", child: branch, onExhausted: "escalate" }]);
    await top.start();
    for (let round = 0; round < 3; round += 1) {
      leaf.crash();
      await clock.advanceSettled(0);
    }
    expect(leaf.up).toBe(true);
    expect(top.child("branch")).toMatchObject({ state: "running", starts: 2, crashes: 1 });
    await top.stop("shutdown");
    expect(leaf.up).toBe(false);
  });
});
