/** The page of the client, held against the client: its examples run, and its tables and bounds are those of the code. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from "../../src/client/backoff.js";
import { MAX_CONNECTIONS, TradeCanvasClient } from "../../src/client/client.js";
import { ASKED_FROM_ATTEMPT, DIAL_LIMIT_MS, SILENCE_MS } from "../../src/client/connection.js";
import { MAX_SERIES } from "../../src/client/feed.js";
import { READ_LIMIT_MS } from "../../src/client/request.js";
import { toWireCandle } from "../../src/market/candle.js";
import { METHODS } from "../client/methods.js";
import { BATCH, post } from "../http/request.js";
import { startTestDaemon } from "../support/daemon.js";
import { recordedCandles } from "../support/recorded.js";
import { ROOT } from "../support/root.js";

const PAGE = readFileSync(new URL("docs/client.md", ROOT), "utf8");

/** Programs of the page, each with what it prints. */
const EXAMPLES = [...PAGE.matchAll(/^```js\n(.*?)^```\n\n```text\n(.*?)^```$/gms)].map(
  ([, program = "", printed = ""]) => [program, printed] as const,
);

/** What the demo has of its first series one minute after it began. */
const DEMO = { series: "binance:futures:BTC/USDT:1m", from: 1_746_502_800, to: 1_746_532_860 };

/** Runs a program in the project's folder. @returns everything that it prints. */
function printedBy(program: string): Promise<string> {
  const child = spawn(process.execPath, ["--input-type=module"], { cwd: fileURLToPath(ROOT) });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(program);
  return new Promise((resolve) => child.once("close", () => resolve(Buffer.concat(chunks).toString("utf8"))));
}

describe("the page of the client", () => {
  test("has examples that print what it says", async () => {
    expect(EXAMPLES.length).toBeGreaterThan(2);
    expect(PAGE.split("```js\n")).toHaveLength(EXAMPLES.length + 1);
    const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEV_API: "1" } });
    const candles = recordedCandles("BTCUSDT").filter(({ time }) => time >= DEMO.from && time <= DEMO.to);
    await post(daemon.url, BATCH, { series_id: DEMO.series, candles: candles.map(toWireCandle) });
    for (const [program, printed] of EXAMPLES) {
      expect(await printedBy(program.replaceAll("http://127.0.0.1:8000", daemon.url))).toBe(printed);
    }
  });

  test("lists every method with its route", () => {
    const rows = [...PAGE.matchAll(/^\| `([\w.]+)` \| \[?`((?:GET|POST) [^`]+)`/gm)].map(([, name, route]) => [
      route,
      name,
    ]);
    expect(rows.sort()).toEqual(
      Object.entries(METHODS)
        .map(([route, [name]]) => [route, name])
        .sort(),
    );
    const client = new TradeCanvasClient({ url: "http://127.0.0.1:1" });
    for (const [, name = ""] of rows) {
      const method = name.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], client);
      expect(method, name).toBeInstanceOf(Function);
    }
  });

  test("links to pages that are there", () => {
    for (const [, target = ""] of PAGE.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(() => readFileSync(new URL(target, new URL("docs/", ROOT))), target).not.toThrow();
    }
  });

  test("names the bounds as they are", () => {
    const bounds = [
      [`how long it may take (${READ_LIMIT_MS / 1000} s)`],
      [`grows from ${FIRST_PAUSE_MS} ms to ${LONGEST_PAUSE_MS / 1000} s`],
      [`for again after ${LONGEST_PAUSE_MS / 1000} s`],
      [`at most ${MAX_CONNECTIONS},`, `with ${MAX_SERIES.toLocaleString("en")} series each`],
      [`has not opened within ${DIAL_LIMIT_MS / 1000} s`],
    ].flat();
    for (const bound of bounds) expect(PAGE).toContain(bound);
    expect([SILENCE_MS, ASKED_FROM_ATTEMPT]).toEqual([3 * 60_000, 3]);
  });
});
