import type { Page } from "playwright-core";
import { toWireCandle, type WireCandle } from "../../src/market/candle.js";
import { withoutChromium } from "../../test/browser/support/chromium.js";
import { type LaunchedBrowser, launchBrowser } from "../../test/browser/support/launch-browser.js";
import { recordedCandles } from "../../test/support/recorded.js";
import type { BenchmarkCase, Figures } from "../lib/case.js";
import { startDaemon } from "../lib/daemon.js";
import { connection } from "../lib/requests.js";
import { spread } from "../lib/stats.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const STORED = 5_000;
const OPENINGS = 12;
const CLOSES = 100;

/** Openings and closes before those that count. */
const WARM_UP = 2;

const LIMIT_MS = 15_000;

const candles = recordedCandles("BTCUSDT")
  .slice(0, STORED + WARM_UP + CLOSES)
  .map(toWireCandle);

/**
 * In the page: `whenShown(attribute, time)` resolves with the page's time in milliseconds, counted from the beginning of its navigation,
 * at the first frame in which the chart's attribute names the candle.
 */
const WATCH = `
  window.whenShown = (attribute, time) => new Promise((resolve) => {
    const look = () => {
      if (document.querySelector("#chart")?.getAttribute(attribute) !== String(time)) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { attributes: true, childList: true, subtree: true, attributeFilter: [attribute] });
    look();
  });
`;

async function open(page: Page, url: string, newest: WireCandle | undefined): Promise<number> {
  await page.addInitScript(`${WATCH}
    window.drawn = Promise.all(["data-last-time", "data-drawn-time"].map((name) => whenShown(name, ${newest?.candle_time})));
  `);
  await page.goto(`${url}/live?series=${SERIES}`, { timeout: LIMIT_MS });
  return Math.max(...((await page.evaluate("window.drawn")) as number[]));
}

/** From the request that brings a candle until it is seen, and until the drawing of that candle is. Milliseconds. */
async function close(page: Page, candle: WireCandle): Promise<{ readonly candle: number; readonly drawing: number }> {
  const body = JSON.stringify(JSON.stringify({ series_id: SERIES, candle }));
  const [began = 0, candleAt = 0, drawingAt = 0] = (await page.evaluate(`(async () => {
    const shown = ["data-last-time", "data-drawn-time"].map((name) => whenShown(name, ${candle.candle_time}));
    const began = performance.now();
    const headers = { "content-type": "application/json" };
    await fetch("/api/market/ingest/candle_closed", { method: "POST", headers, body: ${body} });
    return [began, ...(await Promise.all(shown))];
  })()`)) as number[];
  return { candle: candleAt - began, drawing: drawingAt - began };
}

async function measured(browser: LaunchedBrowser, url: string): Promise<Figures> {
  const openings: number[] = [];
  for (let round = -WARM_UP; round < OPENINGS; round += 1) {
    const took = await open(await browser.newPage(), url, candles[STORED - 1]);
    if (round >= 0) openings.push(took);
    await browser.closePages();
  }
  const page = await browser.newPage();
  await open(page, url, candles[STORED - 1]);
  const closes: Awaited<ReturnType<typeof close>>[] = [];
  for (const [at, candle] of candles.slice(STORED).entries()) {
    const took = await close(page, candle);
    if (at >= WARM_UP) closes.push(took);
  }
  await browser.closePages();
  const figures = (values: readonly number[]) => {
    const { p50, p99, max } = spread(values);
    return { p50_ms: p50, p99_ms: p99, max_ms: max };
  };
  return {
    open_to_drawn: figures(openings),
    close_to_candle: figures(closes.map(({ candle }) => candle)),
    close_to_drawing: figures(closes.map(({ drawing }) => drawing)),
  };
}

export const livePage: BenchmarkCase = {
  name: "live-page",
  measures: `the page in Chromium, with an empty cache: opened on ${STORED} recorded candles, and candles that close one after the other`,
  missing: () => (withoutChromium() === undefined ? undefined : "there is no Chromium"),
  run: async () => {
    const daemon = await startDaemon({ TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1" });
    const { send, close: hangUp } = connection(daemon.url);
    const body = JSON.stringify({ series_id: SERIES, candles: candles.slice(0, STORED) });
    await send({ path: "/api/dev/market/ingest/candles_closed_batch", body });
    hangUp();
    const browser = await launchBrowser();
    try {
      return await measured(browser, daemon.url);
    } finally {
      await browser.close();
      await daemon.stop();
    }
  },
};
