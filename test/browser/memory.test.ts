/** A page that stays open holds its memory. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startTestDaemon } from "../support/daemon.js";
import { BTC, startWorld, WORLD_START_MS } from "../support/world.js";
import { describeInBrowser, untilAttribute } from "./support/browser.js";

/** Seconds of the world per real second: a day takes a minute. */
const SPEED = 1_440;

const HOURS = 24;

/** Until then the page fills what is bounded: its log of events, and the caches of the browser. */
const SETTLED_HOURS = 6;

/**
 * Bytes that a candle and what is drawn with it may take: 20,000 of them are kept, so that is growth by intent, and a day has 1,440.
 * It is about 1,500 today; whatever is kept with every message, read or frame comes on top many times over.
 */
const CANDLE_BYTES = 4_000;

/** The log of events and all other lists at their bounds; an hour without bound would bring a thousand more. */
const MOST_ELEMENTS = 4_000;

/** Bytes of the page's heap that are in use after everything else was collected, and its elements. */
async function held(page: Page): Promise<{ readonly bytes: number; readonly elements: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return { bytes: usedSize, elements: Number(await page.evaluate("document.querySelectorAll('*').length")) };
}

/** The growth from one hour to the next: of all pairs of hours the median, which a single late collection does not move. */
function growthPerHour(values: readonly number[]): number {
  const slopes = values.flatMap((value, at) =>
    values.slice(at + 1).map((later, after) => (later - value) / (after + 1)),
  );
  return slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? Number.NaN;
}

describeInBrowser("a page that is open for a day", (browser) => {
  test("grows by its candles and by nothing else", async () => {
    const { clock, env } = await startWorld({ speed: SPEED });
    const settings = {
      TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
      TRADE_CANVAS_ENABLE_KLINE_HEALTH_V2: "1",
      TRADE_CANVAS_ENABLE_DEBUG_API: "1",
    };
    const { url } = await startTestDaemon({ clock, whitelist: [BTC], env: { ...env, ...settings } });
    const page = await browser.newPage();
    await page.goto(`${url}/live?series=${BTC}&panel=runtime`);
    const hours: Awaited<ReturnType<typeof held>>[] = [];
    for (let hour = 1; hour <= HOURS; hour += 1) {
      const timeS = WORLD_START_MS / 1_000 + hour * 3_600;
      await untilAttribute(page.locator("#chart"), "data-last-time", (time) => Number(time) >= timeS, 60_000);
      if (hour >= SETTLED_HOURS) hours.push(await held(page));
    }
    expect(growthPerHour(hours.map(({ bytes }) => bytes))).toBeLessThan(60 * CANDLE_BYTES);
    expect(Math.max(...hours.map(({ elements }) => elements))).toBeLessThan(MOST_ELEMENTS);
  }, 240_000);
});
