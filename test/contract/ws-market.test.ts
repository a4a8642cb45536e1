/** The live feed against its tables. What a subscription delivers and when: test/http/ws. Spec: ws-api §1, §5. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { openedGap } from "../../src/market/gap.js";
import { BATCH, FORMING, ingest, ingestAll, post, wire } from "../http/request.js";
import type { TestDaemon } from "../support/daemon.js";
import type { WsClient } from "../support/ws-client.js";
import type { Values } from "./support/contract.js";
import { Daemons } from "./support/daemons.js";
import { wrongInMessage } from "./support/described.js";
import { LAST, SERIES, storeSeries } from "./support/fixture.js";
import { OPTED_IN, SERVER_MESSAGES, SUBSCRIBE } from "./tables/live-feed.js";

const daemons = new Daemons(storeSeries);
afterAll(() => daemons.stop());

const ANY = [undefined, null, true, false, 0, -1, 1.5, 2 ** 53, "", "x", "1", [], {}, [1]] as const;
const badRequest = (message: string) => ({ type: "error", code: "bad_request", message });

describe("subscribe", () => {
  test("each member takes what its table says, whatever kind of value it is, and nothing else", async () => {
    const feed = await (await daemons.open()).connect();
    const good = { series_id: "binance:spot:NEVER/USDT:1m" };
    const expected: object[] = [];
    for (const { name, takes, refusal } of SUBSCRIBE) {
      for (const value of ANY) {
        feed.send({ type: "subscribe", ...good, [name]: value });
        // Texts that are taken as a series id, and name none.
        const isNoSeries = name === "series_id" && takes(value);
        if (!takes(value)) expected.push(badRequest(refusal));
        else if (isNoSeries) expected.push(badRequest("invalid series_id"));
      }
    }
    expect(await feed.settled()).toEqual(expected);
    for (const message of feed.messages) expect(wrongInMessage("market", message)).toEqual([]);
  });

  test("of several members that do not fit the first one is told, in the order of the checks", async () => {
    const feed = await (await daemons.open()).connect();
    const expected: object[] = [];
    for (let bits = 1; bits < 2 ** SUBSCRIBE.length; bits += 1) {
      const wrong = SUBSCRIBE.filter((_, index) => (bits & (1 << index)) !== 0);
      const values = wrong.map(({ name }) => [name, { no: "value" }]);
      feed.send({ type: "subscribe", series_id: SERIES, ...Object.fromEntries(values) });
      expected.push(badRequest(wrong[0]?.refusal ?? ""));
    }
    expect(await feed.settled()).toEqual(expected);
    for (const message of feed.messages) expect(wrongInMessage("market", message)).toEqual([]);
  });

  test("members that nobody knows do not matter, nor does their order", async () => {
    const feed = await (await daemons.open()).connect();
    feed.sendRaw(`{"colour":"red","since":${LAST - 60},"series_id":"${SERIES}","type":"subscribe","since_ms":"x"}`);
    expect((await feed.settled()).map(({ type }) => type)).toEqual(["candle_closed"]);
  });
});

/** Everything that can be said to a client with this subscription. */
async function everythingSaid(feed: WsClient, daemon: TestDaemon, series: string, more: Values): Promise<void> {
  await ingestAll(daemon.url, series, [60, 120]);
  feed.subscribe(series, { since: 60, ...more });
  feed.sendRaw("[1]");
  feed.subscribe("kraken:spot:BTC/USD:1m");
  await feed.settled();
  await post(daemon.url, FORMING, { series_id: series, candle: wire(180) });
  await post(daemon.url, BATCH, { series_id: series, candles: [wire(240), wire(300)], publish_ws: true });
  // A first candle: the ledgers begin.
  const fresh = `${series.slice(0, -2)}5m`;
  feed.subscribe(fresh, more);
  await feed.settled();
  await ingest(daemon.url, fresh, 300);
  await feed.settled();
}

describe("messages", () => {
  const gaps = [openedGap({ id: 1, cause: "start", fromTime: 60, toTime: null, nowMs: 1_000 })];
  /** On-demand ingest without a market to ask for what is not on the exchange. */
  const env = { TRADE_CANVAS_ENABLE_ONDEMAND_INGEST: "1", TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "0" };

  test("a client that asked for nothing more is sent messages of the closed set, each exactly as it is there", async () => {
    const daemon = await daemons.open(env);
    const feed = await daemon.connect();
    await daemon.app.store.commit({ series: "binance:spot:A/USDT:1m", gaps });
    await everythingSaid(feed, daemon, "binance:spot:A/USDT:1m", {});
    for (const message of feed.messages) {
      const type = String(message.type);
      expect(SERVER_MESSAGES[type]?.(message, type) ?? [`${type} is too much`]).toEqual([]);
      expect(wrongInMessage("market", message)).toEqual([]);
    }
    const seen = new Set(feed.messages.map(({ type }) => String(type)));
    expect([...seen].sort()).toEqual(
      Object.keys(SERVER_MESSAGES)
        .filter((type) => !(type in OPTED_IN))
        .sort(),
    );
    expect(feed.messages.filter(({ type }) => type === "error").map(({ code }) => code)).toEqual([
      "bad_request",
      "capacity",
    ]);
  });

  test.each(Object.entries(OPTED_IN))(
    "%s is sent to those who ask for it, and exactly as it is there",
    async (type, { by, shape }) => {
      const daemon = await daemons.open(env);
      const series = `binance:spot:${by.toUpperCase()}/USDT:1m`;
      await daemon.app.store.commit({ series, gaps });
      const [feed, other] = [await daemon.connect(), await daemon.connect()];
      for (const no of [false, null]) other.subscribe(series, { [by]: no });
      await everythingSaid(feed, daemon, series, { [by]: true });
      const sent = feed.messages.filter((message) => message.type === type);
      expect(sent.length).toBeGreaterThan(0);
      for (const message of sent) expect(shape(message, type)).toEqual([]);
      for (const message of feed.messages) expect(wrongInMessage("market", message)).toEqual([]);
      expect((await other.settled()).map((message) => message.type)).not.toContain(type);
    },
  );
});

test("each of the conformance vectors has a test that bears its name", () => {
  const files = readdirSync("test", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts"));
  const titles = files.flatMap((file) => readFileSync(`test/${file}`, "utf8").match(/test\("W[\d, W]+:/g) ?? []);
  const named = new Set(titles.flatMap((title) => title.match(/W\d+/g) ?? []));
  expect([...named].sort()).toEqual(Array.from({ length: 14 }, (_, index) => `W${index + 1}`).sort());
});

test("the page lists every message of the server, every member of a subscription, and no others", () => {
  const page = readFileSync("docs/api/ws-market.md", "utf8");
  const section = (heading: string): string => page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = [...section("From the server").matchAll(/^\| `(\w+)` \|/gm)].map(([, type = ""]) => type);
  const types = new Set([...Object.keys(SERVER_MESSAGES), ...Object.keys(OPTED_IN)]);
  expect(rows.filter((type) => type !== "type").sort()).toEqual([...types].sort());
  const [, subscribe = ""] = /^\| `subscribe` \| (.*) \|$/m.exec(section("From the client")) ?? [];
  const documented = [...subscribe.matchAll(/`(\w+)`:/g)].map(([, name]) => name);
  expect(documented).toEqual(SUBSCRIBE.map(({ name }) => name));
  // What is asked for is named where it is told of.
  for (const [type, { by }] of Object.entries(OPTED_IN)) {
    expect(section("From the server")).toMatch(new RegExp(`^\\| \`${type}\` \\|.*\`${by}\``, "m"));
  }
});
