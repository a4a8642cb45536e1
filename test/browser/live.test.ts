/** The live page against a running daemon. Scenario A-1 is the main flow. */
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { toWireCandle } from "../../src/market/candle.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { BATCH, CLOSED, FORMING, ingest, ingestAll, post, wire } from "../http/request.js";
import { startDaemon, startTestDaemon, type TestDaemon } from "../support/daemon.js";
import { recordedCandles } from "../support/recorded.js";
import { tempFolder } from "../support/temp.js";
import { until, untilTrue } from "../support/until.js";
import { describeInBrowser, screenshot, type TestBrowser, untilAttribute } from "./support/browser.js";

const SERIES = "binance:futures:TCMAINFLOW1/USDT:1m";
const TIMES = [1_700_000_000, 1_700_000_060, 1_700_000_120] as const;
const LAST = 1_700_000_180;

/** Opens what the strip asks, and the ingest of forming candles. */
const ENV = { TRADE_CANVAS_ENABLE_DEBUG_API: "1" };

const RECORDED = "binance:futures:BTC/USDT:1m";

/** A time at which all of the recording has closed. */
const AFTER_RECORDING_MS = 1_750_000_000_000;

async function open(browser: TestBrowser, { url }: TestDaemon, series = SERIES, look = {}): Promise<Page> {
  const page = await browser.newPage(look);
  await page.goto(`${url}/live?series=${series}`);
  return page;
}

const chartOf = (page: Page) => page.locator("#chart");

async function untilLast(page: Page, time: number): Promise<void> {
  await untilAttribute(chartOf(page), "data-last-time", (value) => value === String(time));
}

async function untilDrawn(page: Page, time: number): Promise<void> {
  await untilAttribute(chartOf(page), "data-drawn-time", (value) => value === String(time));
}

async function untilConnection(page: Page, state: string): Promise<void> {
  await untilAttribute(page.locator("#strip"), "data-connection", (value) => value === state);
}

/** A daemon with recorded candles and what the factors make of them. */
async function recordedDaemon(count: number): Promise<{ readonly daemon: TestDaemon; readonly last: number }> {
  const daemon = await startTestDaemon({
    env: { ...ENV, TRADE_CANVAS_ENABLE_DEV_API: "1" },
    clock: new SimulatedClock(AFTER_RECORDING_MS),
  });
  const candles = recordedCandles("BTCUSDT").slice(0, count).map(toWireCandle);
  await post(daemon.url, BATCH, { series_id: RECORDED, candles: candles.slice(0, -1) });
  const last = candles.at(-1) ?? wire(0);
  await post(daemon.url, CLOSED, { series_id: RECORDED, candle: last });
  return { daemon, last: last.candle_time };
}

