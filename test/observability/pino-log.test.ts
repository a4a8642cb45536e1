import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { silentLog } from "../../src/observability/event-log.js";
import { createPinoLog, type LogOptions } from "../../src/observability/pino-log.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

/** 2025-05-05 00:00:00 UTC. */
const NOW_MS = 1_746_403_200_000;

function logged(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const clock = new SimulatedClock(NOW_MS);
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createPinoLog({ level: "info", pretty: false, clock, destination, ...options });
  return { log, clock, lines, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("a line has the time of the program's clock, the event, and the fields; nothing of the machine", () => {
  const { log, clock, entries } = logged();
  log.info("daemon.ready", { url: "http://127.0.0.1:8000", count: 2 });
  clock.advance(1_500.7);
  log.error("request.failed", { error: "boom" });
  expect(entries()).toEqual([
    { level: 30, time: NOW_MS, event: "daemon.ready", url: "http://127.0.0.1:8000", count: 2, msg: "daemon.ready" },
    { level: 50, time: NOW_MS + 1_501, event: "request.failed", error: "boom", msg: "request.failed" },
  ]);
});

test("bound fields are on every line, those of inner logs added to those of outer ones", () => {
  const { log, entries } = logged();
  const series = log.with({ series_id: "binance:spot:BTC/USDT:1m" });
  const actor = series.with({ actor: "ingest" });
  series.warn("a.happened");
  actor.warn("b.happened", { n: 1 });
  log.warn("c.happened");
  expect(entries().map(({ event, series_id, actor: name, n }) => [event, series_id, name, n])).toEqual([
    ["a.happened", "binance:spot:BTC/USDT:1m", undefined, undefined],
    ["b.happened", "binance:spot:BTC/USDT:1m", "ingest", 1],
    ["c.happened", undefined, undefined, undefined],
  ]);
});

test("a field of a line stands in it once, in place of a bound one of the same name", () => {
  const { log, lines } = logged();
  log.with({ actor: "ingest", n: 1 }).info("happened", { n: 2 });
  expect(lines[0]).toMatch(/"actor":"ingest","n":2,"event":"happened","msg"/);
});

test("less severe lines than the level are not written", () => {
  const { log, entries } = logged({ level: "warn" });
  log.debug("d");
  log.info("i");
  log.warn("w");
  log.with({ x: 1 }).info("i2");
  log.error("e");
  expect(entries().map(({ event }) => event)).toEqual(["w", "e"]);
  const silent = logged({ level: "silent" });
  silent.log.error("e");
  expect(silent.lines).toEqual([]);
});

test("each line is JSON of one line, whatever the fields", () => {
  const { log, lines, entries } = logged();
  const cyclic: Record<string, unknown> = { text: 'line\nbreak "quoted" é 💹' };
  cyclic.self = cyclic;
  log.info("odd", { cyclic, big: 10n ** 30n, none: undefined, error: new Error("x") });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.indexOf("\n")).toBe((lines[0]?.length ?? 0) - 1);
  expect(entries()[0]?.event).toBe("odd");
});

test("for people: readable time in UTC, the event once, and the fields", async () => {
  const terminal = new PassThrough();
  const { log } = logged({ pretty: true, destination: terminal });
  log.info("daemon.ready", { url: "http://127.0.0.1:8000" });
  const [line] = (await once(terminal, "data")) as [Buffer];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const text = line.toString("utf8").replace(/\u001b\[\d+m/g, "");
  expect(text).toMatch(/^\[2025-05-05 00:00:00\] INFO: daemon\.ready\b.*"?url"?: ?"http:\/\/127\.0\.0\.1:8000"/s);
  expect(text.match(/daemon\.ready/g)).toHaveLength(1);
});

test("the silent log takes everything and says nothing", () => {
  expect(silentLog.with({ a: 1 })).toBe(silentLog);
  for (const level of ["debug", "info", "warn", "error"] as const) expect(silentLog[level]("x")).toBeUndefined();
});
