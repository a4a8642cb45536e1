import { describe, expect, test } from "vitest";
import { Actor, type Behavior, type Reply } from "../../../src/actors/runtime/actor.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { openable } from "../series/world.js";

type Message =
  | { type: "add"; value: number }
  | { type: "sum"; reply: Reply<number> }
  | { type: "wait"; until: Promise<void> }
  | { type: "boom" }
  | { type: "boom_later" }
  | { type: "refuse"; reply: Reply<number> };

/** Adds up; every incarnation begins at `restored()`. */
function adder(capacity = 10, restored: () => number | Promise<number> = () => 0) {
  const clock = new SimulatedClock();
  const log: string[] = [];
  const crashes: unknown[] = [];
  const create = (): Behavior<Message> => {
    let sum = 0;
    return {
      start: async () => {
        sum = await restored();
        log.push("started");
      },
      receive: (message) => {
        switch (message.type) {
          case "add":
            log.push(`add ${message.value}`);
            sum += message.value;
            return;
          case "sum":
            message.reply.resolve(sum);
            return;
          case "wait":
            return message.until;
          case "boom":
            throw new Error("boom");
          case "boom_later":
            return Promise.reject(new Error("boom later"));
          case "refuse":
            message.reply.reject(new Error("bad input"));
            return;
        }
      },
      stop: () => {
        log.push("stopped");
      },
    };
  };
  const actor = new Actor<Message>({ path: "test/adder", clock, mailbox: { capacity }, create });
  actor.onCrash((error) => crashes.push(error));
  const sum = () => actor.ask<number>((reply) => ({ type: "sum", reply }));
  return { actor, clock, log, crashes, sum };
}

