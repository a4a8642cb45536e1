/** The pages of docs/api, held against the running server. */
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { INGEST_MAILBOX } from "../../src/actors/ingest/protocol.js";
import { MAX_TREES } from "../../src/actors/series/registry.js";
import { MAX_BODY_BYTES } from "../../src/http/body.js";
import { HTTP_ERRORS } from "../../src/http/errors.js";
import { MAX_EVENT_STREAMS, STALLED_CLIENT_MS } from "../../src/http/event-streams.js";
import { PROBLEMS } from "../../src/http/validation/problem.js";
import { MAX_QUEUED_BYTES, MAX_QUEUED_FRAMES } from "../../src/http/ws/outbox.js";
import { WEB_SOCKET_PATHS } from "../../src/http/ws/web-sockets.js";
import { MAX_PATCH_ITEMS } from "../../src/ledger/draw.js";
import { MAX_SLICE_EVENTS } from "../../src/ledger/slices.js";
import { toWireCandle } from "../../src/market/candle.js";
import { openedGap } from "../../src/market/gap.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { MAX_GAPS_PER_SERIES } from "../../src/storage/gap-store.js";
import { routeOf } from "../contract/support/contract.js";
import { asyncApi, expectDescribed, wrongInMessage } from "../contract/support/described.js";
import { registeredRoutes } from "../contract/support/registered.js";
import { BATCH, CLOSED, call, FORMING, ingestAll, type JsonBody, post, wire } from "../http/request.js";
import { startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { startMarketLists } from "../support/market-lists.js";
import { recordedCandles } from "../support/recorded.js";
import { untilTrue } from "../support/until.js";
import { pageOf } from "./pages.js";
import { agree, shapeOf } from "./shape.js";

const FOLDER = new URL("../../docs/api/", import.meta.url);

const read = (page: string): string => readFileSync(new URL(page, FOLDER), "utf8");
const pages = readdirSync(FOLDER).filter((name) => name.endsWith(".md") && name !== "README.md");

/** `GET /api/market/candles`, for every route that the real server registers, and its WebSockets. */
async function routesAndSockets(): Promise<readonly string[]> {
  return [...(await registeredRoutes()).map(routeOf), ...WEB_SOCKET_PATHS.map((path) => `WebSocket ${path}`)];
}

/** What the demo has of its first series one minute after it began: the candles from 500 before its start on. */
const DEMO = { series: "binance:futures:BTC/USDT:1m", from: 1_746_502_800, to: 1_746_532_860 };

/** A daemon with everything switched on, and the series of the examples. */
async function daemonOfTheExamples(): Promise<TestDaemon> {
  // Of spot only: the series of the examples is to have no exchange to ask.
  const { TRADE_CANVAS_BINANCE_SPOT_BASE_URL = "" } = (await startMarketLists()).env;
  const daemon = await startTestDaemon({
    env: {
      TRADE_CANVAS_BINANCE_SPOT_BASE_URL,
      TRADE_CANVAS_ENABLE_DEBUG_API: "1",
      TRADE_CANVAS_ENABLE_DEV_API: "1",
      TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: "1",
      TRADE_CANVAS_ENABLE_READ_REPAIR_API: "1",
      TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1",
      TRADE_CANVAS_ENABLE_RUNTIME_METRICS: "1",
      TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
      TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
      TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "1",
    },
    // After the times of the examples, which are those of the demo's recording.
    clock: new SimulatedClock(1_750_000_000_000),
    whitelist: [DEMO.series],
  });
  const recorded = recordedCandles("BTCUSDT").filter(({ time }) => time >= DEMO.from && time <= DEMO.to);
  const [candles, last] = [recorded.slice(0, -1), recorded.slice(-1)].map((some) => some.map(toWireCandle));
  await post(daemon.url, BATCH, { series_id: DEMO.series, candles });
  for (const candle of last ?? []) await post(daemon.url, CLOSED, { series_id: DEMO.series, candle });
  return daemon;
}

/** The builds of the replay examples, and where their status is. */
const REPLAY_JOBS = [
  ["/api/replay/build", "/api/replay/status", { window_candles: 3, window_size: 2, snapshot_interval: 5 }],
  ["/api/replay/overlay_package/build", "/api/replay/overlay_package/status", {}],
] as const;

/** Has the jobs of the replay examples done. @returns what puts their ids, which follow the logic of the factors, into a path. */
async function replayJobsOfTheExamples(url: string): Promise<(path: string) => string> {
  const keys: string[] = [];
  for (const [build, status, params] of REPLAY_JOBS) {
    const { job_id } = (await post(url, build, { series_id: DEMO.series, to_time: DEMO.from + 120, ...params })).json;
    await untilTrue("a package", async () => (await call(url, `${status}?job_id=${job_id}`)).json.status === "done");
    keys.push(String(job_id));
  }
  const covered = { series_id: DEMO.series, target_candles: 500, to_time: DEMO.to };
  const { job_id } = (await post(url, "/api/replay/ensure_coverage", covered)).json;
  const status = `/api/replay/coverage_status?job_id=${job_id}`;
  await untilTrue("the coverage", async () => (await call(url, status)).json.status === "done");
  const [replay = "", overlay = ""] = keys;
  return (path) =>
    path.replace(/job_id=[0-9a-f]{24}/, `job_id=${path.startsWith("/api/replay/overlay_package") ? overlay : replay}`);
}

describe("routes and pages", () => {
  let routes: readonly string[] = [];
  beforeAll(async () => {
    routes = await routesAndSockets();
  });

  test("every route has a page, and every page a route", () => {
    expect(routes.length).toBeGreaterThan(9);
    const expected = routes.map((route) => pageOf(...(route.split(" ") as [string, string])));
    expect([...pages].sort()).toEqual([...expected].sort());
  });

  test("a page begins with its route and says what it is for, its gate, its errors and an example", () => {
    for (const route of routes) {
      const text = read(pageOf(...(route.split(" ") as [string, string])));
      expect(text.split("\n")[0], route).toBe(`# ${route}`);
      expect(text, route).toMatch(/^Gate: /m);
      expect(text, route).toMatch(/^## Examples?$/m);
      if (!route.startsWith("WebSocket")) expect(text, route).toMatch(/^## Errors$/m);
    }
  });

  test("the index lists every page once, and links lead somewhere", () => {
    const index = read("README.md");
    for (const route of routes) {
      const link = `[\`${route}\`](${pageOf(...(route.split(" ") as [string, string]))})`;
      expect(index.split(link).length - 1, route).toBe(1);
    }
    for (const page of ["README.md", ...pages]) {
      for (const [, target = ""] of read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(() => readFileSync(new URL(target, FOLDER)), `${page} -> ${target}`).not.toThrow();
      }
    }
  });
});

describe("errors", () => {
  test("the index has the table of errors, whole and as it is", () => {
    const rows = Object.entries(HTTP_ERRORS).map(
      ([code, { status, detail, meaning }]) => `| ${status} | \`${detail}\` | \`${code}\` | ${meaning} |`,
    );
    const table = [...read("README.md").matchAll(/^\| \d{3} \|.*$/gm)].map(([row]) => row);
    expect(table).toEqual(rows);
  });

  test("every error of a page is in the table", () => {
    const known = new Set(Object.values(HTTP_ERRORS).map(({ status, detail }) => `${status} ${detail}`));
    for (const page of pages) {
      for (const [, status, detail] of read(page).matchAll(/^\| (\d{3}) \| `([^`]+)` \|/gm)) {
        expect(known, page).toContain(`${status} ${detail}`);
      }
    }
  });

  test("every type of problem is explained", () => {
    const index = read("README.md");
    const types = Object.values(PROBLEMS).map((make) => make([], null).type);
    for (const type of [...types, "too_short", "too_long", "json_invalid", "greater_than_equal", "less_than_equal"]) {
      expect(index).toContain(`\`${type}\``);
    }
  });

  test("the limits are those of the program", () => {
    const index = read("README.md");
    const thousands = (count: number): string => count.toLocaleString("en");
    const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;
    for (const limit of [
      `| body of a request | ${mebibytes(MAX_BODY_BYTES)} |`,
      `| events of a slice | ${thousands(MAX_SLICE_EVENTS)} |`,
      `| instructions of a draw delta | ${thousands(MAX_PATCH_ITEMS)} |`,
      `| runs of one series that wait | ${thousands(INGEST_MAILBOX)} |`,
      `| gaps that are kept of a series | ${thousands(MAX_GAPS_PER_SERIES)} |`,
      `| active series | ${thousands(MAX_TREES)} |`,
      `| streams of events | ${MAX_EVENT_STREAMS} |`,
      `| an event that its client does not read | ${STALLED_CLIENT_MS / 1000} s |`,
      `| ${mebibytes(MAX_QUEUED_BYTES)} or ${thousands(MAX_QUEUED_FRAMES)} |`,
    ]) {
      expect(index).toContain(limit);
    }
  });
});

interface Example {
  readonly page: string;
  readonly status: number;
  readonly path: string;
  readonly body: string | undefined;
  /** The answer is no JSON, and shown in part. */
  readonly isText: boolean;
  readonly answer: unknown;
}

/** The examples of a page: a status, a curl command, and the answer. */
function examplesOf(page: string): readonly Example[] {
  const blocks = [...read(page).matchAll(/^\*\*(\d{3})\*\*\n\n```sh\n(curl[^`]+)```\n\n```(json|text)\n([^`]+)```/gm)];
  return blocks.map(([, status, command = "", kind, answer = ""]) => {
    const [, path = ""] = /'http:\/\/127\.0\.0\.1:8000([^']*)'/.exec(command) ?? [];
    const [, body] = /-d '([^']*)'/.exec(command) ?? [];
    const isText = kind === "text";
    return { page, status: Number(status), path, body, isText, answer: isText ? answer : JSON.parse(answer) };
  });
}