describeInBrowser("the live page", (browser) => {
  test("A-1: shows the candle that closes while it is open", async () => {
    const daemon = await startTestDaemon({ env: ENV });
    await ingestAll(daemon.url, SERIES, TIMES);
    const page = await open(browser, daemon);
    await untilLast(page, TIMES[2]);
    await untilConnection(page, "open");
    await ingest(daemon.url, SERIES, LAST, 44);
    await untilLast(page, LAST);
    expect(await chartOf(page).getAttribute("data-last-close")).toBe("44");
    await untilDrawn(page, LAST);
    expect(await chartOf(page).getAttribute("data-candles")).toBe("4");
  });

  test("A-1: shows the same when it is opened afterwards", async () => {
    const daemon = await startTestDaemon({ env: ENV });
    await ingestAll(daemon.url, SERIES, TIMES);
    await ingest(daemon.url, SERIES, LAST, 44);
    const page = await open(browser, daemon);
    await untilDrawn(page, LAST);
    expect(await chartOf(page).getAttribute("data-last-time")).toBe(String(LAST));
    expect(await chartOf(page).getAttribute("data-last-close")).toBe("44");
  });

  test("shows the forming candle until it closes", async () => {
    const daemon = await startTestDaemon({ env: ENV });
    await ingestAll(daemon.url, SERIES, TIMES);
    const page = await open(browser, daemon);
    await untilConnection(page, "open");
    // One that is sent before the subscription has come is nobody's, and is not repeated.
    await untilTrue("the forming candle", async () => {
      await post(daemon.url, FORMING, { series_id: SERIES, candle: wire(LAST, 43) });
      return (await chartOf(page).getAttribute("data-forming-time")) === String(LAST);
    });
    expect(await page.locator("#legend").innerText()).toMatch(/forming/);
    await ingest(daemon.url, SERIES, LAST, 44);
    await untilLast(page, LAST);
    expect(await chartOf(page).getAttribute("data-forming-time")).toBeNull();
  });

  test("keeps what it has while the daemon is away, says so, and catches up without a hole", async () => {
    browser.expectErrors(/WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource/);
    const folder = tempFolder();
    const first = await startDaemon({ env: { ...ENV, TRADE_CANVAS_DB_PATH: folder } });
    await ingestAll(first.url, SERIES, TIMES);
    const page = await open(browser, first);
    await untilDrawn(page, TIMES[2]);
    await untilConnection(page, "open");
    await first.app.stop();
    await page.locator("#notice").waitFor({ state: "visible" });
    expect(await page.locator("#strip").innerText()).toMatch(/Daemon away|Connecting/);
    expect(await chartOf(page).getAttribute("data-last-time")).toBe(String(TIMES[2]));

    const env = { ...ENV, TRADE_CANVAS_DB_PATH: folder, TRADE_CANVAS_PORT: new URL(first.url).port };
    const second = await startDaemon({ env });
    onTestFinished(() => second.app.stop());
    await ingestAll(second.url, SERIES, [LAST, LAST + 60]);
    await untilDrawn(page, LAST + 60);
    expect(await chartOf(page).getAttribute("data-candles")).toBe("5");
    await page.locator("#notice").waitFor({ state: "hidden" });
  });

  test("switches the timeframe by key and by click, and keeps it in the address", async () => {
    const daemon = await startTestDaemon({ env: ENV });
    const fiveMinutes = SERIES.replace(":1m", ":5m");
    await ingestAll(daemon.url, SERIES, TIMES);
    await ingestAll(daemon.url, fiveMinutes, [1_699_999_500, 1_699_999_800]);
    const page = await open(browser, daemon);
    await untilLast(page, TIMES[2]);
    await page.keyboard.press("2");
    await untilLast(page, 1_699_999_800);
    expect(await chartOf(page).getAttribute("data-series")).toBe(fiveMinutes);
    expect(page.url()).toContain(`series=${fiveMinutes}`);
    await page.getByRole("radio", { name: "1m" }).click();
    await untilLast(page, TIMES[2]);
    expect(await page.getByRole("radio", { name: "1m" }).getAttribute("aria-checked")).toBe("true");
  });

  test("draws what the factors say, and hides what is switched off, also after a reload", async () => {
    const { daemon, last } = await recordedDaemon(500);
    const page = await open(browser, daemon, RECORDED);
    await untilDrawn(page, last);
    await screenshot(page, "live-dark");
    const whole = await stillChart(page);
    await switchFactor(page, "Zhongshu");
    const without = await stillChart(page);
    expect(without.equals(whole)).toBe(false);
    expect(page.url()).toContain("off=zhongshu.alive,zhongshu.dead");
    await page.reload();
    await untilDrawn(page, last);
    expect((await stillChart(page)).equals(without)).toBe(true);
    await switchFactor(page, "Zhongshu");
    expect((await stillChart(page)).equals(whole)).toBe(true);
  });

  test("shows a hole as one, and says what is known of it", async () => {
    const daemon = await startTestDaemon({ env: ENV });
    const [before, after] = [minutesFrom(1_699_998_000, 12), minutesFrom(1_699_999_200, 8)];
    await ingestAll(daemon.url, SERIES, [...before, ...after]);
    const page = await open(browser, daemon);
    await untilDrawn(page, after.at(-1) ?? 0);
    const note = page.locator("#hole-note");
    const { x, y, width, height } = (await chartOf(page).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const said = new Set<string>();
    for (let at = 0; at < width; at += 10) {
      await page.mouse.move(x + at, y + height / 2);
      if (await note.isVisible()) said.add(await note.innerText());
    }
    expect([...said]).toEqual(["No candles, and no record of why."]);
    await screenshot(page, "live-hole");
  });

  test("asks for a token when the daemon wants one, and uses it", async () => {
    browser.expectErrors(/401/);
    const daemon = await startTestDaemon({ env: ENV });
    await ingestAll(daemon.url, SERIES, TIMES);
    const page = await browser.newPage();
    const tokens: (string | undefined)[] = [];
    await page.route("**/api/**", async (route) => {
      const { authorization } = route.request().headers();
      tokens.push(authorization);
      if (authorization === "Bearer right") await route.fallback();
      else await route.fulfill({ status: 401, json: { detail: "token_required" } });
    });
    await page.goto(`${daemon.url}/live?series=${SERIES}`);
    await page.getByLabel("Token", { exact: true }).fill("right");
    await page.getByRole("button", { name: "Open" }).click();
    await untilLast(page, TIMES[2]);
    expect(tokens).toContain(undefined);
    expect(await page.evaluate<string>("Object.keys(localStorage).join()")).not.toContain("token");
    expect(page.url()).not.toContain("right");
  });

  test("finds a series by what is typed, and takes a whole id as it is", async () => {
    const daemon = await startTestDaemon({ env: ENV, whitelist: [SERIES, "binance:futures:ETH/USDT:1m"] });
    await ingestAll(daemon.url, SERIES, TIMES);
    const page = await open(browser, daemon, "binance:futures:ETH/USDT:1m");
    await page.keyboard.press("/");
    await page.getByRole("combobox", { name: "Search" }).fill("mainflow");
    await page.getByRole("option", { name: /TCMAINFLOW1/ }).waitFor();
    await page.keyboard.press("Enter");
    await untilLast(page, TIMES[2]);
    await page.keyboard.press("/");
    await page.getByRole("combobox", { name: "Search" }).fill("binance:spot:NEW/USDT:15m");
    await page.keyboard.press("Enter");
    await untilAttribute(chartOf(page), "data-series", (value) => value === "binance:spot:NEW/USDT:15m");
    expect(await chartOf(page).getAttribute("data-last-time")).toBeNull();
  });

  test("is whole on a small screen and in light", async () => {
    const { daemon, last } = await recordedDaemon(300);
    const page = await open(browser, daemon, RECORDED, { width: 390, height: 800, scheme: "light" });
    await untilDrawn(page, last);
    await screenshot(page, "live-small-light");
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(390);
    for (const name of ["Factors", "Replay", "Runtime"]) {
      expect(await page.getByRole("button", { name }).isVisible(), name).toBe(true);
    }
  });
});

/** A picture of the chart when it has settled: two that follow each other are the same. */
async function stillChart(page: Page): Promise<Buffer> {
  await page.mouse.move(0, 0);
  let before = await chartOf(page).screenshot();
  return until("a chart that has settled", async () => {
    const after = await chartOf(page).screenshot();
    const isStill = after.equals(before);
    before = after;
    return isStill ? after : undefined;
  });
}

async function switchFactor(page: Page, name: string): Promise<void> {
  await page.keyboard.press("f");
  await page.getByRole("checkbox", { name }).click();
  await page.keyboard.press("Escape");
}

function minutesFrom(time: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => time + i * 60);
}