describe("actor", () => {
  test("handles an idle actor's message in the call itself, and messages in order", async () => {
    const { actor, log, sum } = adder();
    await actor.start();
    actor.tell({ type: "add", value: 1 });
    expect(log).toEqual(["started", "add 1"]);
    actor.tell({ type: "add", value: 2 });
    expect(await sum()).toBe(3);
  });

  test("RS-A1 one message at a time: what comes during a long one waits for it", async () => {
    const { actor, log } = adder();
    await actor.start();
    let finish = () => {};
    actor.tell({ type: "wait", until: new Promise((resolve) => (finish = resolve)) });
    actor.tell({ type: "add", value: 1 });
    expect(log).toEqual(["started"]);
    finish();
    await expect.poll(() => log).toEqual(["started", "add 1"]);
  });

  test("RS-A2 messages sent before and during the start wait for it", async () => {
    let restore = (_: number) => {};
    const { actor, sum } = adder(10, () => new Promise((resolve) => (restore = resolve)));
    const starting = actor.start();
    actor.tell({ type: "add", value: 1 });
    const answer = sum();
    restore(41);
    await starting;
    expect(await answer).toBe(42);
  });

  test("says that its mailbox is full with the first message that it refuses, and again later", async () => {
    const full: string[] = [];
    const clock = new SimulatedClock();
    const gate = openable();
    const actor = new Actor<{ readonly wait: boolean }>({
      path: "test/slow",
      clock,
      mailbox: { capacity: 1 },
      onFull: (path) => full.push(path),
      create: () => ({ receive: ({ wait }) => (wait ? gate.promise : undefined) }),
    });
    await actor.start();
    actor.tell({ wait: true });
    expect([1, 2, 3].map(() => actor.tell({ wait: false }))).toEqual([true, false, false]);
    expect(full).toEqual(["test/slow"]);
    gate.open();
    await gate.promise;
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(actor.tell({ wait: false })).toBe(true);
    expect(full).toEqual(["test/slow"]);
    await actor.stop("shutdown");
  });

  test("RS-A3 a full mailbox refuses, with a code, and takes messages again later", async () => {
    const { actor, sum } = adder(2);
    await actor.start();
    let finish = () => {};
    actor.tell({ type: "wait", until: new Promise((resolve) => (finish = resolve)) });
    expect([1, 2, 4].map((value) => actor.tell({ type: "add", value }))).toEqual([true, true, false]);
    await expect(sum()).rejects.toMatchObject({ code: "mailbox_full", actor: "test/adder" });
    expect(actor.inside()).toEqual({ kind: "actor", mailbox: { waiting: 2, bound: 2, refused: 2 }, children: [] });
    finish();
    await expect.poll(() => actor.mailboxSize).toBe(0);
    expect(await sum()).toBe(3);
  });

  test.each(["boom", "boom_later"] as const)(
    "RS-A4 a throw (%s) is a crash: the incarnation is stopped, the crash told",
    async (type) => {
      const { actor, crashes, log } = adder();
      await actor.start();
      actor.tell({ type });
      await expect.poll(() => crashes.length).toBe(1);
      expect(log).toEqual(["started", "stopped"]);
    },
  );

  test("RS-A5 the asker of the crashing message is told; the messages behind it are handled by the next incarnation", async () => {
    const { actor, crashes, sum } = adder(10, () => 100);
    await actor.start();
    let finish = () => {};
    actor.tell({ type: "wait", until: new Promise((resolve) => (finish = resolve)) });
    const asked = actor.ask<number>(() => ({ type: "boom" }));
    actor.tell({ type: "add", value: 5 });
    const answer = sum();
    finish();
    await expect(asked).rejects.toMatchObject({ code: "actor_crashed", message: expect.stringContaining("boom") });
    await expect.poll(() => crashes.length).toBe(1);
    await actor.start();
    expect(await answer).toBe(105);
  });

  test("RS-A6 rejecting a reply is an answer, not a crash", async () => {
    const { actor, crashes, sum } = adder();
    await actor.start();
    await expect(actor.ask((reply: Reply<number>) => ({ type: "refuse", reply }))).rejects.toThrow("bad input");
    expect(await sum()).toBe(0);
    expect(crashes).toEqual([]);
  });

  test("RS-T6 stop finishes the message at hand, answers the waiting ones, and refuses later ones", async () => {
    const { actor, log, sum } = adder();
    await actor.start();
    let finish = () => {};
    actor.tell({ type: "wait", until: new Promise((resolve) => (finish = resolve)) });
    const waiting = sum();
    const stopping = actor.stop("shutdown");
    expect(log).toEqual(["started"]);
    finish();
    await stopping;
    expect(log).toEqual(["started", "stopped"]);
    await expect(waiting).rejects.toMatchObject({ code: "actor_unavailable" });
    expect(actor.tell({ type: "add", value: 1 })).toBe(false);
    await actor.stop("shutdown");
  });

  test("RS-A9 stopped for a restart, it keeps what waits for its next incarnation", async () => {
    const { actor, log, sum } = adder(10, () => 100);
    await actor.start();
    await actor.stop("restart");
    expect(actor.tell({ type: "add", value: 1 })).toBe(true);
    const answer = sum();
    expect(log).toEqual(["started", "stopped"]);
    await actor.start();
    expect(await answer).toBe(101);
  });

  test("RS-T7 stop does not wait for ever for a message that never ends", async () => {
    const { actor, clock } = adder();
    await actor.start();
    actor.tell({ type: "wait", until: new Promise(() => {}) });
    const stopping = actor.stop("shutdown");
    await clock.advanceSettled(2_000);
    await stopping;
  });

  test("RS-A7 what an incarnation that was given up fails at later is no crash of the next one", async () => {
    const { actor, clock, crashes, sum } = adder(10, () => 100);
    await actor.start();
    let fail = (_: Error) => {};
    const until = new Promise<void>((_resolve, reject) => (fail = reject));
    const asked = actor.ask<number>(() => ({ type: "wait", until }));
    const stopping = actor.stop("restart");
    await clock.advanceSettled(2_000);
    await stopping;
    await actor.start();
    const answer = sum();
    fail(new Error("too late"));
    await expect(asked).rejects.toMatchObject({ code: "actor_crashed", message: expect.stringContaining("too late") });
    expect(await answer).toBe(100);
    expect(crashes).toEqual([]);
  });

  test("a failing start is a crash of the start, and can be tried again", async () => {
    let works = false;
    const { actor, sum } = adder(10, () => {
      if (!works) throw new Error("the store is away");
      return 7;
    });
    await expect(actor.start()).rejects.toThrow("the store is away");
    works = true;
    await actor.start();
    expect(await sum()).toBe(7);
  });

  test("RS-A8 a flood leaves room for others: no more than a bounded number of messages in a turn", async () => {
    const { actor, log } = adder(10_000);
    let restore = () => {};
    actor.tell({ type: "add", value: 0 });
    const started = actor.start();
    let finish = () => {};
    await started;
    actor.tell({ type: "wait", until: new Promise((resolve) => (finish = resolve)) });
    for (let value = 0; value < 1000; value += 1) actor.tell({ type: "add", value });
    let handledWhenOthersGotTheirTurn = 0;
    restore = () => {
      handledWhenOthersGotTheirTurn = log.length;
    };
    finish();
    await Promise.resolve().then(() => setImmediate(restore));
    await expect.poll(() => log.length).toBe(1001);
    expect(handledWhenOthersGotTheirTurn).toBeLessThan(500);
  });
});
