/** Replay on the page: known candles, by hand and played. What a moment shows is tested in test/web/replay/moment.test.ts. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { toWireCandle, type WireCandle } from "../../src/market/candle.js";
import { BATCH, post } from "../http/request.js";
import { startTestDaemon } from "../support/daemon.js";
import { recordedCandles } from "../support/recorded.js";
import { describeInBrowser, screenshot, type TestBrowser, untilAttribute } from "./support/browser.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const STORED = recordedCandles("BTCUSDT").slice(2_000, 3_000).map(toWireCandle);
const NEXT = recordedCandles("BTCUSDT").slice(3_000, 3_002).map(toWireCandle);

/** Candles of the replay, as the panel offers them. */
const REPLAYED = STORED.slice(-500);

const timeOf = (candle: WireCandle | undefined): string => String(candle?.candle_time);

/** The page at the replay panel of a daemon with a thousand recorded candles. */
async function openReplayPanel(browser: TestBrowser, env: Readonly<Record<string, string>> = {}) {
  const { url } = await startTestDaemon({
    env: {
      TRADE_CANVAS_ENABLE_DEV_API: "1",
      TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1",
      TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "1",
      ...env,
    },
  });
  await post(url, BATCH, { series_id: SERIES, candles: STORED });
  const page = await browser.newPage();
  await page.goto(`${url}/live?series=${SERIES}&panel=replay`);
  const chart = page.locator("#chart");
  await untilAttribute(chart, "data-last-time", (time) => time === timeOf(STORED.at(-1)));
  return { url, page, chart, panel: page.locator("#replay") };
}

async function startReplay(page: Page, panel: Locator): Promise<void> {
  await page.getByRole("button", { name: "Start replay" }).click();
  await untilAttribute(panel, "data-state", (state) => state === "open");
  await untilAttribute(panel, "data-shown-time", (time) => time === timeOf(REPLAYED[249]));
}

/** A package is built in every test, by a process that has to start. */
const LIMIT_MS = 60_000;

describeInBrowser("replay", (browser) => {
  test(
    "goes where it is told, shows that candle as the newest, and nothing later",
    async () => {
      const { page, chart, panel } = await openReplayPanel(browser);
      await startReplay(page, panel);
      const isAt = async (index: number) => {
        const time = timeOf(REPLAYED[index]);
        await untilAttribute(chart, "data-last-time", (shown) => shown === time);
        await untilAttribute(chart, "data-drawn-time", (drawn) => drawn === time);
        expect(await chart.getAttribute("data-last-close")).toBe(String(REPLAYED[index]?.close));
        expect(await chart.getAttribute("data-forming-time")).toBeNull();
        expect(await panel.getAttribute("data-index")).toBe(String(index));
      };
      await isAt(249);
      await page.getByRole("button", { name: "Step forward" }).click();
      await isAt(250);
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Shift+ArrowLeft");
      await isAt(239);
      await page.getByRole("slider", { name: "Candle" }).fill("480");
      await isAt(480);
      await page.keyboard.press("ArrowRight");
      await isAt(481);
      await page.getByRole("button", { name: "Step back" }).focus();
      await page.keyboard.press("Home");
      await isAt(0);
      expect(await page.getByRole("button", { name: "Step back" }).isDisabled()).toBe(true);
      await page.locator("body").focus();
      await page.keyboard.press("End");
      await isAt(499);
      await screenshot(page, "replay-end");
    },
    LIMIT_MS,
  );

  test(
    "plays every candle once, in order, and pauses",
    async () => {
      const { page, chart, panel } = await openReplayPanel(browser);
      await startReplay(page, panel);
      await page.evaluate(`
      window.shown = [];
      new MutationObserver(() => window.shown.push(document.querySelector("#chart").dataset.lastTime))
        .observe(document.querySelector("#chart"), { attributes: true, attributeFilter: ["data-last-time"] });
    `);
      await page.getByRole("combobox", { name: "Candles per second" }).selectOption("25");
      await page.getByRole("button", { name: "Play", exact: true }).click();
      await untilAttribute(panel, "data-index", (index) => Number(index) >= 300);
      await page.getByRole("button", { name: "Pause" }).click();
      await untilAttribute(panel, "data-playing", (playing) => playing === "false");
      const index = Number(await panel.getAttribute("data-index"));
      expect(await chart.getAttribute("data-last-time")).toBe(timeOf(REPLAYED[index]));
      const told = (await page.evaluate("window.shown")) as string[];
      const shown = told.filter((time, at) => time !== told[at - 1] && time !== timeOf(REPLAYED[249]));
      const expected = REPLAYED.slice(250, index + 1).map(timeOf);
      // A busy machine may skip candles to keep the pace, but never goes back or beyond.
      expect(shown).toEqual(expected.filter((time) => shown.includes(time)));
      expect(shown.length).toBeGreaterThan(10);
      await screenshot(page, "replay-played");
    },
    LIMIT_MS,
  );

  test(
    "keeps live candles off the chart, and gives them back when it is left",
    async () => {
      const { url, page, chart, panel } = await openReplayPanel(browser);
      await startReplay(page, panel);
      await post(url, "/api/market/ingest/candle_closed", { series_id: SERIES, candle: NEXT[0] });
      await page.keyboard.press("ArrowRight");
      await untilAttribute(chart, "data-last-time", (time) => time === timeOf(REPLAYED[250]));
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
      await screenshot(page, "replay-small");
      await page.getByRole("button", { name: "Back to live" }).click();
      await untilAttribute(chart, "data-last-time", (time) => time === timeOf(NEXT[0]));
      await post(url, "/api/market/ingest/candle_closed", { series_id: SERIES, candle: NEXT[1] });
      await untilAttribute(chart, "data-last-time", (time) => time === timeOf(NEXT[1]));
      await startAgainAndClosePanel(page, chart);
    },
    LIMIT_MS,
  );

  test(
    "that is closed says which setting opens it",
    async () => {
      browser.expectErrors(/404/);
      const { page } = await openReplayPanel(browser, { TRADE_CANVAS_ENABLE_REPLAY_PACKAGE: "0" });
      await page.getByRole("button", { name: "Start replay" }).click();
      await page.getByText("it opens with TRADE_CANVAS_ENABLE_REPLAY_PACKAGE=1").waitFor({ timeout: 5_000 });
    },
    LIMIT_MS,
  );
});

/** A panel that is closed in the middle of a replay is like one that was left. */
async function startAgainAndClosePanel(page: Page, chart: Locator): Promise<void> {
  await page.getByRole("button", { name: "Start replay" }).click();
  await untilAttribute(chart, "data-last-time", (time) => time !== timeOf(NEXT[1]));
  await page.locator("#replay-button").click();
  await untilAttribute(chart, "data-last-time", (time) => time === timeOf(NEXT[1]));
}
