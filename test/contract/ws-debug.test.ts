/** The debug events against their table. Spec: ws-api §3, http-api §4.4. */
import { readFileSync } from "node:fs";
import { afterAll, expect, test, vi } from "vitest";
import { StoreError } from "../../src/storage/errors.js";
import { BATCH, CLOSED, call } from "../http/request.js";
import { ask, goodRequest } from "./support/contract.js";
import { Daemons } from "./support/daemons.js";
import { LAST, SERIES, storeSeries } from "./support/fixture.js";
import { count, members, only, orNull, text } from "./support/shape.js";
import { DEBUG_EVENTS } from "./tables/debug-events.js";
import { CONTRACTS } from "./tables/index.js";

const daemons = new Daemons(storeSeries);
afterAll(() => daemons.stop());

const event = members(
  {
    ts_ms: count,
    source: only("backend"),
    pipe: only("read", "write"),
    event: only(...Object.keys(DEBUG_EVENTS)),
    series_id: orNull(text),
    level: only("info", "warn", "error"),
    message: text,
  },
  { data: () => [] },
);

interface Told {
  readonly event: string;
  readonly pipe: string;
  readonly level: string;
  readonly data?: object;
}

/** Asks everything once, and has a write of each kind fail. */
async function everythingTold(): Promise<readonly Told[]> {
  const daemon = await daemons.open();
  const debug = await daemon.connect("/ws/debug");
  for (const contract of CONTRACTS) await ask(daemon, contract, await goodRequest(daemon, contract));
  for (const contract of CONTRACTS.filter(({ path }) => path === CLOSED || path === BATCH)) {
    vi.spyOn(daemon.app.store, "commit").mockRejectedValueOnce(new StoreError("commit_failed", "disk full"));
    await ask(daemon, contract, await goodRequest(daemon, contract));
  }
  const lagging = await daemons.open({ TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" });
  const second = await lagging.connect("/ws/debug");
  await call(lagging.url, `/api/draw/delta?series_id=${encodeURIComponent(SERIES)}&at_time=${LAST}`);
  const messages = [...(await debug.settled()), ...(await second.settled())];
  expect([...new Set(messages.map(({ type }) => type))].sort()).toEqual(["debug_event", "debug_snapshot"]);
  return messages.flatMap(({ events, event: one }) => (events ?? [one]) as readonly Told[]);
}

test("debug events have exactly their members, and each its pipe, its level and its data", async () => {
  const told = await everythingTold();
  for (const one of told) {
    expect(event(one, one.event)).toEqual([]);
    const { pipe, levels, data } = DEBUG_EVENTS[one.event] ?? { pipe: "", levels: [], data: [] };
    expect(levels, one.event).toContain(one.level);
    expect([one.pipe, Object.keys(one.data ?? {}).sort()], one.event).toEqual([pipe, [...data].sort()]);
  }
  expect([...new Set(told.map((one) => one.event))].sort()).toEqual(Object.keys(DEBUG_EVENTS).sort());
});

test("debug events are told with their data on the page of the WebSocket", () => {
  const page = readFileSync("docs/api/ws-debug.md", "utf8");
  for (const [name, { data }] of Object.entries(DEBUG_EVENTS)) {
    const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${name}\``)) ?? "";
    if (row.includes("as for a single candle")) continue;
    for (const member of data) expect(row, name).toContain(`\`${member}\``);
  }
});
