/** The runtime panel, while the exchange refuses and after it has come back. */
import { expect, test } from "vitest";
import type { BreakersAnswer } from "../../src/client/answers/feed.js";
import type { RuntimeNode, RuntimeTreeAnswer } from "../../src/client/answers/operation.js";
import { BATCH, post, wire } from "../http/request.js";
import { DAEMON_NOW_MS, startTestDaemon } from "../support/daemon.js";
import { until, untilTrue } from "../support/until.js";
import { BTC, startWorld } from "../support/world.js";
import { describeInBrowser, screenshot, untilAttribute } from "./support/browser.js";

/** Seconds of the world per real second: a breaker's pause of 30 s can be watched, and does not take long. */
const SPEED = 10;

const OPEN_LIMIT_MS = 30_000;

const SETTINGS = {
  TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
  TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
  TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1",
  TRADE_CANVAS_ENABLE_DEBUG_API: "1",
};

describeInBrowser("the runtime panel", (browser) => {
  test("shows a breaker that is open, counts down, and shows it closed when the exchange is back", async () => {
    const { clock, exchange, env } = await startWorld({ speed: SPEED });
    const refusing = exchange.futures.faults.switchOn({ kind: "refuse-connections", status: 503 });
    const { url } = await startTestDaemon({ clock, whitelist: [BTC], env: { ...env, ...SETTINGS } });
    const page = await browser.newPage();
    await page.goto(`${url}/live?series=${BTC}&panel=runtime`);
    const row = page.locator(`#runtime .breaker[data-name="series ${BTC}"]`);
    await untilAttribute(row, "data-state", (state) => state === "open", OPEN_LIMIT_MS);
    const left = async () => {
      const words = (await row.locator(".words").textContent()) ?? "";
      const found = /next attempt in (\d+) s/.exec(words)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    const first = await until("a countdown", left);
    await until("fewer seconds", async () => {
      const now = await left();
      return now !== undefined && now < first ? now : undefined;
    });
    expect(await row.locator(".words").textContent()).toMatch(/^open for \d+ s · \d+ failures in a minute/);
    expect(await row.locator(".error").textContent()).not.toBe("");
    await row.locator("summary").click();
    expect(await row.locator(".transitions").textContent()).toMatch(/closed → open/);
    expect(await page.locator(`#runtime [data-series="${BTC}"]`).textContent()).toMatch(/down/);
    await page.getByText("feed.breaker.moved").first().waitFor({ timeout: 5_000 });
    await screenshot(page, "runtime-open");
    exchange.futures.faults.switchOff(refusing);
    await untilTrue(
      "every breaker closed",
      async () => {
        return (await page.locator("#runtime .runtime-breakers").getAttribute("data-open")) === "0";
      },
      OPEN_LIMIT_MS,
    );
    await page.locator("#runtime .runtime-series").getByText("1 live").waitFor({ timeout: OPEN_LIMIT_MS });
    await screenshot(page, "runtime-recovered");
  }, 90_000);

  test("shows the actors that are unfolded, and finds one by name", async () => {
    const { url } = await startTestDaemon({
      env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1", TRADE_CANVAS_ENABLE_DEV_API: "1" },
    });
    await post(url, BATCH, { series_id: BTC, candles: [wire(60)] });
    const page = await browser.newPage({ width: 390, height: 844, scheme: "light" });
    await page.goto(`${url}/live?series=${BTC}&panel=runtime`);
    const tree = page.locator("#runtime .tree");
    const series = tree.getByRole("button", { name: BTC, exact: true });
    await series.click();
    await tree.getByText("publisher").waitFor({ timeout: 5_000 });
    expect(await series.getAttribute("aria-expanded")).toBe("true");
    await page.getByRole("searchbox", { name: "Filter actors by name" }).fill("spot");
    await untilTrue("the others are gone", async () => (await series.count()) === 0);
    expect(await tree.getByRole("button", { name: "exchange/spot" }).count()).toBe(1);
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide).toBe(390);
    await screenshot(page, "runtime-small");
  });

  test("stays small and quick with a thousand series", async () => {
    const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEBUG_API: "1" } });
    const page = await browser.newPage();
    await page.route("**/api/runtime/tree", (route) => route.fulfill({ json: largeTree(1_000) }));
    await page.route("**/api/feed/breakers", (route) => route.fulfill({ json: manyBreakers(1_000) }));
    await page.goto(`${url}/live?series=${BTC}&panel=runtime`);
    const tree = page.locator("#runtime .tree");
    await tree.getByText("S999/USDT").waitFor();
    // The one in trouble is first, and unfolded down to the actor that has crashed.
    expect(await tree.locator("li").nth(2).textContent()).toContain("S999/USDT");
    await tree.getByText("the drawing broke").waitFor();
    await page.locator("#runtime .calm summary").click();
    expect(Number(await page.evaluate("document.querySelectorAll('#runtime *').length"))).toBeLessThan(2_000);
    await tree.getByRole("button", { name: "960 more" }).click();
    await tree.getByRole("button", { name: "760 more" }).waitFor();
    await page.getByRole("searchbox", { name: "Filter actors by name" }).fill("S77");
    await untilTrue("eleven series", async () => (await tree.locator("li").count()) === 2 + 11);
    await screenshot(page, "runtime-thousand");
  });

  test("says what is closed instead of being empty", async () => {
    browser.expectErrors(/40[34]/);
    const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1" } });
    const page = await browser.newPage();
    await page.goto(`${url}/live?series=${BTC}&panel=runtime`);
    const panel = page.locator("#runtime");
    await panel.getByText("it opens with TRADE_CANVAS_ENABLE_DEBUG_API=1").waitFor({ timeout: 5_000 });
    await panel.getByText("events are told with TRADE_CANVAS_ENABLE_DEBUG_API=1").waitFor({ timeout: 10_000 });
    await screenshot(page, "runtime-closed");
  });
});

/** An actor tree with so many series, of which the last is in trouble. */
function largeTree(count: number): RuntimeTreeAnswer {
  const node = (
    name: string,
    children: readonly RuntimeNode[] = [],
    change: Partial<RuntimeNode> = {},
  ): RuntimeNode => ({
    name,
    kind: children.length > 0 ? "supervisor" : "actor",
    state: "running",
    since_ms: DAEMON_NOW_MS - 90_000,
    starts: 1,
    crashes: 0,
    last_error: null,
    mailbox: null,
    children,
    ...change,
  });
  const broken = { state: "suspended", crashes: 4, last_error: "the drawing broke" };
  const series = Array.from({ length: count }, (_, at) => {
    const overlay = node("overlay", [], at === count - 1 ? broken : {});
    return node(`binance:futures:S${at}/USDT:1m`, [node("ingest"), node("factor"), overlay, node("publisher")]);
  });
  return {
    schema_version: 1,
    now_ms: DAEMON_NOW_MS,
    root: node("runtime", [node("exchange/spot"), node("series", series)]),
  };
}

function manyBreakers(count: number): BreakersAnswer {
  const series = Array.from({ length: count }, (_, at) => ({
    kind: "series" as const,
    name: `binance:futures:S${at}/USDT:1m`,
    state: "closed" as const,
    since_ms: DAEMON_NOW_MS,
    in_state_ms: 0,
    failures_in_window: 0,
    last_error: null,
    next_attempt_in_ms: 0,
    transitions: [],
  }));
  return { schema_version: 1, now_ms: DAEMON_NOW_MS, series, endpoints: [], rest: [] };
}
