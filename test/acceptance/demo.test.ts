/** `npm run demo`: what a newcomer sees within 20 seconds. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { IngestStateView } from "../../src/actors/feed/ingest-state.js";
import { FeedClient } from "../support/feed-client.js";
import { candles, get } from "../support/http.js";
import { MACHINE_READABLE } from "../support/launch.js";
import { runCommand, startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { BTC, ETH, SPOT_BTC } from "../support/world.js";

/** First and last open time of the recording, in seconds. */
const RECORDED = { from: 1_746_403_200, to: 1_748_908_740 };

test("within 20 s: recorded closes, forming and closed messages, one closed breaker per series; Ctrl-C ends it", async () => {
  const began = performance.now();
  const demo = await startProcess(["demo"], {});
  const client = await FeedClient.connect(demo.url);
  for (const series of [BTC, ETH, SPOT_BTC]) client.subscribe(series, null);
  for (const series of [BTC, ETH, SPOT_BTC]) {
    await untilTrue(`${series} to be live`, () =>
      ["candle_closed", "candle_forming"].every((type) =>
        client.ofType(type).some((message) => message.series_id === series),
      ),
    );
  }
  const { body } = await candles(demo.url, BTC, "&limit=5000");
  expect(body.candles.length).toBeGreaterThan(400);
  for (const { candle_time } of body.candles) {
    expect(candle_time).toBeGreaterThanOrEqual(RECORDED.from);
    expect(candle_time).toBeLessThanOrEqual(RECORDED.to);
  }
  // The close of 2025-05-06 11:59 UTC in the recording.
  expect(body.candles.find((candle) => candle.candle_time === 1_746_532_740)).toMatchObject({ close: 93_770.3 });

  const state = (await get<IngestStateView>(`${demo.url}/api/market/debug/ingest_state`)).body;
  expect(state.jobs.map((job) => [job.series_id, job.running, job.guardrail?.state])).toEqual(
    [BTC, ETH, SPOT_BTC].map((series) => [series, true, "closed"]),
  );
  expect(performance.now() - began).toBeLessThan(20_000);
  for (const hint of [demo.url, "/api/market/candles", "/ws/market", "/api/market/debug/ingest_state"]) {
    expect(demo.output()).toContain(hint);
  }
  expect(await demo.end("SIGINT")).toBe(0);
});

test("stopped through npm, the demo ends in order and leaves nothing running", async () => {
  const npm = spawn("npm", ["run", "--ignore-scripts", "demo"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, ...MACHINE_READABLE },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  npm.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const ended = once(npm, "exit");
  await untilTrue("the demo to be ready", () => /"pid":\d+/.test(output));
  const pid = Number(/"pid":(\d+)/.exec(output)?.[1]);
  expect(process.kill(pid, 0)).toBe(true);
  npm.kill("SIGTERM");
  await ended;
  expect(output).toContain('"event":"daemon.stopped"');
  await untilTrue("the daemon's end", () => !isRunning(pid));
});

test("a speed that cannot be is refused with the range; help is help", async () => {
  expect(await runCommand(["demo", "--speed", "9999"])).toMatchObject({
    code: 2,
    output: expect.stringContaining("--speed 9999 is not a number from 1 to 600"),
  });
  expect(await runCommand(["demo", "--help"])).toMatchObject({ code: 0, output: expect.stringContaining("usage:") });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
