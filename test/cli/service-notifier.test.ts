import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ServiceNotifier } from "../../src/cli/service-notifier.js";
import type { Env } from "../../src/config/env-file.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { RecordingLog } from "../actors/series/world.js";
import { startProcess } from "../support/process.js";
import { tempFolder } from "../support/temp.js";
import { untilTrue } from "../support/until.js";
import { nowhereEnv } from "../support/world.js";

const SERVICE: Env = { NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "30000000", WATCHDOG_PID: "42" };

function world(env: Env = SERVICE) {
  const clock = new SimulatedClock();
  const log = new RecordingLog();
  const sent: string[] = [];
  /** What the next notifications come to; at once without error when there is nothing. */
  const outcomes: Promise<void>[] = [];
  const send = (state: string): Promise<void> => {
    sent.push(state);
    return outcomes.shift() ?? Promise.resolve();
  };
  const notifier = new ServiceNotifier({ env, clock, log, send, pid: 42 });
  return { clock, log, sent, outcomes, notifier, advance: (ms: number) => clock.advanceSettled(ms) };
}

test("systemd is told when the daemon is ready, three times in its limit that it lives, and that it stops", async () => {
  const { notifier, sent, advance, clock } = world();
  expect(sent).toEqual([]);
  notifier.ready();
  await advance(9_999);
  expect(sent).toEqual(["READY=1"]);
  await advance(1);
  await advance(20_000);
  expect(sent).toEqual(["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
  notifier.stopping();
  await advance(10_000);
  expect(sent.slice(4)).toEqual(["STOPPING=1", "WATCHDOG=1"]);
  await notifier.end();
  await advance(100_000);
  expect(sent).toHaveLength(6);
  expect(clock.pendingTimers).toBe(0);
});

test.each([
  ["no service", {}, []],
  ["a service without a watchdog", { NOTIFY_SOCKET: "/s" }, ["READY=1", "STOPPING=1"]],
  ["a watchdog of another process", { ...SERVICE, WATCHDOG_PID: "41" }, ["READY=1", "STOPPING=1"]],
  ["a watchdog whose time is none", { ...SERVICE, WATCHDOG_USEC: "soon" }, ["READY=1", "STOPPING=1"]],
])("%s", async (_name, env, expected) => {
  const { notifier, sent, advance } = world(env);
  notifier.ready();
  await advance(60_000);
  notifier.stopping();
  await advance(0);
  expect(sent).toEqual(expected);
  await notifier.end();
});

test("one notification at a time: while one is under way beats are left out, and the stop is told after it", async () => {
  const { notifier, sent, outcomes, advance } = world();
  let finish = (): void => undefined;
  outcomes.push(
    Promise.resolve(),
    new Promise<void>((resolve) => {
      finish = resolve;
    }),
  );
  notifier.ready();
  await advance(10_000);
  await advance(30_000);
  notifier.stopping();
  await advance(0);
  expect(sent).toEqual(["READY=1", "WATCHDOG=1"]);
  finish();
  await advance(0);
  expect(sent).toEqual(["READY=1", "WATCHDOG=1", "STOPPING=1"]);
  await notifier.end();
});

test("what cannot be sent is logged once until something is sent again", async () => {
  const { notifier, outcomes, log, advance } = world();
  const lost = (): Promise<void> => Promise.reject(new Error("no systemd-notify"));
  outcomes.push(lost(), lost(), Promise.resolve(), lost());
  for (const outcome of outcomes) outcome.catch(() => undefined);
  notifier.ready();
  await advance(10_000);
  await advance(10_000);
  await advance(10_000);
  await notifier.end();
  expect(log.lines.map(({ event, fields }) => [event, fields.state])).toEqual([
    ["service.notify_failed", "READY=1"],
    ["service.notify_failed", "WATCHDOG=1"],
  ]);
});

test("the daemon runs systemd-notify: ready, alive, stopping", async () => {
  const folder = tempFolder();
  const told = join(folder, "told");
  const fake = join(folder, "systemd-notify");
  writeFileSync(told, "");
  writeFileSync(fake, `#!/bin/sh\necho "$1 $NOTIFY_SOCKET" >> '${told}'\n`);
  chmodSync(fake, 0o755);
  const daemon = await startProcess(["start", "--bare"], {
    ...nowhereEnv(),
    PATH: `${folder}:${process.env.PATH ?? ""}`,
    NOTIFY_SOCKET: "/run/socket",
    WATCHDOG_USEC: "300000",
  });
  const lines = (): readonly string[] => readFileSync(told, "utf8").trim().split("\n");
  await untilTrue(
    "two signs of life",
    () => lines().filter((line) => line === "WATCHDOG=1 /run/socket").length >= 2,
    undefined,
    lines,
  );
  expect(lines()[0]).toBe("READY=1 /run/socket");
  expect(await daemon.end("SIGTERM")).toBe(0);
  expect(lines()).toContain("STOPPING=1 /run/socket");
});