/** The fenced blocks of a kind. */
function blocks(page: string, kind: string): readonly string[] {
  return [...read(page).matchAll(/^```([^\n]*)\n([^`]*)```$/gm)].flatMap(([, label, text = ""]) =>
    label === kind ? [text] : [],
  );
}

describe("examples", () => {
  const examples = pages.flatMap(examplesOf);

  test("every page of an HTTP route has one", () => {
    for (const page of pages.filter((name) => !name.startsWith("ws-"))) {
      expect(
        examples.some((example) => example.page === page),
        page,
      ).toBe(true);
      // None that looks almost like one, and would not be tried.
      const commands = read(page).match(/^curl /gm)?.length;
      expect(
        examples.filter((example) => example.page === page),
        page,
      ).toHaveLength(commands ?? 0);
    }
  });

  test("each is answered with its status, and with the members that it shows", async () => {
    const { url } = await daemonOfTheExamples();
    const withJob = await replayJobsOfTheExamples(url);
    for (const { page, path, body, status, answer, isText } of examples) {
      const given = await call(url, withJob(path), body === undefined ? {} : { body });
      expect(given.status, `${page}: ${path}`).toBe(status);
      await expectDescribed(path, body === undefined ? {} : { body }, given);
      if (isText) expect(given.text, page).toContain(String(answer).split("\n", 2).join("\n"));
      else agree(shapeOf(answer), shapeOf(given.json), `${page}: ${path}`);
    }
  });

  test("each shows an answer as the document for machines describes it", async () => {
    for (const { path, body, status, answer, isText } of examples) {
      const headers = { "content-type": isText ? "text/plain" : "application/json" };
      const shown = { status, headers, text: String(answer), json: answer as JsonBody };
      await expectDescribed(path, body === undefined ? {} : { body }, shown);
    }
  });

  test("errors that are shown are answered to the letter", async () => {
    const { url } = await daemonOfTheExamples();
    const withJob = await replayJobsOfTheExamples(url);
    for (const { page, path, body, status, answer } of examples.filter((example) => example.status >= 400)) {
      const given = await call(url, withJob(path), body === undefined ? {} : { body });
      expect([given.status, given.json], `${page}: ${path}`).toEqual([status, answer]);
    }
  });

  test("answers of factors, drawing and frames are those of the recording, to the letter", async () => {
    const { url } = await daemonOfTheExamples();
    const derived = examples.filter(({ path }) => /^\/api\/(factor|draw|frame|delta|dev\/repair)/.test(path));
    expect(derived.length).toBeGreaterThan(15);
    for (const { page, path, body, answer } of derived) {
      const given = await call(url, path, body === undefined ? {} : { body });
      expect(given.json, `${page}: ${path}`).toEqual(answer);
    }
  });

  test("messages that clients of the live feed may send are understood", async () => {
    const daemon = await daemonOfTheExamples();
    const feed = await daemon.connect();
    const messages = blocks("ws-market.md", "json client");
    expect(messages.length).toBeGreaterThan(2);
    for (const message of messages) {
      const { type } = JSON.parse(message) as { readonly type: string };
      expect(asyncApi.at("components", "messages", type, "payload")?.(JSON.parse(message)), message).toEqual([]);
      feed.sendRaw(message);
    }
    expect((await feed.settled()).filter(({ type }) => type === "error")).toEqual([]);
  });

  test("messages that the live feed sends are shown as they are, each of them", async () => {
    const series = "binance:futures:BTC/USDT:1m";
    const daemon = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1" } });
    const [plain, batches] = [await daemon.connect(), await daemon.connect()];
    const gap = openedGap({
      id: 1,
      cause: "reconnect",
      fromTime: 1_700_000_180,
      toTime: null,
      nowMs: 1_700_000_245_000,
    });
    await daemon.app.store.commit({ series, gaps: [gap] });
    plain.subscribe(series, { gaps: true });
    await plain.settled();
    await ingestAll(daemon.url, series, [1_700_000_060, 1_700_000_120]);
    batches.subscribe(series, { since: 1_700_000_000, supports_batch: true });
    await batches.settled();
    await post(daemon.url, FORMING, { series_id: series, candle: wire(1_700_000_180) });
    await ingestAll(daemon.url, series, [1_700_000_240]);
    await Promise.all([plain.settled(), batches.settled()]);
    const sent = [...plain.texts, ...batches.texts];
    const shown = blocks("ws-market.md", "json server").map((text) => text.trim());
    for (const text of shown) expect(sent).toContain(text);
    for (const text of [...shown, ...sent]) expect(wrongInMessage("market", JSON.parse(text))).toEqual([]);
    const [, section = ""] = /## From the server\n(.*?)\n## /s.exec(read("ws-market.md")) ?? [];
    const listed = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, type]) => type);
    const types = shown.map((text) => (JSON.parse(text) as { type: string }).type);
    expect(listed).toEqual(["type", ...types, "error"]);
    expect([...new Set(sent.map((text) => (JSON.parse(text) as { type: string }).type))].sort()).toEqual(types.sort());
  });

  test("every error of the live feed is answered as its table says, byte for byte", async () => {
    const daemon = await daemonOfTheExamples();
    const feed = await daemon.connect();
    const rows = [...read("ws-market.md").matchAll(/^\| `([^`]+)` \| `(\{"type":"error"[^`]+)` \|$/gm)];
    expect(rows.length).toBeGreaterThan(6);
    for (const [, sent = ""] of rows) feed.sendRaw(sent);
    await feed.settled();
    expect(feed.texts).toEqual(rows.map(([, , answer]) => answer));
    for (const message of feed.messages) expect(wrongInMessage("market", message)).toEqual([]);
  });

  test("what a debug client may say is understood, and the events that happen are listed", async () => {
    const daemon = await daemonOfTheExamples();
    const text = read("ws-debug.md");
    const debug = await daemon.connect("/ws/debug");
    for (const message of blocks("ws-debug.md", "json client")) debug.sendRaw(message);
    for (const { path, body } of examples) await call(daemon.url, path, body === undefined ? {} : { body });
    const messages = await debug.settled();
    expect(messages.filter(({ type }) => type === "debug_snapshot")).toHaveLength(2);
    for (const message of messages) expect(wrongInMessage("debug", message)).toEqual([]);
    for (const { event } of messages.flatMap(({ event }) =>
      event === undefined ? [] : [event as { event: string }],
    )) {
      expect(text).toContain(`\`${event}\``);
    }
  });
});
